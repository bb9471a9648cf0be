// The intervals in which acknowledged writes are at risk: what the probe must have seen. Pure.
import type { JournalEntry } from "../model/event.ts";
import type { Bar } from "../model/picture.ts";
import type { Plan } from "../model/plan.ts";
import type { RiskWindow } from "../model/report.ts";
import { isUndo, type Step } from "../model/step.ts";
import { timelineOf } from "./timeline.ts";

/** One window per turn that really acted, kind and partition. A window that has not ended lasts until the last entry. */
export function riskWindows(plan: Plan, entries: readonly JournalEntry[], partitions: readonly string[]): readonly RiskWindow[] {
  const { bars, to: last } = timelineOf(plan, entries);
  const finished = entries.some(({ event }) => event.is === "finished");
  const phases = new Map(bars.map((bar) => [bar.step, bar]));
  return plan.turns.flatMap((turn) => {
    const own = bars.filter((bar) => bar.turn === turn.id);
    const acted = own.filter((bar) => bar.acts > 0);
    const moves = acted.filter((bar) => bar.phase === "move" || (bar.phase === "stop" && withinMove(bar, phases)));
    const stops = acted.filter((bar) => bar.phase === "stop");
    const steps = turn.items.filter((item): item is Step => !isUndo(item));
    const goingBack = entries.some(({ event }) => event.is === "aborting" && event.turn === turn.id && !event.finish);
    const complete = finished || (!goingBack && steps.every((step) => own.some((bar) => bar.step === step.id && bar.to !== null)));
    const to = complete ? endOf(own, last) : last;
    return (["move", "restart"] as const).flatMap((kind) => {
      const begun = kind === "move" ? moves : stops;
      if (begun.length === 0) return [];
      const from = Math.min(...begun.map((bar) => bar.from));
      return partitions.map((partition) => ({ turn: turn.id, kind, partition, from, to: Math.max(from, to) }));
    });
  });
}

/** When the node was seen ready or recovered; a turn that has no such step, or that was put back, ends with its last step. */
function endOf(own: readonly Bar[], last: number): number {
  const ends = (bars: readonly Bar[]): readonly number[] => bars.map((bar) => bar.to ?? last);
  const back = own.some((bar) => bar.undo) ? [] : own.filter((bar) => bar.phase === "ready" || bar.phase === "recover");
  return Math.max(...ends(back.length === 0 ? own : back));
}

function withinMove(bar: Bar, bars: ReadonlyMap<string, Bar>): boolean {
  for (
    let parent = bar.parent === null ? undefined : bars.get(bar.parent);
    parent;
    parent = parent.parent === null ? undefined : bars.get(parent.parent)
  )
    if (parent.phase === "move") return true;
  return false;
}
