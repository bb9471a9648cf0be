// The counted rows of the impact table, from the proofs of steps, what the watches saw, and the facts before and after (`SystemDriver.count`). Pure.
import type { Counted, StepEvidence } from "../../model/driver.ts";
import type { Watched } from "../../model/watch.ts";
import { countAlerts, countGenerated } from "./count-alerts.ts";
import { askedFirst, killedIn, rerunIn } from "./evidence.ts";
import type { DpFacts } from "./facts.ts";
import { counted, type CountedWhat } from "./impact/features.ts";
import { alertRecords } from "./watches/alert-records.ts";
import { lateKey, sentByPlatform } from "./watches/platform-events.ts";
import { realtimeAlerts } from "./watches/realtime-events.ts";

type Counts = Readonly<Record<string, Counted>>;

export function count(evidence: readonly StepEvidence[], watched: Watched | null, before: DpFacts, after: DpFacts | null): Counts {
  return {
    ...ofSteps(evidence),
    ...ofFacts(before, after),
    ...countGenerated(before, after),
    ...(watched === null ? {} : read(watched, before, { ...ofWatches(watched, killedIn(evidence)), ...countAlerts(watched) })),
  };
}

/** Which lists tell of it. */
const readFrom: Partial<Record<CountedWhat, readonly string[]>> = {
  [counted.held]: [counted.held],
  [counted.offlineAlertsLate]: [counted.offlineAlertsLate],
  [counted.falseTimeouts]: [counted.falseTimeouts],
  [counted.offlineAlertsLost]: [alertRecords.offlineRaised, alertRecords.offlineSent],
  [counted.apiAlertsMissing]: [alertRecords.apiRaised],
  [counted.realtimeAlertsDropped]: [realtimeAlerts, sentByPlatform],
};
/** Only what could be read to the end: that nothing was found is no evidence where nobody could look. */
function read({ blind = [] }: Watched, before: DpFacts, counts: Counts): Counts {
  const unread = new Set(blind.map(({ watch }) => watch));
  // No runtime is named, or it did not answer when the run began.
  if (before.now.realtime === null) unread.add(realtimeAlerts);
  const from: Readonly<Record<string, readonly string[]>> = readFrom;
  return Object.fromEntries(Object.entries(counts).filter(([what]) => !(from[what] ?? []).some((watch) => unread.has(watch))));
}

function ofSteps(evidence: readonly StepEvidence[]): Counts {
  // In a mode that terminates nothing there is nothing to count.
  if (!evidence.some((each) => each.do === "listRunning")) return {};
  const [killed, again] = [killedIn(evidence), rerunIn(evidence)];
  const reruns = [...again.values()];
  const succeeded = reruns.filter(({ end }) => end === "succeeded").length;
  const asked = askedFirst(evidence);
  const left = [...killed.keys()].filter((id) => !again.has(id));
  const skipped = left.filter((id) => asked.has(id)).length;
  const failed = reruns.filter(({ end }) => end === "failed" || end === "vanished").length;
  const twice = reruns.reduce((sum, { runs }) => sum + Math.max(0, runs.filter(({ status }) => status === "SUCCESS").length - 1), 0);
  return {
    [counted.killed]: { value: killed.size, evidence: "killInstances: task runs that ended after the terminate was sent" },
    [counted.rerun]: { value: succeeded, evidence: "rerunInstances: a later task run of the same instance, with status SUCCESS" },
    [counted.notRerun]: {
      value: left.length - skipped + failed,
      evidence: `rerunInstances: ${String(left.length - skipped)} were not run again, ${String(failed)} failed; ${String(skipped)} left to the operator, who was asked`,
    },
    [counted.rerunTwice]: { value: twice, evidence: "rerunInstances: successful task runs after the terminate, beyond one for each instance" },
  };
}

/** What ran before and runs after, with another start than before: its run was disturbed. One that has ended meanwhile tells nothing. */
function ofFacts(before: DpFacts, after: DpFacts | null): Counts {
  const [was, is] = [before.now.instances?.running ?? null, after?.now.instances?.running ?? null];
  if (was === null || is === null) return {};
  const starts = new Map(is.map(({ id, startedAt }) => [id, startedAt]));
  const both = was.filter(({ id }) => starts.has(id));
  // All of them have ended meanwhile: nothing tells of any.
  if (was.length > 0 && both.length === 0) return {};
  const disturbed = both.filter(({ id, startedAt }) => starts.get(id) !== startedAt).length;
  return {
    [counted.undisturbed]: {
      value: disturbed,
      evidence: `${String(both.length)} of ${String(was.length)} instances that ran before still run; ${String(disturbed)} of them began again`,
    },
  };
}

function ofWatches({ events }: Watched, killed: ReadonlyMap<string, unknown>): Counts {
  // What was killed and run again had been dispatched in time: it is counted as that, and not as late.
  const again = new Set([...killed.keys()].map(lateKey));
  const of = (name: string) => events.filter(({ watch, key }) => watch === name && !(name === counted.held && again.has(key)));
  const counts: Record<string, Counted> = {};
  const late: readonly (readonly [string, string])[] = [
    [counted.held, "ListInstances: started more than 60 s after they were due"],
    [counted.offlineAlertsLate, "ListAlertNotifications: sent more than 60 s after the instance had ended"],
    [counted.falseTimeouts, "ListAlertEvents: a run-timeout raised after the instance had succeeded by its own times"],
  ];
  for (const [name, source] of late) counts[name] = { value: of(name).length, evidence: source };
  const seen = of(realtimeAlerts);
  const sent = of(sentByPlatform);
  const dropped = seen.filter(({ object, at }) => !sent.some((each) => each.object === object && Math.abs(each.at - at) < SAME_MS));
  counts[counted.realtimeAlertsDropped] = {
    value: dropped.length,
    evidence: `${String(seen.length)} failures that the runtime itself tells of, ${String(seen.length - dropped.length)} of which the platform sent an alert about`,
  };
  return counts;
}
/** An alert about it is sent within a few rounds of the alert engine. */
const SAME_MS = 60_000;
