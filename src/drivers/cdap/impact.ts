// What users will feel, with the rule that says so. Pure.
import type { Goal, Mode } from "../../model/goal.ts";
import type { ImpactForecast } from "../../model/impact.ts";
import { isUndo, type Step, type Turn } from "../../model/step.ts";
import { seconds } from "./checks/check-kit.ts";
import { nameOf } from "./checks/selection.ts";
import { budgetOf, changedApps, graceOf, verdicts } from "./checks/verdicts.ts";
import { counted } from "./count-names.ts";
import type { CdapFacts, CdapRun } from "./facts.ts";
import { meansRun } from "./ledger/inputs.ts";
import { isContinuous } from "./ledger/run-records.ts";
import { planOptions, type PlanOptions } from "./planning/options.ts";
import type { StepName } from "./step-names.ts";
import { apiFeature } from "./watches.ts";

/** Milliseconds, until runs of this instance are known. */
const usual = { schedules: 5_000, startAgain: 60_000, replace: 10 * 60_000, ready: 2 * 60_000, oneApp: 1_000 } as const;
const sources = {
  schedules: "facts 3.3, 5.2: all are suspended, or the drain itself would trigger new runs",
  runs: "facts 0.2, 3.2, 5.2; CD-2, CD-15",
  stopped: "facts 0.2, 3.2; CD-12, CD-15",
  goingOn: "facts 0.8: an old run continues on the old version",
  platform: "facts 5.1, 5.2: the instance is stopped, and restarts no pipeline by itself",
  records: "facts 4.2; CD-7",
  unsupported: "facts 4.3; CD-8",
} as const;

interface Frame {
  readonly facts: CdapFacts;
  readonly goal: Goal;
  readonly options: PlanOptions;
  readonly turns: readonly Turn[];
}
const stepsOf = (turn: Turn): readonly Step[] => turn.items.flatMap((item) => (isUndo(item) ? [] : [item]));
/** The first step that does it, with its turn. */
function find(turns: readonly Turn[], operation: StepName): { readonly turn: Turn; readonly step: Step } | null {
  for (const turn of turns) {
    const step = stepsOf(turn).find((each) => each.do === operation);
    if (step !== undefined) return { turn, step };
  }
  return null;
}
/** From the step on, until the end of the plan, where held steps are put back. */
const fromOn = (turns: readonly Turn[], from: Step): number => {
  const all = turns.flatMap(stepsOf);
  return all.slice(all.indexOf(from)).reduce((sum, { expectedMs = 0 }) => sum + expectedMs, 0);
};

export function impact(facts: CdapFacts, goal: Goal, mode: Mode, turns: readonly Turn[]): readonly ImpactForecast[] {
  const options = planOptions(goal);
  if ("refused" in options) return [];
  const frame: Frame = { facts, goal, options, turns };
  return [
    ...platformRows(frame),
    ...scheduleRows(frame),
    ...runRows(frame),
    ...stopRows(frame),
    ...(mode === "zero-downtime" ? goingOnRows(frame) : []),
    ...recordRows(frame),
  ];
}

function platformRows({ turns, options }: Frame): readonly ImpactForecast[] {
  const replaced = find(turns, "replacePlatform") ?? find(turns, "awaitReplacement");
  if (replaced === null) {
    const turn = turns[0];
    if (turn === undefined || options.of === "platform") return [];
    return [
      {
        feature: apiFeature,
        turn: turn.id,
        effect: "none",
        expectedMs: 0,
        basis: "CDAP itself is not touched",
        source: sources.runs,
        measure: { by: "watch", feature: apiFeature, of: "longest" },
      },
    ];
  }
  return [
    {
      feature: apiFeature,
      turn: replaced.turn.id,
      effect: "refused",
      expectedMs: (replaced.step.expectedMs ?? usual.replace) + usual.ready,
      basis: "driver default: the vendor says up to an hour",
      source: sources.platform,
      measure: { by: "watch", feature: apiFeature, of: "total" },
    },
  ];
}

function scheduleRows({ facts, turns }: Frame): readonly ImpactForecast[] {
  const held = find(turns, "suspendSchedules");
  if (held === null) return [];
  const { scheduled } = facts.now.schedules;
  return [
    {
      feature: "pending work: schedules",
      turn: held.turn.id,
      effect: scheduled === 0 ? "none" : "paused",
      expectedMs: fromOn(turns, held.step),
      basis: "driver default; what is due meanwhile does not run, and is not run afterwards",
      source: sources.schedules,
      measure: { by: "lease-held", step: held.step.id },
    },
    {
      feature: "pending work: schedules suspended, and enabled again",
      turn: held.turn.id,
      effect: scheduled === 0 ? "none" : "paused",
      expectedMs: usual.schedules,
      basis: "as they are now",
      source: sources.schedules,
      amount: { value: scheduled, unit: "schedules" },
      measure: { by: "count", what: counted.schedulesSuspended },
    },
  ];
}

/** Runs that will be drained: workflows' own runs, not their children. */
function drained({ facts, goal, options, turns }: Frame): readonly CdapRun[] {
  const runs = facts.now.activeRuns.filter(({ childOf }) => childOf === null);
  if (find(turns, "drain") === null) return [];
  if (options.of === "platform") return runs;
  const upgraded = changedApps(facts, goal, options);
  return runs.filter((run) => upgraded.has(nameOf(run)));
}

