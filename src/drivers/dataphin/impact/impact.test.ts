import { describe, expect, test } from "vitest";
import type { Goal, Mode } from "../../../model/goal.ts";
import type { ImpactForecast } from "../../../model/impact.ts";
import { apiClasses, type DpFacts } from "../facts.ts";
import type { Declared } from "../options.ts";
import { plan } from "../planning/plan.ts";
import { apiOf, factsOf, goalOf, grantOf, noon, running } from "../testing/facts.ts";
import { counted, watched } from "./features.ts";
import { impact } from "./impact.ts";
import { impactRows, undocumented } from "./rows.ts";

const minute = 60_000;
const everything = new Set<string>(Object.values(watched));
const versions: Readonly<Record<Mode, string>> = { "zero-downtime": "6.2.0.9", "semi-downtime": "6.3.0.1", downtime: "6.3.0.1" };
const busy = factsOf(
  {
    apis: apiClasses.map((each, index) => apiOf(String(index), each)),
    grants: [grantOf("0", { fields: ["a"], withheld: ["b"], expires: "2026-11-20" })],
  },
  {
    instances: {
      running: running(4),
      due: [
        [noon + minute, 2],
        [noon + 30 * minute, 3],
      ],
      pending: 5,
      paused: 0,
    },
    realtime: [{ id: "1", name: "orders", state: "RUNNING", lastCheckpointAt: noon }],
  },
);
function forecast(
  mode: Mode,
  facts: DpFacts = busy,
  options: Goal["options"] = {},
  declared: Declared = {},
  tried = everything,
): readonly ImpactForecast[] {
  const goal = goalOf({ mode, version: versions[mode], options });
  const draft = plan(facts, goal, { by: "operator" });
  return "turns" in draft ? impact(facts, goal, mode, draft.turns, { declared, tried }) : expect.fail(draft.refused);
}
const row = (rows: readonly ImpactForecast[], feature: string): ImpactForecast =>
  rows.find((each) => each.feature === feature) ?? expect.fail(`no row ${feature}`);

describe("the tables as data", () => {
  test("every requirement from DP-3 to DP-19 has rows, each in its mode", () => {
    const of = (mode: Mode): ReadonlySet<string> => new Set(impactRows[mode].flatMap(({ requirements }) => requirements));
    expect(["DP-3", "DP-4", "DP-5", "DP-6", "DP-7", "DP-8"].filter((each) => !of("semi-downtime").has(each))).toEqual([]);
    expect(
      ["DP-3", "DP-9", "DP-10", "DP-11", "DP-12", "DP-13", "DP-14", "DP-15", "DP-16", "DP-17"].filter((each) => !of("downtime").has(each)),
    ).toEqual([]);
    expect(["DP-3", "DP-18", "DP-19"].filter((each) => !of("zero-downtime").has(each))).toEqual([]);
  });
  test("a row has one source, and words of the vendor exactly where the vendor has any", () => {
    for (const rows of Object.values(impactRows))
      for (const { source, says } of rows) expect([source, says === null]).toEqual([source, source.startsWith(undocumented)]);
  });
  test("no feature has two rows in one mode", () => {
    for (const rows of Object.values(impactRows)) expect(new Set(rows.map(({ feature }) => feature)).size).toBe(rows.length);
  });
});

