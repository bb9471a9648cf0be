// How many things of this installation a row is about, at most. Pure.
import type { DpFacts } from "../facts.ts";
import type { Declared } from "../options.ts";
import type { Window } from "../window.ts";
import { crossings, generationHour } from "../window.ts";
import type { AmountName } from "./rows.ts";
import type { Spans } from "./spans.ts";

export interface Amount {
  readonly value: number;
  readonly unit: string;
  readonly basis: string;
}
/** A real-time job has a checkpoint each 3 minutes (facts 2.5): it cannot fail more often. */
const checkpointMs = 180_000;
const dayMs = 86_400_000;

/** Instances that are due in [from, to), by the minute. */
export const dueIn = (facts: DpFacts, from: number, to: number): number =>
  (facts.now.instances?.due ?? []).reduce((sum, [minute, instances]) => (minute >= from - 60_000 && minute < to ? sum + instances : sum), 0);

/** A stretch may begin earlier or later than the plan expects, and last half as long again: the most that are due in any such stretch of [from, to). */
function dueAtMost(facts: DpFacts, from: number, to: number, lengthMs: number): number {
  const due = (facts.now.instances?.due ?? []).filter(([minute]) => minute >= from - 60_000 && minute < to);
  const longest = lengthMs * 1.5;
  return due.reduce((most, [begin]) => {
    const inside = due.reduce((sum, [minute, instances]) => (minute >= begin && minute < begin + longest ? sum + instances : sum), 0);
    return Math.max(most, inside);
  }, 0);
}

/** Null: nobody can tell. */
export function amountOf(name: AmountName, facts: DpFacts, window: Window, spans: Spans, declared: Declared): Amount | null {
  const { instances } = facts.now;
  const running = instances?.running.length ?? null;
  const perMinute = "as ListInstances has them now, by the minute in which they are due";
  switch (name) {
    case "none":
      return { value: 0, unit: "instances", basis: "none" };
    case "instances that run or start before dispatch stops":
      return running === null
        ? null
        : {
            value: running + dueIn(facts, facts.now.at - dayMs, window.from + spans("until dispatch stops")),
            unit: "instances",
            basis: `${String(running)} run now; ${perMinute}`,
          };
    case "instances due while dispatch is stopped":
      return instances === null
        ? null
        : { value: dueAtMost(facts, window.from, window.from + spans("whole turn"), spans("dispatch stopped")), unit: "instances", basis: perMinute };
    case "instances due while the application is upgraded":
      return instances === null
        ? null
        : {
            value: dueAtMost(facts, window.from, window.from + spans("whole turn"), spans("application upgrade")),
            unit: "instances",
            basis: perMinute,
          };
    case "offline instances of the window":
      return running === null
        ? null
        : {
            value: running + dueIn(facts, facts.now.at - dayMs, window.from + spans("whole turn")),
            unit: "events",
            basis: "one for each instance that runs or is due",
          };
    case "real-time alert events of the gap": {
      const jobs = facts.now.realtime?.length ?? facts.now.streamTasks;
      if (jobs === null) return null;
      const times = Math.ceil(Math.max(spans("application down"), 1) / checkpointMs);
      return { value: jobs * times, unit: "events", basis: `${String(jobs)} jobs, one for each checkpoint` };
    }
    case "API alert rules": {
      const rules = (declared.alertRules ?? []).filter(({ scope }) => scope === "api");
      if (rules.length === 0) return null;
      return {
        value: rules.reduce((sum, each) => sum + each.rules, 0),
        unit: "rules",
        basis: rules.map(({ source }) => source).join("; "),
      };
    }
    case "instances of the next day": {
      const nights = crossings({ from: window.from, to: window.from + spans("whole turn") }, facts.structure.timeZone, generationHour);
      return {
        value: nights.length === 0 ? 0 : dueIn(facts, window.from, window.from + dayMs),
        unit: "instances",
        basis: nights.length === 0 ? "the window does not cross 23:00" : "as many as this day has",
      };
    }
  }
}
