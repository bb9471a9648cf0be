import { expect, test } from "vitest";
import type { StepEvidence } from "../../model/driver.ts";
import type { Watched } from "../../model/watch.ts";
import { count } from "./count.ts";
import { counted } from "./impact/features.ts";
import { factsOf } from "./testing/facts.ts";
import { lateKey } from "./watches/platform-events.ts";

const dispatchedLate = (id: string): Watched["events"][number] => ({
  watch: counted.held,
  key: lateKey(id),
  at: 0,
  object: id,
  what: "",
  policy: "drop",
  why: "",
  seenAt: 0,
  deliveredAt: null,
});
const killed = (...ids: readonly string[]): StepEvidence => ({
  step: "kill 1",
  do: "killInstances",
  params: {},
  proof: { instances: ids.map((id) => ({ id, end: "killed" })) },
});

test("[DP-9] an instance that was killed and run again is not counted as dispatched late, too", () => {
  const watched: Watched = { features: [], events: ["t_1", "t_2", "t_3"].map(dispatchedLate) };
  const late = (evidence: readonly StepEvidence[]) => count(evidence, watched, factsOf(), factsOf())[counted.held]?.value;
  expect(late([])).toBe(3);
  expect(late([killed("t_1", "t_3")])).toBe(1);
});
test("without watches nothing that they would have seen is counted", () => {
  const counts = count([], null, factsOf(), factsOf());
  expect(counts[counted.held]).toBeUndefined();
  expect(counts[counted.killed]).toBeUndefined();
  expect(counts[counted.undisturbed]?.value).toBe(0);
});
