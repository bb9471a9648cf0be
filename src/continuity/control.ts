// The positive control: a record that was acknowledged and then removed behind the probe's back. A checker that does not report it proves nothing.
import type { Deviation } from "./deviations.ts";
import type { History } from "./history.ts";

export type ControlState = "caught" | "missed";

/** Caught: there is a control, and each one is reported as lost with its one acknowledged operation. */
export function controlState(history: History, list: readonly Deviation[]): ControlState {
  if (history.controls.size === 0) return "missed";
  const lost = new Set(list.filter(({ what, operations }) => what === "lost" && operations === 1).map(({ record }) => record));
  return [...history.controls].every((record) => lost.has(record)) ? "caught" : "missed";
}

/** What remains once the probe's own controls are taken out. */
export function withoutControls(history: History, list: readonly Deviation[]): readonly Deviation[] {
  return list.filter(({ record }) => !history.isControl(record));
}
