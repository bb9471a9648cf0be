// The prechecks against a lab cluster in memory: what its servers and hosts really answer, and what a plan does with it.
import { afterEach, describe, expect, it } from "vitest";
import { CLUSTER_DIRECTORY, SERVER } from "../../../../lab/dolphindb/memory/layout.ts";
import type { MemoryClusterOptions } from "../../../../lab/dolphindb/memory/cluster.ts";
import type { SystemDriver } from "../../../model/driver.ts";
import { StillwaterError } from "../../../model/errors.ts";
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import type { Plan } from "../../../model/plan.ts";
import { makePlan } from "../../../planner/plan.ts";
import { impact } from "../impact.ts";
import { invariants } from "../invariants.ts";
import { nodeViews } from "../node-views.ts";
import { operationsOf } from "../operations/table.ts";
import { modeVerdicts } from "../planning/modes.ts";
import { plan } from "../planning/plan.ts";
import { MemoryRun } from "../testing/memory-run.ts";
import { undoUntil } from "../undo-until.ts";
import { checks } from "./checks.ts";
import { examine } from "./examine.ts";

const packaged = {
  "package.flavour": "plain",
  "package.architecture": "x86_64",
  "package.version-from": "inside",
  "package.contents": "ab",
  "package.bytes": "1000",
  "package.plugins": "mysql=2.00.8.1",
};
const containing = (text: string): unknown => expect.stringContaining(text);

let run: MemoryRun | null = null;
afterEach(() => {
  run = null;
});
async function lab(options: MemoryClusterOptions & { readonly to?: string } = {}): Promise<MemoryRun> {
  run = await MemoryRun.begin(options);
  return run;
}
const goalOf = (on: MemoryRun, more: Partial<Goal> = {}): Goal => ({ ...on.upgrade, ...more, options: { ...packaged, ...more.options } });

async function allChecks(on: MemoryRun, goal: Goal): Promise<readonly Check[]> {
  const { cluster, inspector } = on.open();
  const facts = await on.lab.world.run(inspector.inspect());
  return [...checks(facts, goal), ...(await on.lab.world.run(examine(cluster, facts, goal)))];
}
const wrong = (found: readonly Check[]): readonly string[] =>
  found.flatMap(({ verdict, code, object }) => (verdict === "blocker" ? [`${code} ${object}`] : []));

/** As the verb does it. */
async function planned(on: MemoryRun, goal: Goal, overrides: readonly string[] = []): Promise<Plan> {
  const { cluster, inspector } = on.open();
  const facts = await on.lab.world.run(inspector.inspect());
  const driver: Partial<SystemDriver<typeof facts>> = {
    system: "dolphindb",
    operations: operationsOf(cluster),
    invariants: invariants(1),
    plan: (of, wanted) => plan(of, wanted, { nodes: cluster.nodes, holdsTraffic: false }),
    nodes: nodeViews,
    check: checks,
    modes: modeVerdicts,
    impact,
    undoUntil,
  };
  const made: unknown = makePlan(driver as unknown as SystemDriver, {
    cluster: "lab",
    goal,
    facts,
    examined: await on.lab.world.run(examine(cluster, facts, goal)),
    overrides: overrides.map((code) => ({ code, by: "op", reason: "the vendor said so" })),
    rollsBack: null,
    createdAt: "2026-11-21T00:00:00Z",
    createdBy: "op",
  });
  return made as Plan;
}
async function refusal(making: Promise<unknown>): Promise<StillwaterError> {
  const error = await making.then(
    () => null,
    (cause: unknown) => cause,
  );
  if (error instanceof StillwaterError) return error;
  throw new Error("it was not refused", { cause: error });
}

