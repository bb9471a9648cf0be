import { describe, expect, test } from "vitest";
import type { Watched } from "../../model/watch.ts";
import { countAlerts, countGenerated } from "./count-alerts.ts";
import { counted, watched } from "./impact/features.ts";
import { factsOf, noon } from "./testing/facts.ts";
import { alertRecords } from "./watches/alert-records.ts";

const minute = 60_000;
const event = (watch: string, key: string, at: number): Watched["events"][number] => ({
  watch,
  key,
  at,
  object: "x",
  what: "y",
  policy: "drop",
  why: "",
  seenAt: at,
  deliveredAt: null,
});
const failing = (feature: string, from: number, to: number | null): Watched["features"][number] => ({
  feature,
  tries: 10,
  works: 5,
  refused: 0,
  failed: 5,
  outages: [{ from, to, why: "503" }],
  holesMs: 0,
});
const value = (seen: Partial<Watched>, what: string): number | undefined => countAlerts({ features: [], events: [], ...seen })[what]?.value;

describe("alerts", () => {
  test("[DP-6] one that was raised and never sent is lost", () => {
    const raised = ["a", "b", "c"].map((key) => event(alertRecords.offlineRaised, key, noon));
    const sent = ["a", "c"].map((key) => event(alertRecords.offlineSent, key, noon + 10 * minute));
    expect(value({ events: [...raised, ...sent] }, counted.offlineAlertsLost)).toBe(1);
    expect(value({ events: raised }, counted.offlineAlertsLost)).toBe(3);
    expect(value({}, counted.offlineAlertsLost)).toBe(0);
  });
  test("[DP-15] APIs that failed for minutes, and no alert until the application is back, are missing", () => {
    const features = [
      failing(watched.logicalTableApis, noon, noon + 6 * minute),
      failing(watched.directApis, noon, noon + 600),
      failing(watched.logon, noon, null),
    ];
    expect(value({ features }, counted.apiAlertsMissing)).toBe(1);
    const at = (ms: number): readonly Watched["events"][number][] => [event(alertRecords.apiRaised, "1", noon + ms)];
    expect(value({ features, events: at(6 * minute - 600) }, counted.apiAlertsMissing)).toBe(1);
    expect(value({ features, events: at(20_000) }, counted.apiAlertsMissing)).toBe(0);
  });
});

describe("the nightly generation", () => {
  const hour = 60 * minute;
  const observed = (at: number, due: readonly (readonly [number, number])[]) =>
    factsOf({}, { at, instances: { running: [], due, pending: due.reduce((sum, [, count]) => sum + count, 0), paused: 0 } });
  const missing = (before: ReturnType<typeof observed>, after: ReturnType<typeof observed> | null): number | undefined =>
    countGenerated(before, after)[counted.notGenerated]?.value;
  test("is judged only by a run that crossed 23:00, from what is due on the day after", () => {
    const [before, midnight] = [observed(noon + 12 * hour, [[noon + 13 * hour, 4]]), noon + 14 * hour];
    expect(missing(before, observed(noon + 12.5 * hour, []))).toBe(0);
    expect(missing(before, observed(noon + 13.5 * hour, [[midnight + 3 * hour, 4]]))).toBe(0);
    expect(missing(before, observed(noon + 13.5 * hour, []))).toBe(4);
    expect(missing(before, null)).toBeUndefined();
  });
});
