import { describe, expect, test } from "vitest";
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import type { CdapFacts } from "../facts.ts";
import { appOn, appsGoal, factsOf, maintenanceGoal, nowSeconds, platformGoal, runOf, system, type FactsWords } from "../testing/facts-fixture.ts";
import { checks } from "./checks.ts";
import { imageChecks } from "./image.ts";

const pipelineArtifacts = [system("cdap-data-pipeline", "6.9.2"), system("cdap-data-pipeline", "6.9.3")];
const batch = (words: FactsWords = {}): CdapFacts =>
  factsOf({ apps: { a: appOn(system("cdap-data-pipeline", "6.9.2")) }, artifacts: pipelineArtifacts, ...words });
const of = (found: readonly Check[], code: string): readonly Check[] => found.filter((each) => each.code === code);
const verdictOf = (facts: CdapFacts, goal: Goal, code: string): readonly string[] => of(checks(facts, goal), code).map(({ verdict }) => verdict);
const drainAll = platformGoal("6.10.1");

describe("the server", () => {
  test("of a known version says which generation it is [CD-1]", () => {
    const [check] = of(checks(batch(), appsGoal()), "server-version");
    expect(check).toMatchObject({ verdict: "passed", what: expect.stringContaining("`graceful` is ignored") as string });
  });
  test("of an unknown version is refused unless accepted by name [CD-1]", () => {
    expect(of(checks(batch({ version: "7.1.0" }), appsGoal()), "server-version")).toMatchObject([
      { verdict: "blocker", price: expect.any(String) as string },
    ]);
  });
  test("with a service that is not OK is refused", () => {
    const facts = batch({ now: { services: { appfabric: "OK", metrics: "NOTOK" } } });
    expect(of(checks(facts, appsGoal()), "services")).toMatchObject([{ verdict: "blocker", object: "services", what: "metrics NOTOK" }]);
  });
  test.each([
    ["renewable", { expiresAt: null, renewable: true }, "passed"],
    ["given as it is", { expiresAt: null, renewable: false }, "not-measured"],
    ["living for a minute", { expiresAt: (nowSeconds + 60) * 1_000, renewable: false }, "warning"],
    ["living for a day", { expiresAt: (nowSeconds + 86_400) * 1_000, renewable: false }, "passed"],
  ] as const)("asked with a token %s", (_, token, verdict) => {
    expect(verdictOf(batch({ now: { token } }), appsGoal(), "token")).toEqual([verdict]);
  });
  test("that is down refuses everything", () => {
    expect(verdictOf(batch({ now: { nodes: { router: { state: "down", detail: "refused" } } } }), appsGoal(), "down")).toEqual(["blocker"]);
  });
});