describe("the forecast", () => {
  test("[DP-3] logon: downtime until the end, semi-downtime until the application is upgraded, zero-downtime blips", () => {
    const [down, semi, zero] = [
      row(forecast("downtime"), watched.logon),
      row(forecast("semi-downtime"), watched.logon),
      row(forecast("zero-downtime"), watched.logon),
    ];
    expect([down.effect, semi.effect, zero.effect]).toEqual(["refused", "refused", "degraded"]);
    expect(down.expectedMs).toBeGreaterThan(semi.expectedMs);
    expect(semi.expectedMs).toBeGreaterThan(zero.expectedMs);
  });
  test("[DP-9] a downtime kills what runs and what starts until dispatch stops, and runs it again", () => {
    const rows = forecast("downtime");
    expect(row(rows, counted.killed)).toMatchObject({
      effect: "paused",
      amount: { value: 6, unit: "instances" },
      measure: { by: "count", what: counted.killed },
    });
    expect(row(rows, counted.rerunTwice)).toMatchObject({ effect: "none", amount: { value: 0 } });
    expect(row(rows, counted.held).amount?.value).toBe(5);
  });
  test("[DP-4] [DP-5] semi-downtime disturbs nothing that runs, and holds what is due", () => {
    const rows = forecast("semi-downtime");
    expect(row(rows, counted.undisturbed)).toMatchObject({ effect: "none", amount: { value: 0 } });
    expect(row(rows, counted.held)).toMatchObject({ effect: "paused", source: expect.stringContaining("DP-5") as string });
    expect(row(rows, watched.realtimeJobs)).toMatchObject({ effect: "none", expectedMs: 0 });
  });
  test("[DP-11] calls by class: only of classes that are published", () => {
    const rows = forecast("downtime");
    const [works, fails] = [row(rows, watched.directApis), row(rows, watched.logicalTableApis)];
    expect([works.effect, fails.effect]).toEqual(["degraded", "refused"]);
    expect(fails.expectedMs).toBeGreaterThan(5 * minute);
    expect(works.expectedMs).toBeLessThan(5_000);
    const without = forecast("downtime", factsOf({ apis: [apiOf("1", "direct")] }));
    expect(without.map(({ feature }) => feature)).not.toContain(watched.logicalTableApis);
  });
  test("[DP-12] fields are open from 5 minutes after the shutdown until the application is back; not at all when it is back by then", () => {
    const rows = forecast("downtime");
    expect(row(rows, watched.fieldsWithheld).effect).toBe("lost");
    expect(row(rows, watched.logicalTableApis).expectedMs - row(rows, watched.fieldsWithheld).expectedMs).toBe(5 * minute);
    expect(row(forecast("downtime", busy, { duration: "5" }), watched.fieldsWithheld)).toMatchObject({ effect: "none", expectedMs: 0 });
  });
  test("[DP-12] a grant is overdue from the midnight in the window until the application is back", () => {
    expect(row(forecast("downtime"), watched.expiryApplied)).toMatchObject({ effect: "none", expectedMs: 0 });
    const over = row(forecast("downtime", busy, { start: "23:50", duration: "60", "application-minutes": "40" }), watched.expiryApplied);
    expect(over.effect).toBe("lost");
    expect(over.expectedMs).toBeGreaterThan(30 * minute);
    expect(over.expectedMs).toBeLessThan(50 * minute);
  });
  test("[DP-16] real-time alerts are lost while the application is down, not until users log on", () => {
    const rows = forecast("downtime");
    expect(row(rows, counted.realtimeAlertsDropped).effect).toBe("lost");
    expect(row(rows, counted.realtimeAlertsDropped).expectedMs).toBeLessThan(row(rows, watched.logon).expectedMs);
  });
  test("[DP-15] API alerting: the number is what is declared, else nobody knows it", () => {
    expect(row(forecast("downtime"), counted.apiAlertsMissing).measure).toBeNull();
    const declared = { alertRules: [{ scope: "api" as const, rules: 8, source: "console" }] };
    expect(row(forecast("downtime", busy, {}, declared), counted.apiAlertsMissing)).toMatchObject({ amount: { value: 8, unit: "rules" } });
  });
  test("lengths that are given scale every stretch, the application's own by its own minutes", () => {
    const rows = forecast("downtime", busy, { duration: "30", "application-minutes": "6" });
    const usual = forecast("downtime");
    expect(row(rows, watched.logon).expectedMs).toBeLessThanOrEqual(30 * minute);
    expect(row(rows, watched.logicalTableApis).expectedMs).toBeLessThan(row(usual, watched.logicalTableApis).expectedMs);
    expect(row(rows, watched.logicalTableApis).expectedMs).toBeGreaterThan(6 * minute);
  });
  test("the application's own minutes count without a length of the whole, too", () => {
    const rows = forecast("downtime", busy, { "application-minutes": "2" });
    const usual = forecast("downtime");
    const shorter = row(usual, watched.logicalTableApis).expectedMs - row(rows, watched.logicalTableApis).expectedMs;
    expect(shorter).toBe(18 * minute);
    expect(row(rows, watched.logon).expectedMs).toBe(row(usual, watched.logon).expectedMs - shorter);
  });
  test("whose figure a length is, is said: the operator's, or ours", () => {
    const given = forecast("downtime", busy, { duration: "30", "application-minutes": "6" });
    expect(row(forecast("downtime"), watched.logon).basis).toMatch(/; driver default: the vendor publishes no durations$/);
    expect(row(given, watched.logon).basis).toMatch(/; duration as given$/);
    expect(row(forecast("downtime", busy, { "application-minutes": "6" }), watched.logon).basis).toMatch(
      /; application-minutes as given, else driver/,
    );
    expect(row(forecast("downtime", busy, { duration: "30" }), watched.logon).basis).toMatch(/a third of it for the application by driver default$/);
    // What one client meets of a restart is ours however long the whole takes.
    expect(row(given, watched.directApis).basis).toMatch(/; driver default: what a client that tries all the time meets of a rolling restart$/);
    expect(row(forecast("zero-downtime"), watched.apiOperations).basis).toMatch(/; driver default: what a client that tries every 5 s or 10 s meets/);
    // How many are due in a stretch depends on its length.
    expect(row(forecast("downtime"), counted.held).basis).toMatch(/; driver default: the vendor publishes no durations$/);
    expect(row(forecast("downtime"), counted.rerunTwice).basis).not.toContain("driver default");
  });
  test("[DP-5] what is due is counted in the longest stretch of the plan, not in all of it", () => {
    const due = Array.from({ length: 60 }, (_, index) => [noon + index * minute, 1] as const);
    const facts = factsOf({}, { instances: { running: [], due, pending: 60, paused: 0 } });
    const options = { duration: "60", "application-minutes": "10" };
    expect(row(forecast("semi-downtime", facts, options), counted.held).amount?.value).toBe(15);
    expect(row(forecast("downtime", facts, options), counted.held).amount?.value).toBeGreaterThan(15);
  });
  test("where the vendor is silent the row begins with that", () => {
    expect(row(forecast("semi-downtime"), watched.throttling).basis).toMatch(/^undocumented: throttling; /);
    expect(row(forecast("downtime"), watched.throttling).basis).toMatch(/^"APIs are not throttled"/);
  });
  test("a row for which nobody is there to try is not measured", () => {
    const rows = forecast("downtime", busy, {}, {}, new Set<string>([watched.logon]));
    expect(row(rows, watched.logon).measure).toEqual({ by: "watch", feature: watched.logon, of: "longest" });
    expect(row(rows, watched.directApis).measure).toBeNull();
  });
});
