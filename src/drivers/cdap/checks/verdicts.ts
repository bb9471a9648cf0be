// What a stop, an upgrade or a new deployment does to the records of a real-time pipeline, and why (CD-6 to CD-8; facts 4.2, 4.3). Pure.
import { meansProgram } from "../ledger/inputs.ts";
import { goalKind, type Goal, type Grace } from "../../../model/goal.ts";
import type { CdapFacts, CdapPipeline } from "../facts.ts";
import { behavioursOf } from "../matrix/behaviours.ts";
import type { PlanOptions } from "../planning/options.ts";
import { seconds } from "./check-kit.ts";
import { moves, nameOf, selectApps, selectedApp, type SelectedApp } from "./selection.ts";

/** Of `app.program.max.stop.seconds` (facts 2.1). */
export const defaultBudgetSeconds = 300;

/**
 * What becomes of it: not touched; stopped, and the same deployment started again; the same across a new version of CDAP; upgraded by the API, which keeps
 * its state; deployed anew, which makes a new pipelineId and so forgets its checkpoint.
 */
export type Way = "untouched" | "stop" | "platform" | "api" | "redeploy";

export type PipelineVerdict =
  | { readonly is: "no-loss"; readonly way: Way; readonly because: string }
  | { readonly is: "loss-possible"; readonly way: Way; readonly because: readonly string[]; readonly wayAround: string }
  | { readonly is: "not-supported"; readonly way: Way; readonly because: string; readonly wayAround: string };

export interface Budget {
  /** After that the run is killed; null: never. */
  readonly seconds: number | null;
  /** Where it comes from, in words. */
  readonly from: string;
}
/** How long a run really has to end by itself: ours, or the server's own when that is shorter (CD-4, CD-5; facts 2). */
export function budgetOf(facts: CdapFacts, grace: Grace): Budget {
  const { budgetSeconds, graceful } = facts.structure;
  const server: Budget = {
    seconds: budgetSeconds ?? defaultBudgetSeconds,
    from:
      budgetSeconds === null
        ? `the server's default of ${String(defaultBudgetSeconds)} s, because its configuration may not be read here`
        : `app.program.max.stop.seconds=${String(budgetSeconds)} of the server`,
  };
  if (graceful === "honoured")
    return grace === "server"
      ? server
      : grace === "never"
        ? { seconds: null, from: "`graceful` without a number, which this build honours" }
        : { seconds: grace, from: `graceful=${String(grace)}, which this build honours` };
  if (typeof grace === "number" && grace < (server.seconds ?? grace + 1))
    return { seconds: grace, from: `the ${String(grace)} s that were asked for` };
  return server;
}

export const graceOf = ({ maintenance }: Goal, { grace }: Pick<PlanOptions, "grace">): Grace =>
  maintenance?.is === "stop-programs" ? maintenance.grace : grace;

/** The last batch waits for its boundary, is worked off, and so is what had queued up before it: with less than that, an ordinary pipeline may be killed. */
const drainSeconds = ({ batchIntervalMs }: CdapPipeline): number => (3 * (batchIntervalMs ?? 10_000)) / 1_000 + 30;

const around = {
  api: "Stop it gracefully, export it, deploy it with the new artefacts, start it (facts 4.3): `-o real-time=redeploy` does that, `-o real-time=leave` leaves it as it is.",
  loss: "Stop its source first and wait until everything has arrived, or turn write-ahead logs and checkpoints on and start it anew before.",
  budget: "Raise app.program.max.stop.seconds in cdap-site.xml and restart appfabric before, or stop its source first and wait until its lag is 0.",
  unknown:
    "Look at its program: GET /v3/namespaces/NS/apps/APP/spark/PROGRAM, `properties.pipeline`, and at spark.streaming.receiver.writeAheadLog.enable.",
} as const;

/** How the goal treats it. `running`: it has a run without an end. */
export function wayOf(facts: CdapFacts, goal: Goal, options: PlanOptions, pipeline: CdapPipeline): Way {
  const { maintenance } = goal;
  if (maintenance)
    return maintenance.is === "stop-programs" && maintenance.inputs.some((input) => meansProgram(input, { ...pipeline, type: "spark" }))
      ? "stop"
      : "untouched";
  const chosen = selectedApp(facts, options.apps, pipeline);
  const upgraded = chosen !== null && (moves(facts, chosen, goal, options) || comesWithPlatform(chosen, goal, options));
  // Also after CDAP itself: what the call does not take is refused, not left behind without a word.
  if (upgraded && (takenByApi(upgrader(facts, goal, options), pipeline) || options.realTime === "refuse")) return "api";
  if (upgraded && options.realTime === "redeploy" && pipeline.known) return "redeploy";
  return options.of === "platform" && goalKind(goal) === "version" ? "platform" : "untouched";
}
/** Version of the server that upgrades applications: after CDAP itself, the new one. */
const upgrader = (facts: CdapFacts, goal: Goal, { of }: PlanOptions): string | null =>
  of === "platform" && goalKind(goal) === "version" ? goal.version : facts.structure.version;
/** CDAP's own artefacts have its version: the newer one is not there before it is replaced. */
const comesWithPlatform = ({ now: { artifact } }: SelectedApp, goal: Goal, { of }: PlanOptions): boolean =>
  of === "platform" &&
  goalKind(goal) === "version" &&
  artifact.scope === "SYSTEM" &&
  artifact.name.startsWith("cdap-") &&
  artifact.version !== goal.version;
const takenByApi = (version: string | null, { mode, known }: CdapPipeline): boolean =>
  !known || (mode === "STATE_STORE" && behavioursOf(version)?.upgradesStateStore === true);

