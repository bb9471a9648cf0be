// What runs now, and what of it cannot be stopped as one might think (facts 0, 3.2, 9). Pure.
import type { Check } from "../../../model/facts.ts";
import type { Grace } from "../../../model/goal.ts";
import type { CdapFacts, CdapRun } from "../facts.ts";
import { programText } from "../wire/programs.ts";
import { blocker, count, passed, seconds, some, warning } from "./check-kit.ts";
import { budgetOf } from "./verdicts.ts";

/** `app.program.terminate.time.buffer.secs` and `app.program.terminator.interval.secs` by default (facts 2.1). */
const setting = ({ structure: { config } }: CdapFacts, key: string, otherwise: number): number => {
  const value = Number(config[key] ?? Number.NaN);
  return Number.isFinite(value) ? value : otherwise;
};
/** After that many seconds of STOPPING no deadline of the server's own is left that could end it (facts 3.2). */
export const stuckAfterSeconds = (facts: CdapFacts): number =>
  (facts.structure.budgetSeconds ?? 300) +
  setting(facts, "app.program.terminate.time.buffer.secs", 60) +
  setting(facts, "app.program.terminator.interval.secs", 300);

const text = (run: CdapRun): string => `${programText(run)} ${run.runId}`;
const ageSeconds = (facts: CdapFacts, { since }: CdapRun): number => (since === null ? 0 : facts.now.observedAt / 1_000 - since);

/** `stops`: whether the goal stops runs at all. */
export function runChecks(facts: CdapFacts, stops: boolean, grace: Grace): readonly Check[] {
  const runs = facts.now.activeRuns;
  if (runs.length === 0)
    return [passed("runs", "programs", "no run is without an end, over all versions of all applications", { source: "facts 3.2" })];
  return [
    ...summary(facts),
    ...stuck(facts, stops),
    ...(stops ? [...several(facts), ...older(facts), ...starting(facts), ...budget(facts, grace)] : []),
  ];
}

function summary(facts: CdapFacts): readonly Check[] {
  const runs = facts.now.activeRuns;
  const children = runs.filter(({ childOf }) => childOf !== null).length;
  const states = [...Map.groupBy(runs, ({ status }) => status)].map(([status, of]) => `${String(of.length)} ${status}`);
  const own = children === 0 ? "" : `; ${count(children, "run")} of them started by a workflow, which is what can be stopped`;
  return [passed("runs", "programs", `${count(runs.length, "run")} without an end: ${states.join(", ")}${own}`, { source: "facts 0.2, 3.2" })];
}

function stuck(facts: CdapFacts, stops: boolean): readonly Check[] {
  const { activeRuns } = facts.now;
  const limit = stuckAfterSeconds(facts);
  const startLimit = setting(facts, "app.program.max.start.seconds", 300);
  const stopping = activeRuns.filter((run) => run.status === "STOPPING" && ageSeconds(facts, run) > limit);
  const begun = activeRuns.filter((run) => (run.status === "STARTING" || run.status === "PENDING") && ageSeconds(facts, run) > startLimit);
  const make = stops ? blocker : warning;
  return [
    ...stopping.map((run) =>
      make(
        "stuck",
        text(run),
        `STUCK: STOPPING for ${seconds(ageSeconds(facts, run))}, and after ${seconds(limit)} nothing of the server ends it any more`,
        {
          remedy: "Its controller is gone: end it on its cluster (yarn, kubectl), or restart appfabric.",
          ...(stops ? { price: "its drain never ends by itself: the run stands still at its deadline and asks" } : {}),
          source: "facts 0.4, cdap PR 16110",
        },
      ),
    ),
    ...begun.map((run) =>
      make("stuck", text(run), `STUCK: ${run.status} for ${seconds(ageSeconds(facts, run))}, more than app.program.max.start.seconds`, {
        remedy: "A run that starts is not drained: look at its logs and at its compute profile, and stop it by its run id.",
        ...(stops ? { price: "its drain may never end by itself: the run stands still at its deadline and asks" } : {}),
        source: "CDAP-16085",
      }),
    ),
  ];
}

function several(facts: CdapFacts): readonly Check[] {
  const groups = Map.groupBy(
    facts.now.activeRuns.filter(({ childOf }) => childOf === null),
    programText,
  );
  return [...groups].flatMap(([program, runs]): readonly Check[] =>
    runs.length < 2
      ? []
      : [
          warning("several-runs", program, `${count(runs.length, "run")} at the same time: ${some(runs.map(({ runId }) => runId))}`, {
            remedy:
              "Each is stopped by its run id and started again with its own arguments. (The vendor's page says of a stop without one: one of the runs, not all; servers stop all of the latest version.)",
            source: "facts 0.2; CD-13",
          }),
        ],
  );
}
function older(facts: CdapFacts): readonly Check[] {
  const found = facts.now.activeRuns.filter(({ ns, app, version }) => version !== (facts.structure.namespaces[ns]?.apps[app]?.version ?? version));
  return found.map((run) =>
    warning("older-version", text(run), "a run of an older version of its application: stop by program and /status do not see it", {
      remedy: "It is stopped by its run id; what is started again is the latest version.",
      source: "facts 0.2",
    }),
  );
}
function starting(facts: CdapFacts): readonly Check[] {
  const found = facts.now.activeRuns.filter(({ status }) => status === "STARTING" || status === "PENDING" || status === "RESUMING");
  if (found.length === 0) return [];
  return [
    warning("starting", "programs", `${count(found.length, "run")} not yet running: ${some(found.map(text))}`, {
      remedy: "They count as not drained: each is stopped by its run id as soon as the server lets it, or waited for.",
      source: "CDAP-13486",
    }),
  ];
}

/** Said before anything starts: what will kill a run, and after how long (CD-4, CD-5). */
function budget(facts: CdapFacts, grace: Grace): readonly Check[] {
  const effective = budgetOf(facts, grace);
  const source = "facts 2; CD-1, CD-4, CD-5";
  const stated = `runs that do not end by themselves are killed after ${effective.seconds === null ? "no time" : seconds(effective.seconds)}: ${effective.from}`;
  if (effective.seconds === null) return [passed("budget", "server", "runs are never killed: this build honours `graceful`", { source })];
  if (grace === "server") return [passed("budget", "server", stated, { source })];
  if (facts.structure.graceful !== "honoured" && (grace === "never" || grace > effective.seconds))
    return [
      warning("budget", "server", `${stated}, although ${grace === "never" ? "none shall be killed" : `they shall have ${seconds(grace)}`}`, {
        remedy: "Raise app.program.max.stop.seconds in cdap-site.xml and restart appfabric before, or stop the sources first.",
        source,
      }),
    ];
  return [passed("budget", "server", stated, { source })];
}
