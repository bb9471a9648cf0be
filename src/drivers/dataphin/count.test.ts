import { expect, test } from "vitest";
import type { StepEvidence } from "../../model/driver.ts";
import type { Watched } from "../../model/watch.ts";
import { count } from "./count.ts";
import { counted, watched } from "./impact/features.ts";
import { factsOf } from "./testing/facts.ts";
import { alertRecords } from "./watches/alert-records.ts";
import { lateKey, sentByPlatform } from "./watches/platform-events.ts";
import { realtimeAlerts } from "./watches/realtime-events.ts";

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
  const seen: Watched = { features: [], events: ["t_1", "t_2", "t_3"].map(dispatchedLate) };
  const late = (evidence: readonly StepEvidence[]) => count(evidence, seen, factsOf(), factsOf())[counted.held]?.value;
  expect(late([])).toBe(3);
  expect(late([killed("t_1", "t_3")])).toBe(1);
});
test("what a list was not read for at the end is not counted: none found is no evidence then", () => {
  const features: Watched["features"] = [{ feature: watched.directApis, tries: 9, works: 9, refused: 0, failed: 0, outages: [], holesMs: 0 }];
  const seen = (...blind: readonly string[]) =>
    count([], { features, events: [], blind: blind.map((watch) => ({ watch, since: 1, why: "403" })) }, factsOf(), factsOf());
  const all = seen();
  for (const [blind, what] of [
    [counted.held, counted.held],
    [counted.offlineAlertsLate, counted.offlineAlertsLate],
    [counted.falseTimeouts, counted.falseTimeouts],
    [alertRecords.offlineSent, counted.offlineAlertsLost],
    [alertRecords.offlineRaised, counted.offlineAlertsLost],
    [alertRecords.apiRaised, counted.apiAlertsMissing],
    [realtimeAlerts, counted.realtimeAlertsDropped],
    [sentByPlatform, counted.realtimeAlertsDropped],
  ] as const) {
    expect([what, all[what]?.value]).toEqual([what, 0]);
    expect([what, seen(blind)[what]]).toEqual([what, undefined]);
  }
});
test("what nobody looked at is not counted: real-time jobs without a runtime, API alerts without calls", () => {
  const { application, manager } = factsOf().structure.nodes;
  const without = factsOf({ nodes: { application: application!, manager: manager! } }, { realtime: null });
  const counts = count([], { features: [], events: [] }, without, without);
  expect(counts[counted.realtimeAlertsDropped]).toBeUndefined();
  expect(counts[counted.apiAlertsMissing]).toBeUndefined();
  expect(counts[counted.held]?.value).toBe(0);
});
test("without watches nothing that they would have seen is counted", () => {
  const counts = count([], null, factsOf(), factsOf());
  expect(counts[counted.held]).toBeUndefined();
  expect(counts[counted.killed]).toBeUndefined();
  expect(counts[counted.undisturbed]?.value).toBe(0);
});
