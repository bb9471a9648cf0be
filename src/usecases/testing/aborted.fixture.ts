import type { RunEvent } from "../../model/event.ts";

/** An abort in which a person left out what puts the lease back: the journal closes it, and it is still set. */
export const abortedLeavingOut: readonly RunEvent[] = [
  { is: "acting", step: "n2/freeze", at: 1, settled: 1, before: null },
  { is: "done", step: "n2/freeze", proof: null },
  { is: "aborting", turn: null, finish: false, by: "ana", reason: "called off" },
  { is: "answered", step: "undo n2/freeze/thaw", answer: "skip", by: "ana", reason: "later" },
  { is: "undone", step: "n2/freeze" },
  { is: "finished", as: "aborted" },
];
/** An abort that put everything back. */
export const abortedWhole: readonly RunEvent[] = abortedLeavingOut.map((event) =>
  event.is === "answered" ? { is: "done", step: event.step, proof: null } : event,
);
/** One in which a person says that he has put it back, and no look could tell. */
export const abortedOnWord: readonly RunEvent[] = abortedLeavingOut.map((event) =>
  event.is === "answered" ? { is: "done", step: event.step, proof: null, word: "ana" } : event,
);
