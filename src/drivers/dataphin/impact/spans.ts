// How long each stretch of an upgrade takes, from the steps of its plan. Milliseconds. Pure.
import type { Mode } from "../../../model/goal.ts";
import { isUndo, type Step, type Turn } from "../../../model/step.ts";
import type { StepName } from "../step-names.ts";
import { crossings, expiryInstant, fieldCacheMs, type Window } from "../window.ts";

/** What the rows of the impact tables last. */
export type SpanName =
  | "nothing"
  /** A few requests meet a process that is being restarted (facts 2.3, D3b). */
  | "blip"
  /** The same, met by a client that tries seldom: it knows no better until it has tried again. */
  | "seldom tried blip"
  | "whole turn"
  | "maintenance"
  | "no logon"
  | "application upgrade"
  | "application down"
  /** From the begin of the turn until nothing is dispatched any more. */
  | "until dispatch stops"
  | "dispatch stopped"
  /** From the lapse of the cache of field grants until the application is back (facts 2.4). */
  | "fields open"
  /** From the midnight after which a grant has expired until the application is back. */
  | "expiry overdue";

/** One client that tries again and again meets at most so much of a rolling restart. */
const blipMs = 2_000;
/** One that tries every 5 or 10 seconds. */
const seldomBlipMs = 10_000;

export interface SpanFacts {
  readonly mode: Mode;
  readonly window: Window;
  readonly timeZone: string;
  /** Last days of grants. */
  readonly expiries: readonly string[];
  readonly fieldCacheMs?: number;
}
export type Spans = (span: SpanName) => number;

interface Stretch {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** `turn`: with the steps of the mode. */
export function spansOf(turn: Turn, { mode, window, timeZone, expiries, fieldCacheMs: cacheMs = fieldCacheMs }: SpanFacts): Spans {
  const { stretches, totalMs } = stretchesOf(turn);
  const begin = (...names: readonly StepName[]): number | null => stretches.find(({ name }) => names.some((each) => each === name))?.fromMs ?? null;
  const end = (...names: readonly StepName[]): number | null => stretches.findLast(({ name }) => names.some((each) => each === name))?.toMs ?? null;
  const between = (from: number | null, to: number | null): number => Math.max(0, (to ?? totalMs) - (from ?? 0));
  const restored = end("upgradeApplication");
  const down = mode === "downtime" ? begin("shutDown") : begin("upgradeApplication");
  return (span) => {
    switch (span) {
      case "nothing":
        return 0;
      case "blip":
        return blipMs;
      case "seldom tried blip":
        return seldomBlipMs;
      case "whole turn":
        return totalMs;
      case "maintenance":
        return between(begin("enterMaintenance"), end("leaveMaintenance"));
      case "no logon":
        return between(begin("enterMaintenance"), mode === "semi-downtime" ? end("consoleAccessible") : null);
      case "application upgrade":
        return between(begin("upgradeApplication"), restored);
      case "application down":
        return between(down, restored);
      case "until dispatch stops":
        return between(0, end("stopDispatch", "pauseNodes"));
      case "dispatch stopped":
        return between(begin("pauseNodes", "stopDispatch"), end("resumeDispatch", "rerunInstances", "upgradeApplication"));
      case "fields open":
        return Math.max(0, between(down, restored) - cacheMs);
      case "expiry overdue": {
        const from = window.from + (down ?? 0);
        const to = window.from + (restored ?? totalMs);
        const midnights = crossings({ from, to }, timeZone, 0);
        const overdue = expiries.flatMap((expires) => {
          const instant = expiryInstant(expires, timeZone);
          return instant !== null && midnights.includes(instant) ? [to - instant] : [];
        });
        return Math.max(0, ...overdue);
      }
    }
  };
}

/** Steps one after the other, each as long as the plan expects. */
function stretchesOf(turn: Turn): { readonly stretches: readonly Stretch[]; readonly totalMs: number } {
  const stretches: Stretch[] = [];
  let at = 0;
  for (const item of turn.items) {
    const [name, ms] = isUndo(item) ? [undoneBy(turn, item.undo), 0] : [item.do, item.expectedMs ?? 0];
    stretches.push({ name, fromMs: at, toMs: at + ms });
    at += ms;
  }
  return { stretches, totalMs: at };
}

const undoers: Readonly<Record<string, StepName>> = {
  enterMaintenance: "leaveMaintenance",
  stopDispatch: "resumeDispatch",
  pauseNodes: "resumeNodes",
  killInstances: "rerunInstances",
  listRunning: "rerunInstances",
  shutDown: "rerunInstances",
};
function undoneBy(turn: Turn, id: string): string {
  const held = turn.items.find((item): item is Step => !isUndo(item) && item.id === id);
  return held === undefined ? "undo" : (undoers[held.do] ?? "undo");
}
