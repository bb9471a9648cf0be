import { expect, it } from "vitest";
import type { JournalEntry, RunEvent } from "../model/event.ts";
import type { Plan } from "../model/plan.ts";
import { evidenceOf } from "./conclude.ts";

const entries = (...events: readonly RunEvent[]): readonly JournalEntry[] =>
  events.map((event, index) => ({ n: index + 1, epoch: 1, at: index, event }));
const plan = {
  turns: [{ id: "n1", nodes: ["n1"], items: [{ id: "stop", phase: "stop", do: "stop", params: { node: "n1" } }] }],
} as unknown as Plan;

it("takes the proofs of planned and expanded steps, and leaves out those that put something back", () => {
  const found = evidenceOf(
    { plan },
    entries(
      { is: "expanded", step: "stop", into: [{ id: "stop/0.drain", phase: "drain", do: "drain", params: null }] },
      { is: "done", step: "stop/0.drain", proof: "drained" },
      { is: "done", step: "stop", proof: "stopped" },
      { is: "done", step: "undo stop/start", proof: "started" },
    ),
  );
  expect(found.map(({ step, proof }) => [step, proof])).toEqual([
    ["stop/0.drain", "drained"],
    ["stop", "stopped"],
  ]);
});