describe("applications", () => {
  test("move to the newest artefact that is there [CD-17]", () => {
    expect(of(checks(batch(), appsGoal()), "artefact")).toMatchObject([{ verdict: "passed", what: expect.stringContaining("6.9.3") as string }]);
  });
  test("already there are said to be there [CD-17]", () => {
    const facts = batch({ apps: { a: appOn(system("cdap-data-pipeline", "6.9.3")) } });
    expect(of(checks(facts, appsGoal()), "artefact")).toMatchObject([{ verdict: "passed", what: expect.stringContaining("the newest") as string }]);
  });
  test("whose artefact has vanished are refused, without an override", () => {
    const [check] = of(checks(batch({ artifacts: [] }), appsGoal()), "artefact");
    expect(check).toMatchObject({ verdict: "blocker", what: expect.stringContaining("vanished") as string });
    expect(check?.price).toBeUndefined();
  });
  test("newer than anything that is there are refused as the server would", () => {
    expect(verdictOf(batch({ apps: { a: appOn(system("cdap-data-pipeline", "6.10.0")) } }), appsGoal(), "version-order")).toEqual(["blocker"]);
  });
  test("cannot be held at another version than the newest: the call takes that", () => {
    const facts = batch({ artifacts: [...pipelineArtifacts, system("cdap-data-pipeline", "6.9.4")] });
    expect(verdictOf(facts, { ...appsGoal(), version: "6.9.3" }, "version-order")).toEqual(["blocker"]);
    expect(verdictOf(facts, { ...appsGoal(), version: "6.9.4" }, "version-order")).toEqual([]);
  });
  test("take a snapshot only where that was asked for", () => {
    const facts = batch({ artifacts: [system("cdap-data-pipeline", "6.9.2"), system("cdap-data-pipeline", "6.10.0-SNAPSHOT")] });
    expect(verdictOf(facts, appsGoal(), "snapshot")).toEqual(["warning"]);
    expect(of(checks(facts, appsGoal({ "allow-snapshot": "yes" })), "artefact")[0]?.what).toContain("6.10.0-SNAPSHOT");
  });
  test("of another scope than the one that was asked for are not looked at", () => {
    expect(verdictOf(batch(), appsGoal({ "artifact-scope": "USER" }), "artefact")).toEqual(["blocker"]);
  });
  test("that are not there, or in more than one namespace, are refused by name [CD-11]", () => {
    const facts = batch();
    const twice: CdapFacts = {
      ...facts,
      structure: {
        ...facts.structure,
        namespaces: { ...facts.structure.namespaces, finance: facts.structure.namespaces["default"] ?? { apps: {}, artifacts: [] } },
      },
    };
    expect(of(checks(facts, appsGoal({ apps: "a,gone" })), "application")).toMatchObject([{ verdict: "blocker", object: "gone" }]);
    expect(of(checks(twice, appsGoal({ apps: "a" })), "application")).toMatchObject([{ object: "a (in default, finance)" }]);
    expect(of(checks(twice, appsGoal({ apps: "finance.a" })), "application")).toEqual([]);
  });
  test("whose stages pin versions that are gone are named; ranges are fine", () => {
    const pin = (version: string) => ({ stage: "File", name: "File", artifact: system("core-plugins", version) });
    const with_ = (version: string) => batch({ apps: { a: appOn(system("cdap-data-pipeline", "6.9.2"), { plugins: [pin(version)] }) } });
    expect(of(checks(with_("2.11.0"), appsGoal()), "plugin-pins")).toMatchObject([{ verdict: "warning", object: "default.a" }]);
    expect(verdictOf(with_("[2.0.0,3.0.0)"), appsGoal(), "plugin-pins")).toEqual(["passed"]);
  });
  test("on a release without the call are refused", () => {
    expect(verdictOf(batch({ version: "6.1.4" }), appsGoal(), "upgrade-call")).toEqual(["blocker"]);
  });
  test("with post-run actions are named where those are not upgraded", () => {
    const mail = { stage: "mail", name: "Email", artifact: null, post: true } as const;
    const facts = batch({ version: "6.8.1", apps: { a: appOn(system("cdap-data-pipeline", "6.9.2"), { plugins: [mail] }) } });
    expect(verdictOf(facts, appsGoal(), "post-actions")).toEqual(["warning"]);
  });
  test("of replication are refused before 6.7", () => {
    const facts = factsOf({ version: "6.6.0", apps: { r: appOn(system("delta-app", "0.4.0")) }, artifacts: [system("delta-app", "0.5.0")] });
    expect(verdictOf(facts, appsGoal(), "replication")).toEqual(["blocker"]);
  });
  test("on several versions of one artefact are told", () => {
    const apps = { a: appOn(system("cdap-data-pipeline", "6.9.2")), b: appOn(system("cdap-data-pipeline", "6.8.3")) };
    expect(of(checks(batch({ apps }), appsGoal()), "mixed-versions")[0]?.what).toContain("6.8.3 and 6.9.2");
  });
});

