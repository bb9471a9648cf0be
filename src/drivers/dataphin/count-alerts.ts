// What became of alerts, from the platform's own records, and of the next day's instances, from facts. Pure.
import type { Counted } from "../../model/driver.ts";
import type { Watched } from "../../model/watch.ts";
import { classWords } from "./api-words.ts";
import { apiClasses, type DpFacts } from "./facts.ts";
import { counted } from "./impact/features.ts";
import { alertRecords } from "./watches/alert-records.ts";
import { clockTime, crossings, generationHour } from "./window.ts";

type Counts = Readonly<Record<string, Counted>>;
/** An API that fails should have raised an alert within so long, where there is a rule for it. Milliseconds. */
const FAILED_MS = 60_000;
/** Times of the platform's lists have whole seconds. */
const SECOND_MS = 1_000;
const dayMs = 86_400_000;

export function countAlerts({ features, events }: Watched): Counts {
  const of = (name: string) => events.filter(({ watch }) => watch === name);
  const sent = new Set(of(alertRecords.offlineSent).map(({ key }) => key));
  const raised = of(alertRecords.offlineRaised);
  const lost = raised.filter(({ key }) => !sent.has(key)).length;
  const classes = new Set<string>(apiClasses.flatMap((each) => classWords[each].feature ?? []));
  const called = features.filter(({ feature, tries }) => classes.has(feature) && tries > 0);
  const failures = called.flatMap(({ outages }) => outages.filter(({ from, to }) => (to ?? Number.POSITIVE_INFINITY) - from >= FAILED_MS));
  const told = of(alertRecords.apiRaised);
  // What is raised once the application is back is no alert of the gap.
  const untold = failures.filter(({ from }) => !told.some(({ at }) => at >= from - SECOND_MS && at <= from + FAILED_MS)).length;
  return {
    [counted.offlineAlertsLost]: {
      value: lost,
      evidence: `ListAlertEvents and ListAlertNotifications: ${String(raised.length)} events raised, ${String(raised.length - lost)} of them sent`,
    },
    // Of what nobody called, nobody knows whether it failed.
    ...(called.length === 0
      ? {}
      : {
          [counted.apiAlertsMissing]: {
            value: untold,
            evidence: `${String(failures.length)} times a class of APIs failed for more than 60 s; ${String(failures.length - untold)} of them had an API alert within 60 s`,
          },
        }),
  };
}

/** Whether they were made at all: how many of a day there should be, no list tells. */
export function countGenerated(before: DpFacts, after: DpFacts | null): Counts {
  const [was, is] = [before.now.instances, after?.now.instances ?? null];
  if (was === null || is === null || after === null) return {};
  const { timeZone } = after.structure;
  const [night] = crossings({ from: before.now.at, to: after.now.at }, timeZone, generationHour);
  if (night === undefined) return { [counted.notGenerated]: { value: 0, evidence: "the run did not cross 23:00" } };
  // Per node and day the lists have no more than a due time: what was due in the day before, and what is due in the next one.
  const [midnight = night] = crossings({ from: night, to: night + dayMs }, timeZone, 0);
  const dueFrom = (facts: readonly (readonly [number, number])[], from: number): number =>
    facts.reduce((sum, [minute, instances]) => (minute >= Math.max(from, after.now.at) && minute < from + dayMs ? sum + instances : sum), 0);
  const next = dueFrom(is.due, midnight);
  return {
    [counted.notGenerated]: {
      value: next > 0 ? 0 : was.pending,
      evidence: `${String(next)} instances are due on the day after ${clockTime(night, timeZone)}, as ListInstances has them`,
    },
  };
}