describe("the tutorial's own upgrade", () => {
  it("[DD-5] [DD-7] is refused with level, both commands and the price; the override and the regular upgrade are planned", async () => {
    const on = await lab({ release: "2.00.7.4" });
    const goal = goalOf(on);
    const refused = await refusal(planned(on, goal));
    expect(refused).toMatchObject({ code: "SW2107", override: "compatibility-level", price: containing("level 2 accepted") });
    expect(refused.remedy).toContain("--mode downtime");
    expect(refused.remedy).toContain("--mode zero-downtime --override compatibility-level");
    // Nothing else is in the way: what is refused is refused for its level alone.
    expect(refused.why).toHaveLength(1);
    const anyway = await planned(on, goal, ["compatibility-level"]);
    expect(anyway).toMatchObject({ mode: "zero-downtime", overrides: [{ code: "compatibility-level", by: "op", reason: "the vendor said so" }] });
    expect(anyway.undoUntil).toMatch(/^host by host until the leader's host/);
    const regular = await planned(on, goalOf(on, { mode: "downtime" }));
    expect(regular.mode).toBe("downtime");
    expect(regular.impact.find(({ feature }) => feature.includes("everything"))).toMatchObject({ effect: "refused" });
  });
  it("what no override helps against is refused first", async () => {
    const on = await lab({ release: "2.00.7.4" });
    const refused = await refusal(planned(on, goalOf(on, { options: { "package.architecture": "aarch64" } })));
    expect(refused).toMatchObject({ code: "SW2107", override: null, message: containing("the package is for aarch64") });
    expect(refused.why.join("\n")).toContain("compatibility-level");
  });
  it("[DD-4] builds of one release: with what the vendor's support stated nothing is in the way", async () => {
    const on = await lab({ release: "2.00.8.11" });
    const goal = goalOf(on, { options: { level: "4", "level-source": "case 4711" } });
    expect(wrong(await allChecks(on, goal))).toEqual([]);
    const made = await planned(on, goal);
    expect(made.mode).toBe("zero-downtime");
    const writes = made.impact.filter(({ feature }) => feature.startsWith("writes"));
    // Two hosts of followers, and the leader's last: only there an election is waited for.
    expect(writes.map(({ expectedMs }) => expectedMs)).toEqual([9_000, 9_000, 25_000]);
  });
});

describe("bad input", () => {
  const stated = { level: "4", "level-source": "case 4711" };
  const says = async (on: MemoryRun, code: string, more: Partial<Goal> = {}): Promise<Check | undefined> =>
    (await allChecks(on, goalOf(on, { ...more, options: { ...stated, ...more.options } }))).find(
      (check) => check.code === code && check.verdict === "blocker",
    );
  const onDisk = (on: MemoryRun, host: string) => on.lab.machine(host).disk;

  it("[DD-3] three replicas on three nodes", async () => {
    const on = await lab({ release: "2.00.8.11", replicationFactor: 3 });
    const refused = await refusal(planned(on, goalOf(on, { mode: "zero-downtime", options: stated })));
    expect(refused.code).toBe("SW2108");
    expect(refused.why.join("\n")).toContain("are left for 3 replicas: the controller would refuse every write");
    expect((await planned(on, goalOf(on, { options: stated }))).mode).toBe("downtime");
  });
  it("[DD-3] one controller is no high availability", async () => {
    const on = await lab({ release: "2.00.8.11", controllers: 1 });
    expect((await refusal(planned(on, goalOf(on, { mode: "zero-downtime", options: stated })))).why.join("\n")).toContain(
      "1 controller: with one down",
    );
  });
  it("a licence that caps below the target", async () => {
    const on = await lab({ release: "2.00.8.11" });
    const path = `${SERVER}/dolphindb.lic`;
    onDisk(on, "h2").write(path, `${onDisk(on, "h2").read(path) ?? ""}\nversion=2.00.8.11\n`);
    expect(await says(on, "licence")).toMatchObject({ object: containing("on h2"), what: containing("up to 2.00.8.11, not 2.00.8.12") });
  });
  it("plugins of another version, in use", async () => {
    const on = await lab({ release: "2.00.8.11", to: "2.00.9.4", clusterSettings: { preloadModules: "plugins::mysql" } });
    expect(await says(on, "plugins")).toMatchObject({ object: "mysql", what: containing("with 2.00.9.4 there would be version 2.00.8.1") });
  });
  it("an empty first line in cluster.nodes, and an agent file without all controllers", async () => {
    const on = await lab({ release: "2.00.8.11" });
    const nodes = `${CLUSTER_DIRECTORY}/config/cluster.nodes`;
    const agent = `${CLUSTER_DIRECTORY}/config/agent.cfg`;
    onDisk(on, "h2").write(nodes, `\n${onDisk(on, "h2").read(nodes) ?? ""}`);
    onDisk(on, "h3").write(agent, (onDisk(on, "h3").read(agent) ?? "").replaceAll(/,[^,\n]*:ctl1:controller/g, ""));
    expect(await says(on, "first-line")).toMatchObject({ object: "ctl2" });
    expect(await says(on, "agent-sites")).toMatchObject({ object: "agent3", what: containing("lacks ctl1") });
  });
  it("a package of another flavour or architecture, and one that is older", async () => {
    const on = await lab({ release: "3.00.2", to: "3.00.3" });
    expect(await says(on, "flavour", { options: { "package.flavour": "JIT" } })).toMatchObject({ what: containing("runs the plain build") });
    expect(await says(on, "architecture", { options: { "package.architecture": "aarch64" } })).toBeDefined();
    expect(await says(on, "version-order", { version: "3.00.1" })).toMatchObject({ what: containing("is older than what runs") });
  });
  it("units of systemd that the cluster file does not name", async () => {
    const on = await lab({ release: "2.00.8.11", units: true });
    expect(await says(on, "units")).toMatchObject({ what: containing("names no service for it"), remedy: containing("manager: systemd") });
  });
});

describe("a cluster that is not well", () => {
  it("[DD-13] a node that is down, and chunks that say COMPLETE with one replica", async () => {
    const on = await lab({ release: "2.00.8.11" });
    await on.fill();
    on.lab.kill("node2");
    await on.lab.world.advance(20_000);
    const found = await allChecks(on, goalOf(on, { options: { level: "4", "level-source": "case 4711" } }));
    expect(wrong(found)).toEqual(expect.arrayContaining(["nodes-online node2", "chunks-replicas chunks"]));
    expect(found.find(({ code }) => code === "chunks-replicas")?.what).toMatch(
      /^\d+ chunks? with fewer than 2 replicas, whatever their state is: .* \(.*\) COMPLETE, 1 replica/,
    );
  });
});