describe("runs", () => {
  const running = (...runs: CdapFacts["now"]["activeRuns"]): CdapFacts => batch({ runs });
  test("that stop for longer than anything of the server takes are STUCK, never silence", () => {
    const stuck = runOf("a", { status: "STOPPING", since: nowSeconds - 700 });
    expect(of(checks(running(stuck), drainAll), "stuck")).toMatchObject([{ verdict: "blocker", what: expect.stringContaining("STUCK") as string }]);
    expect(verdictOf(running({ ...stuck, since: nowSeconds - 600 }), drainAll, "stuck")).toEqual([]);
  });
  test("that start for too long are stuck, too", () => {
    expect(verdictOf(running(runOf("a", { status: "STARTING", since: nowSeconds - 400 })), drainAll, "stuck")).toEqual(["blocker"]);
  });
  test("that start are not drained", () => {
    expect(verdictOf(running(runOf("a", { status: "STARTING", since: nowSeconds })), drainAll, "starting")).toEqual(["warning"]);
  });
  test("of one program, several at the same time, are each stopped by run id [CD-13]", () => {
    const found = of(checks(running(runOf("a", { runId: "r1" }), runOf("a", { runId: "r2" })), drainAll), "several-runs");
    expect(found).toMatchObject([{ verdict: "warning", what: expect.stringContaining("r1, r2") as string }]);
  });
  test("of an older version are seen", () => {
    expect(verdictOf(running(runOf("a", { version: null })), drainAll, "older-version")).toEqual(["warning"]);
  });
  test("that a workflow has started are counted apart", () => {
    const workflow = runOf("a", { type: "workflows", program: "W", runId: "w" });
    const child = runOf("a", { program: "phase-1", runId: "c", childOf: "w" });
    expect(of(checks(running(workflow, child), drainAll), "runs")[0]?.what).toContain("1 run of them started by a workflow");
  });
  test("that are not there are told before, with where there is one of that name", () => {
    const stop = maintenanceGoal({
      is: "stop-programs",
      inputs: [{ appId: "a" }, { appId: "tpyo" }, { namespace: "other", appId: "a" }],
      grace: "server",
    });
    expect(of(checks(batch(), stop), "application")).toMatchObject([
      { verdict: "warning", object: "default.tpyo, other.a", what: "there is no such application; there is default.a" },
    ]);
    expect(of(checks(batch(), maintenanceGoal({ is: "stop-programs", inputs: [{ appId: "a" }, {}], grace: "server" })), "application")).toEqual([]);
  });
  test("stopped without their schedules may start again by themselves, which is said", () => {
    const stop = maintenanceGoal({ is: "stop-programs", inputs: [{}], grace: "server" });
    const scheduled = (number: number): CdapFacts => batch({ now: { schedules: { scheduled: number, suspended: 1 } } });
    expect(of(checks(scheduled(2), stop), "schedules")).toMatchObject([
      { verdict: "warning", what: expect.stringContaining("2 schedules stay") as string },
    ]);
    expect(verdictOf(scheduled(0), stop, "schedules")).toEqual(["passed"]);
  });
  test("that the server will kill although none shall be: said before [CD-4]", () => {
    const facts = running(runOf("a"));
    const [check] = of(checks(facts, platformGoal("6.10.1", { grace: "never" })), "budget");
    expect(check).toMatchObject({ verdict: "warning", what: expect.stringContaining("app.program.max.stop.seconds=300") as string });
    const stop = maintenanceGoal({ is: "stop-programs", inputs: [{}], grace: "never" });
    expect(verdictOf(facts, stop, "budget")).toEqual(["warning"]);
    expect(verdictOf(batch({ runs: [runOf("a")], graceful: "honoured" }), stop, "budget")).toEqual(["passed"]);
  });
  test("are not judged where nothing is stopped", () => {
    const facts = running(runOf("a", { type: "workflows", program: "W", status: "STARTING", since: nowSeconds - 900 }));
    expect(verdictOf(facts, appsGoal(), "stuck")).toEqual(["warning"]);
    expect(verdictOf(facts, appsGoal(), "budget")).toEqual([]);
  });
});

describe("CDAP itself", () => {
  test.each([
    ["6.9.2", "6.10.1", "passed", false],
    ["6.9.0", "6.11.1", "blocker", true],
    ["6.9.2", "6.8.3", "blocker", false],
    ["6.9.2", "6.12.0", "blocker", true],
  ])("%s to %s", (from, to, verdict, overridable) => {
    const [check] = of(checks(batch({ version: from }), platformGoal(to)), "version-path");
    expect(check).toMatchObject({ verdict });
    expect(check?.price !== undefined).toBe(overridable);
  });
});

describe("tags of images that cdap-operator reads", () => {
  test.each([
    ["cdap:6.8.3", "cdap:6.9.2", "passed"],
    ["cdap:6.7", "cdap:6.7.1", "blocker"],
    ["cdap:6.9.2", "cdap:6.8.3", "blocker"],
    ["registry:5000/cdap:6.8.3", "registry:5000/cdap:6.9.2", "blocker"],
    ["cdap:6.8.3", "cdap:6.9.0-rc1", "blocker"],
    ["cdap@sha256:abc", "cdap:6.9.2", "blocker"],
    ["cdap:latest", "cdap:latest", "blocker"],
  ])("%s to %s", (from, to, verdict) => {
    expect(imageChecks("cdapmaster x", from, to).map((each) => each.verdict)).toEqual([verdict]);
  });
});
