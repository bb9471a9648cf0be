import { describe, expect, test } from "vitest";
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import type { DpFacts } from "../facts.ts";
import type { Declared } from "../options.ts";
import { plan } from "../planning/plan.ts";
import { apiOf, factsOf, goalOf, grantOf, noon, running } from "../testing/facts.ts";
import { checks } from "./checks.ts";

function check(facts: DpFacts, goal: Partial<Goal>, declared: Declared = {}): readonly Check[] {
  const whole = goalOf({ mode: "downtime", ...goal });
  const draft = plan(facts, whole, { by: "operator" });
  return checks(facts, whole, { declared, turns: "turns" in draft ? draft.turns : [], untried: [] });
}
const one = (found: readonly Check[], code: string): Check => found.find((each) => each.code === code) ?? expect.fail(`no check ${code}`);
const blocking = (found: readonly Check[]): readonly string[] => found.flatMap(({ verdict, code }) => (verdict === "blocker" ? [code] : []));
const minute = 60_000;

describe("the platform", () => {
  test("a healthy installation has no blocker", () => {
    expect(blocking(check(factsOf(), {}))).toEqual([]);
  });
  test("maintenance that somebody has begun blocks, and no name overrides it", () => {
    const found = one(check(factsOf({}, { console: "maintenance" }), {}), "maintenance");
    expect(found).toMatchObject({ verdict: "blocker", source: expect.stringContaining("1.2") as string });
    expect(found.price).toBeUndefined();
  });
  test("an application or a Manager that does not answer blocks; one that is not named is not measured", () => {
    const states = { application: "stopped", manager: "unreachable", gateway: "serving", realtime: "serving" } as const;
    expect(blocking(check(factsOf({}, { states }), {}))).toEqual(["application", "nodes"]);
    const { application } = factsOf().structure.nodes;
    const alone = check(factsOf({ nodes: application === undefined ? {} : { application } }), {});
    expect(alone.filter(({ code, verdict }) => code === "nodes" && verdict === "not-measured")).toHaveLength(3);
  });
  test("[DP-1] an older version, and one that is none, block; an unknown one is not measured", () => {
    expect(blocking(check(factsOf({ version: "6.3.0.2" }), { version: "6.3.0.1" }))).toEqual(["release"]);
    expect(blocking(check(factsOf(), { version: "newest" }))).toEqual(["release"]);
    expect(one(check(factsOf({ version: null }), {}), "release").verdict).toBe("not-measured");
  });
});

describe("work that runs or waits", () => {
  const instances = { running: running(3), due: [[noon + 5 * minute, 7]], pending: 9, paused: 1 } as const;
  test("[DP-9] a downtime stops what runs, which is counted and named; the other modes do not", () => {
    expect(one(check(factsOf({}, { instances }), {}), "running")).toMatchObject({
      verdict: "warning",
      what: expect.stringContaining("3 instances running now would be stopped and run again: load_0; load_1; load_2") as string,
    });
    expect(one(check(factsOf({}, { instances }), { mode: "semi-downtime" }), "running").verdict).toBe("passed");
  });
  test("[DP-5] what is due in the window is dispatched late", () => {
    expect(one(check(factsOf({}, { instances }), { mode: "semi-downtime" }), "pending")).toMatchObject({
      verdict: "warning",
      what: expect.stringContaining("9 instances pending, 7 of them due in the window; 1 instance of paused nodes") as string,
    });
    expect(one(check(factsOf({}, { instances }), { version: "6.2.0.9", mode: "zero-downtime" }), "pending").verdict).toBe("passed");
  });
  test("whether failed instances are run again by the platform is declared or not measured", () => {
    expect(one(check(factsOf(), {}), "auto-rerun").verdict).toBe("not-measured");
    expect(one(check(factsOf(), {}, { autoRerun: { on: true, source: "tenant settings" } }), "auto-rerun").verdict).toBe("warning");
    expect(one(check(factsOf(), {}, { autoRerun: { on: false, source: "tenant settings" } }), "auto-rerun").verdict).toBe("passed");
  });
  test("what must not run twice unseen is named", () => {
    const found = check(factsOf({}, { instances }), {}, { notIdempotent: [{ node: "load_1", source: "owner" }] });
    expect(one(found, "not-idempotent")).toMatchObject({ verdict: "warning", object: "load_1" });
  });
  test("[DP-10] real-time jobs without a checkpoint, or not running, are warned of", () => {
    const job = { id: "1", name: "orders", state: "RUNNING", lastCheckpointAt: noon };
    expect(one(check(factsOf({}, { realtime: [job] }), {}), "real-time").verdict).toBe("passed");
    expect(one(check(factsOf({}, { realtime: [{ ...job, lastCheckpointAt: null }] }), {}), "checkpoints").verdict).toBe("warning");
    expect(one(check(factsOf({}, { realtime: [{ ...job, state: "RESTARTING" }] }), {}), "real-time").verdict).toBe("warning");
  });
});