function runRows(frame: Frame): readonly ImpactForecast[] {
  const { facts, goal, options, turns } = frame;
  const drain = find(turns, "drain");
  if (drain === null) return [];
  const runs = drained(frame);
  const lasting = runs.filter(isContinuous);
  const batch = runs.filter((run) => !isContinuous(run));
  const budget = budgetOf(facts, graceOf(goal, options));
  const basis = `runs as they are now; each has ${budget.seconds === null ? "as long as it needs" : seconds(budget.seconds)} to end by itself: ${budget.from}`;
  const waits = options.batch === "wait";
  return [
    {
      feature: "running work: services, workers, real-time pipelines",
      turn: drain.turn.id,
      effect: lasting.length === 0 ? "none" : "paused",
      expectedMs: fromOn(turns, drain.step) + usual.startAgain,
      basis,
      source: sources.runs,
      measure: { by: "lease-held", step: drain.step.id },
    },
    {
      feature: "running work: runs stopped, and started again",
      turn: drain.turn.id,
      effect: runs.length === 0 ? "none" : "paused",
      expectedMs: usual.startAgain,
      basis,
      source: sources.runs,
      amount: { value: runs.length, unit: "runs" },
      measure: { by: "count", what: counted.runsStopped },
    },
    {
      feature: "running work: batch runs that begin anew",
      turn: drain.turn.id,
      effect: batch.length === 0 || waits ? "none" : "lost",
      expectedMs: 0,
      basis: waits ? "they are waited for" : "they begin anew when they are started again",
      source: sources.runs,
      amount: { value: waits ? 0 : batch.length, unit: "runs" },
      measure: { by: "count", what: counted.batchRunsCut },
    },
  ];
}

/** Of a stop by itself (CD-12): nothing starts them again but `programs start`. */
function stopRows({ facts, goal, turns }: Frame): readonly ImpactForecast[] {
  const stop = find(turns, "stopPrograms");
  if (stop === null || goal.maintenance?.is !== "stop-programs") return [];
  const { inputs } = goal.maintenance;
  const runs = facts.now.activeRuns.filter((run) => run.childOf === null && inputs.some((input) => meansRun(input, run)));
  const batch = runs.filter((run) => !isContinuous(run));
  const row = { turn: stop.turn.id, expectedMs: 0, source: sources.stopped } as const;
  return [
    {
      ...row,
      feature: "running work: runs stopped, until they are started again",
      effect: runs.length === 0 ? "none" : "paused",
      basis: "runs as they are now",
      amount: { value: runs.length, unit: runs.length === 1 ? "run" : "runs" },
      measure: { by: "count", what: counted.runsStopped },
    },
    {
      ...row,
      feature: "running work: batch runs cut short",
      effect: batch.length === 0 ? "none" : "lost",
      basis: "runs as they are now; they begin anew when they are started again",
      amount: { value: batch.length, unit: batch.length === 1 ? "run" : "runs" },
      measure: { by: "count", what: counted.batchRunsCut },
    },
  ];
}

function goingOnRows({ facts, goal, options, turns }: Frame): readonly ImpactForecast[] {
  const turn = find(turns, "upgradeApps")?.turn;
  if (turn === undefined) return [];
  const upgraded = changedApps(facts, goal, options);
  const runs = facts.now.activeRuns.filter((run) => run.childOf === null && upgraded.has(nameOf(run)));
  return [
    {
      feature: "running work: runs that go on with their version",
      turn: turn.id,
      effect: "none",
      expectedMs: 0,
      basis: "runs as they are now",
      source: sources.goingOn,
      amount: { value: runs.length, unit: "runs" },
      measure: null,
    },
  ];
}

/** The loss forecast of each real-time pipeline (CD-7). That a run ended by itself is what can be measured from here; its records only its own source and sink know. */
function recordRows({ facts, goal, options, turns }: Frame): readonly ImpactForecast[] {
  const turn = find(turns, "drain")?.turn ?? find(turns, "stopPrograms")?.turn ?? find(turns, "upgradeApps")?.turn;
  if (turn === undefined) return [];
  return verdicts(facts, goal, options).flatMap(({ name, pipeline, verdict }): readonly ImpactForecast[] => {
    if (verdict.way === "untouched") return [];
    const row = { feature: `records of ${name}`, turn: turn.id, expectedMs: 0 } as const;
    const runs = facts.now.activeRuns.filter(({ ns, app, program }) => ns === pipeline.ns && app === pipeline.app && program === pipeline.program);
    switch (verdict.is) {
      case "no-loss": {
        const measure = runs.length === 0 ? null : ({ by: "count", what: counted.cutShort(name) } as const);
        return [{ ...row, effect: "none", basis: verdict.because, source: sources.records, amount: { value: 0, unit: "runs cut short" }, measure }];
      }
      case "loss-possible": {
        const value = Math.max(1, runs.length);
        const amount = { value, unit: value === 1 ? "run with what it holds" : "runs with what they hold" };
        return [{ ...row, effect: "lost", basis: verdict.because.join("; "), source: sources.records, amount, measure: null }];
      }
      case "not-supported":
        return [{ ...row, effect: "refused", basis: verdict.because, source: sources.unsupported, measure: null }];
    }
  });
}
