import { describe, expect, test } from "vitest";
import type { Goal } from "../../../model/goal.ts";
import type { CdapFacts } from "../facts.ts";
import { appOn, appsGoal, factsOf, goalFor, maintenanceGoal, pipelineNamed, platformGoal, runOf, system } from "../testing/facts-fixture.ts";
import { chosenMode, modeVerdicts } from "./modes.ts";
import { completed, optionWords, planOptions } from "./options.ts";

const artifacts = [system("cdap-data-pipeline", "6.9.3"), system("cdap-data-streams", "6.9.3"), system("own", "2.0.0")];
const instance = (more: Parameters<typeof factsOf>[0] = {}): CdapFacts =>
  factsOf({
    artifacts,
    apps: {
      batch: appOn(system("cdap-data-pipeline", "6.9.2")),
      stream: appOn(system("cdap-data-streams", "6.9.2")),
      own: appOn(system("own", "1.0.0")),
    },
    pipelines: [pipelineNamed("stream")],
    ...more,
  });
const eligible = (facts: CdapFacts, goal: Goal): readonly string[] => modeVerdicts(facts, goal).flatMap((each) => (each.eligible ? [each.mode] : []));
const workflow = runOf("batch", { type: "workflows", program: "DataPipelineWorkflow" });

describe("applications", () => {
  test("are upgraded without a stop while batch runs go on", () => {
    const facts = instance({ runs: [workflow] });
    expect(eligible(facts, appsGoal({ apps: "batch" }))).toEqual(["zero-downtime", "semi-downtime"]);
    expect(chosenMode(facts, appsGoal({ apps: "batch" }))).toBe("zero-downtime");
  });
  test("are drained where a service would go on with the old version, which is named", () => {
    const facts = instance({ runs: [runOf("own", { type: "services", program: "Orders" })] });
    expect(eligible(facts, appsGoal({ apps: "own" }))).toEqual(["semi-downtime"]);
    expect(modeVerdicts(facts, appsGoal({ apps: "own" }))[0]?.why).toContain("default.own.services.Orders");
  });
  test("with a real-time pipeline are drained when that is deployed again, and not when it is left", () => {
    const facts = instance({ runs: [runOf("stream")] });
    expect(chosenMode(facts, appsGoal({ "real-time": "redeploy" }))).toBe("semi-downtime");
    expect(chosenMode(facts, appsGoal({ "real-time": "leave" }))).toBe("zero-downtime");
  });
  test("never need CDAP to go down", () => {
    expect(chosenMode(instance(), appsGoal({}, { mode: "downtime" }))).toBeNull();
  });
});

test("CDAP itself is replaced in a downtime, and each other mode says why there is none", () => {
  expect(eligible(instance(), platformGoal("6.10.1"))).toEqual(["downtime"]);
  for (const { why } of modeVerdicts(instance(), platformGoal("6.10.1"))) expect(why.length).toBeGreaterThan(40);
});
test("a stop of programs is semi-downtime, a start and a backup touch nothing", () => {
  expect(eligible(instance(), maintenanceGoal({ is: "stop-programs", inputs: [], grace: "server" }))).toEqual(["semi-downtime"]);
  expect(eligible(instance(), maintenanceGoal({ is: "backup", directory: "/b" }))).toEqual(["zero-downtime"]);
});

describe("options of a plan", () => {
  const parsed = (options: Readonly<Record<string, string>>) => planOptions({ options });
  test("name applications of one namespace or of any [CD-11]", () => {
    expect(parsed({ apps: "a, finance.b-1" })).toMatchObject({
      of: "applications",
      apps: [
        { ns: null, app: "a" },
        { ns: "finance", app: "b-1" },
      ],
    });
    expect(parsed({ "apps-after": "all" })).toMatchObject({ of: "platform", apps: "all" });
    expect(parsed({})).toMatchObject({ of: "platform", apps: null, grace: "server", realTime: "refuse" });
  });
  test.each([
    [{ apps: "a b" }],
    [{ apps: "all", "apps-after": "all" }],
    [{ grace: "-1" }],
    [{ grace: "soon" }],
    [{ "artifact-scope": "OTHER" }],
    [{ "allow-snapshot": "maybe" }],
    [{ "real-time": "kill" }],
    [{ batch: "x" }],
    [{ unknown: "x" }],
  ])("%o is refused with what would be right", (options) => {
    expect(parsed(options as unknown as Readonly<Record<string, string>>)).toMatchObject({
      refused: expect.any(String) as string,
      clear: expect.any(String) as string,
    });
  });
  test("are all explained", () => {
    for (const words of Object.values(optionWords)) expect(words.length).toBeGreaterThan(10);
  });
  test("applications alone mean latest", () => {
    expect(completed(goalFor({ options: { apps: "all" } })).version).toBe("latest");
    expect(completed(goalFor({ options: { apps: "all", to: "6.9.3" } })).version).toBe("6.9.3");
    expect(completed(goalFor({})).version).toBeNull();
  });
});