describe("the calendar", () => {
  test("a window that crosses 23:00 blocks with its price; in zero-downtime it warns", () => {
    const late = { options: { start: "22:30", duration: "60" } };
    const found = one(check(factsOf(), late), "generation");
    expect(found).toMatchObject({ verdict: "blocker", price: expect.stringContaining("next day") as string });
    expect(one(check(factsOf(), { ...late, version: "6.2.0.9", mode: "zero-downtime" }), "generation").verdict).toBe("warning");
    expect(one(check(factsOf(), { options: { start: "21:30", duration: "60" } }), "generation").verdict).toBe("passed");
  });
  test("it is the installation's clock that decides", () => {
    const shanghai = factsOf({ timeZone: "Asia/Shanghai" });
    expect(one(check(shanghai, { options: { start: "22:30", duration: "60" } }), "generation").what).toContain("Asia/Shanghai");
    // 10:00 in UTC is 18:00 there: six hours later the window has crossed both.
    expect(blocking(check(shanghai, { options: { duration: "360" } }))).toContain("generation");
    expect(blocking(check(factsOf(), { options: { duration: "360" } }))).not.toContain("generation");
  });
  test("[DP-12] grants that expire at a midnight inside the window are listed", () => {
    const grants = [grantOf("1", { expires: "2026-11-20" }), grantOf("2", { expires: "2026-11-21" })];
    const facts = factsOf({ apis: [apiOf("1", "direct"), apiOf("2", "direct")], grants });
    const over = { options: { start: "23:30", duration: "60", "application-minutes": "50" } };
    expect(one(check(facts, over), "midnight")).toMatchObject({ verdict: "warning", object: "200000001 for api 1 (2026-11-20)" });
    expect(one(check(facts, { options: { start: "20:00", duration: "60" } }), "midnight").verdict).toBe("passed");
  });
});

describe("DataService", () => {
  const apis = [
    apiOf("1", "direct"),
    apiOf("2", "logicalTable"),
    apiOf("3", "dataphinSource"),
    apiOf("4", "compositeLogical"),
    apiOf("5", "unknown"),
  ];
  test("[DP-11] a downtime makes calls of three classes fail: each is named by class", () => {
    const found = check(factsOf({ apis }), {});
    expect(one(found, "api-calls")).toMatchObject({
      verdict: "warning",
      object: "logical table: api 2; Dataphin data source: api 3; composite, of some on logical tables: api 4",
      what: expect.stringContaining("3 APIs of 5") as string,
    });
    expect(one(found, "api-classes").verdict).toBe("not-measured");
    expect(one(check(factsOf({ apis }), { mode: "semi-downtime" }), "api-calls").verdict).toBe("passed");
  });
  test("[DP-12] field-level grants block a downtime above 5 minutes, with the price of accepting it by name", () => {
    const facts = factsOf({ apis, grants: [grantOf("1", { fields: ["a"], withheld: ["b"] })] });
    const found = one(check(facts, {}), "field-grants");
    expect(found).toMatchObject({ verdict: "blocker", object: "api 1", price: expect.stringContaining("readable for about") as string });
    expect(one(check(facts, { mode: "semi-downtime" }), "field-grants").verdict).toBe("passed");
    expect(one(check(facts, { options: { duration: "5" } }), "field-grants").verdict).toBe("passed");
    expect(one(check(facts, {}, { fieldCacheSeconds: { seconds: 86_400, source: "deployment" } }), "field-grants").verdict).toBe("passed");
    expect(one(check(factsOf({ apis }), {}), "field-grants").verdict).toBe("passed");
    const declared = check(factsOf({ apis }), {}, { fieldGrants: [{ api: "2", fields: ["a"], source: "owner" }] });
    expect(one(declared, "field-grants")).toMatchObject({ verdict: "blocker", object: "api 2" });
  });
  test("whose figure a length is, is said: the operator's, or ours", () => {
    const facts = factsOf({ apis, grants: [grantOf("1", { fields: ["a"], withheld: ["b"] })] });
    const [usual, given] = [check(facts, {}), check(facts, { options: { duration: "60", "application-minutes": "20" } })];
    for (const code of ["field-grants", "api-calls"]) {
      expect(one(usual, code).what).toMatch(/min \(driver default: the vendor publishes no durations\)/);
      expect(one(given, code).what).toMatch(/min \(duration as given\)/);
    }
    expect(one(usual, "field-grants")).toMatchObject({ remedy: expect.stringContaining("-o duration=") as string });
  });
  test("[DP-15] [DP-16] alert rules are declared with their source, and told what becomes of them", () => {
    expect(one(check(factsOf(), {}), "alert-rules").verdict).toBe("not-measured");
    const rules = [{ scope: "realtime" as const, rules: 12, source: "console, 20 Nov" }];
    expect(one(check(factsOf(), {}, { alertRules: rules }), "alert-rules")).toMatchObject({
      verdict: "warning",
      what: "12 realtime alert rules: events are dropped until the application is restored",
      source: "console, 20 Nov",
    });
  });
});