/** Names of the applications that the goal changes; real-time pipelines that it leaves as they are do not count. */
export function changedApps(facts: CdapFacts, goal: Goal, options: PlanOptions): ReadonlySet<string> {
  const left = new Set(facts.now.pipelines.filter((each) => each.known && wayOf(facts, goal, options, each) === "untouched").map(nameOf));
  const moved = selectApps(facts, options.apps).apps.filter((each) => moves(facts, each, goal, options));
  return new Set(moved.map(nameOf).filter((name) => !left.has(name)));
}

export function verdictOf(facts: CdapFacts, goal: Goal, options: PlanOptions, pipeline: CdapPipeline): PipelineVerdict {
  const way = wayOf(facts, goal, options, pipeline);
  if (way === "untouched") return { is: "no-loss", way, because: "it is not stopped, and stays as it is" };
  if (way === "api" && !takenByApi(upgrader(facts, goal, options), pipeline))
    return {
      is: "not-supported",
      way,
      because: `upgrading a real-time pipeline with state mode ${pipeline.mode ?? "unknown"} is answered with 501 (CD-8)`,
      wayAround: around.api,
    };
  const running = facts.now.activeRuns.some(({ ns, app, program }) => ns === pipeline.ns && app === pipeline.app && program === pipeline.program);
  const lost = reasons(pipeline, way, running, budgetOf(facts, graceOf(goal, options)));
  if (lost.length > 0) return { is: "loss-possible", way, because: lost.map(({ why }) => why), wayAround: lost[0]?.around ?? around.loss };
  return { is: "no-loss", way, because: noLossWords(pipeline, way, running) };
}

interface Reason {
  readonly why: string;
  readonly around: string;
}
/** Why records may get lost; none: nothing that is known here takes them. */
function reasons(pipeline: CdapPipeline, way: Way, running: boolean, budget: Budget): readonly Reason[] {
  const { mode, modeFrom, wal, walFrom, stopGracefully, sources, known } = pipeline;
  if (!known)
    return running
      ? [{ why: "code of its own with a Spark program: whether it streams, and what it keeps, is not known", around: around.unknown }]
      : [];
  if (mode === "STATE_STORE") return [];
  if (mode === null) return [{ why: `how it keeps its state is not known: ${modeFrom}`, around: around.unknown }];
  const found: Reason[] = [];
  const forgets = way === "redeploy" || way === "platform";
  const passesOver = sources.filter(({ kind, begins }) => kind !== "receiver" && begins !== "earliest");
  const receivers = sources.length === 0 || sources.some(({ kind }) => kind !== "log");
  // What a log still has can be read again, if anybody remembers from where.
  if (mode === "NONE" && passesOver.length > 0 && !receivers)
    found.push({ why: `it keeps no state (${modeFrom}), and ${names(passesOver)} begins with what comes next`, around: around.loss });
  if (mode === "SPARK_CHECKPOINTING" && forgets && passesOver.length > 0 && !receivers)
    found.push({
      why:
        way === "redeploy"
          ? `its offsets are in its checkpoint, which a new deployment forgets, and ${names(passesOver)} begins with what comes next`
          : `its offsets are in its checkpoint, which another Spark may not read, and ${names(passesOver)} begins with what comes next`,
      around: around.loss,
    });
  if (!receivers || !running) return found;
  if (mode === "NONE") found.push({ why: `it keeps no state: what its receiver holds is lost (${modeFrom})`, around: around.loss });
  else if (wal !== true)
    found.push({
      why:
        wal === false
          ? `its write-ahead log is off (${walFrom}): what its receiver holds is lost`
          : `whether its write-ahead log is on is not known (${walFrom})`,
      around: wal === false ? around.loss : around.unknown,
    });
  if (mode === "SPARK_CHECKPOINTING" && wal === true && forgets) found.push(...killed(pipeline, way, budget, stopGracefully));
  return found;
}

/** With a write-ahead log nothing is lost as long as the run may end by itself: what it leaves in the log is found only by the same deployment. */
function killed(pipeline: CdapPipeline, way: Way, budget: Budget, stopGracefully: boolean | null): readonly Reason[] {
  const left =
    way === "redeploy" ? "what it leaves in its log is forgotten by a new deployment" : "another Spark may not read what it leaves in its log";
  if (stopGracefully === false) return [{ why: `stopGracefully is off in its configuration: ${left}`, around: around.loss }];
  const needed = drainSeconds(pipeline);
  if (budget.seconds !== null && budget.seconds < needed)
    return [
      {
        why: `it may be killed after ${seconds(budget.seconds)} (${budget.from}), and three batches and their work are ${seconds(needed)}: ${left}`,
        around: around.budget,
      },
    ];
  return [];
}
const names = (sources: readonly { readonly plugin: string }[]): string => sources.map(({ plugin }) => plugin).join(", ");

function noLossWords({ mode, modeFrom, walFrom }: CdapPipeline, way: Way, running: boolean): string {
  if (mode === "STATE_STORE") return `its state is kept in CDAP by the application's name (${modeFrom})`;
  if (!running) return "it does not run, so nothing is in flight";
  if (mode === "NONE") return `its source is read from its first record again: duplicates, no loss (${modeFrom})`;
  const log = `its write-ahead log is on (${walFrom})`;
  return way === "stop" ? `${log}, and the same deployment reads it` : `${log}, and it is let end by itself`;
}

/** What is done with every real-time pipeline, in the order of their names. */
export const verdicts = (
  facts: CdapFacts,
  goal: Goal,
  options: PlanOptions,
): readonly { readonly pipeline: CdapPipeline; readonly name: string; readonly verdict: PipelineVerdict }[] =>
  facts.now.pipelines.map((pipeline) => ({ pipeline, name: nameOf(pipeline), verdict: verdictOf(facts, goal, options, pipeline) }));
