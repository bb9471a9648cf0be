// The real inspector on a lab installation in memory.
import { describe, expect, test } from "vitest";
import { ApiRefused } from "./wire/caller.ts";
import { DataphinDriver } from "./driver.ts";
import { factTables } from "./fact-tables.ts";
import { nodeViews } from "./node-views.ts";
import { definitionOf, goalOf, MemoryRun } from "./testing/memory-run.ts";

const declaring = async () => {
  const run = await MemoryRun.begin({ workload: { longJobs: 4 } });
  const { apis } = run.lab.workload;
  const source = "lab";
  return MemoryRun.begin({
    workload: { longJobs: 4 },
    keys: {
      declared: {
        apis: {
          [String(apis.composite)]: { class: "composite", source },
          [String(apis.compositeLogical)]: { class: "compositeLogical", source },
          [String(apis.dataphinSource)]: { class: "dataphinSource", source },
        },
      },
    },
  });
};

describe("inspect on a lab installation", () => {
  test("sees the version, every node, what runs and waits, APIs by class, grants and real-time jobs", async () => {
    const run = await declaring();
    const facts = await run.inspect();
    expect(facts.structure).toMatchObject({
      version: expect.stringMatching(/^6\.2\.0/) as string,
      timeZone: "UTC",
      projects: [{ id: "7162269257990111", name: "retail" }],
    });
    expect(facts.now.states).toEqual({ application: "serving", manager: "serving", gateway: "serving", realtime: "serving" });
    expect(facts.now.console).toBe("accessible");
    expect(facts.now.instances?.running.map(({ node }) => node).filter((node) => node.startsWith("load_"))).toHaveLength(4);
    expect(facts.now.instances?.due.length).toBeGreaterThan(0);
    const classes = (facts.structure.apis ?? []).map((api) => api.class);
    expect(new Set(classes)).toEqual(
      new Set(["direct", "serviceUnit", "composite", "registered", "logicalTable", "dataphinSource", "compositeLogical"]),
    );
    const fieldLevel = (facts.structure.grants ?? []).filter(({ fields }) => fields !== null);
    expect(fieldLevel).toEqual([
      { api: String(run.lab.workload.apis.fields), appKey: "200000001", expires: "2036-12-31", fields: ["a"], withheld: ["b"] },
      { api: String(run.lab.workload.apis.fields), appKey: "200000002", expires: "2036-12-31", fields: ["a"], withheld: ["b"] },
    ]);
    expect(facts.now.realtime?.map(({ state }) => state)).toEqual(["RUNNING", "RUNNING", "RUNNING"]);
    expect(nodeViews(facts).map(({ state }) => state)).toEqual(["serving", "serving", "serving", "serving"]);
    expect(factTables(facts).map(({ name, rows }) => [name, rows.length > 0])).toEqual([
      ["instances", true],
      ["apis", true],
      ["grants", true],
      ["realtime", true],
    ]);
  });
  test("classes that no document tells are unknown, and say so", async () => {
    const run = await MemoryRun.begin({ workload: { longJobs: 1 } });
    const unknown = ((await run.inspect()).structure.apis ?? []).filter((api) => api.class === "unknown");
    expect(unknown.map(({ id }) => Number(id)).toSorted((a, b) => a - b)).toEqual(
      [run.lab.workload.apis.composite, run.lab.workload.apis.dataphinSource, run.lab.workload.apis.compositeLogical].toSorted((a, b) => a - b),
    );
  });
  test("a platform that is down is a fact, and what it alone tells is null; one of which nothing answers throws", async () => {
    const run = await MemoryRun.begin({ workload: { longJobs: 1 } });
    run.lab.kill("platform");
    const facts = await run.inspect();
    expect(facts.now.states["application"]).toBe("stopped");
    expect([facts.structure.version, facts.structure.apis, facts.now.instances]).toEqual([null, null, null]);
    expect(facts.now.states["gateway"]).toBe("serving");
    expect(nodeViews(facts)[0]).toMatchObject({ state: "down" });
  });
  test("wrong keys, a wrong tenant and a missing project are told, never taken for a platform that is down", async () => {
    const run = await MemoryRun.begin({ workload: { longJobs: 1 } });
    const definition = definitionOf(run.lab);
    const inspectWith = (options: Readonly<Record<string, unknown>>): Promise<unknown> => {
      const driver = new DataphinDriver({ ...definition, options: { ...definition.options, ...options } }, run.handles(), { openApi: run.openApi() });
      return run.lab.world.run(driver.inspect()).catch((error: unknown) => error);
    };
    const openapi = definition.options["openapi"] as Readonly<Record<string, unknown>>;
    expect(await inspectWith({ openapi: { ...openapi, tenantId: "1" } })).toMatchObject({
      name: "ApiRefused",
      word: expect.stringContaining("Tenant") as string,
    });
    expect(await inspectWith({ projects: ["retail", "nowhere"] })).toMatchObject({
      word: "DPN.OP.ProjectNotExist",
      message: expect.stringContaining("nowhere") as string,
    });
    expect(await inspectWith({ projects: ["retail"] })).not.toBeInstanceOf(ApiRefused);
  });
  test("[DP-1] the driver plans, checks and forecasts every mode of it", async () => {
    const run = await declaring();
    const driver = new DataphinDriver(definitionOf(run.lab, { keys: { declared: {} } }), run.handles(), { openApi: run.openApi() });
    const facts = await run.lab.world.run(driver.inspect());
    for (const mode of ["zero-downtime", "semi-downtime", "downtime"] as const) {
      const goal = goalOf(mode);
      const draft = driver.plan(facts, goal);
      if ("refused" in draft) expect.fail(draft.refused);
      const rows = driver.impact(facts, goal, mode, draft.turns);
      expect(rows.length).toBeGreaterThan(12);
      for (const { expectedMs, amount } of rows) expect([Number.isFinite(expectedMs), (amount?.value ?? 0) >= 0]).toEqual([true, true]);
      expect(driver.check(facts, goal).some(({ code }) => code === "generation")).toBe(true);
      expect(driver.modes(facts, goal).find((each) => each.mode === mode)?.eligible).toBe(true);
    }
    await expect(driver.artefact("/tmp/x")).rejects.toMatchObject({ code: "SW1205" });
    expect(driver.undoUntil(facts, goalOf("downtime"))).toContain("shutdown");
  });
});
