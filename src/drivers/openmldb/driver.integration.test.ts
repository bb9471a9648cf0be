// The driver on a lab of real processes: hosts, pid files, HTTP and ZooKeeper as they are in a cluster.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { down, fault, up } from "../../../lab/index.ts";
import type { SystemDriver } from "../../model/driver.ts";
import type { Check } from "../../model/facts.ts";
import { initCluster } from "../../usecases/init.ts";
import { openWorkspace, type Workspace } from "../../usecases/workspace.ts";
import type { OmFacts } from "./facts.ts";
import { omGoal } from "./testing/facts-fixture.ts";

let parent: string;
let directory: string;
let zookeeper: string;
let workspace: Workspace;
let driver: SystemDriver<OmFacts>;
const inspect = (): Promise<OmFacts> => driver.inspect({ now: Date.now() });
const against = (checks: readonly Check[]): readonly string[] =>
  checks.flatMap(({ verdict, code, object }) => (verdict === "blocker" || verdict === "warning" ? [`${verdict} ${code} ${object}`] : []));

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), "driver-lab-"));
  directory = join(parent, "lab");
  const { lab, clusterFile } = await up("openmldb", {
    directory,
    scale: 0.1,
    tablets: 3,
    nameservers: 2,
    apiservers: 1,
    taskmanagers: 1,
    partitions: 4,
    daemon: true,
    shared: true,
  });
  zookeeper = lab.zookeeper.endpoint;
  workspace = openWorkspace({ clusterFile, stateDirectory: join(parent, "state") });
  // The driver of this cluster's system is this one.
  driver = (await workspace.driver()) as unknown as SystemDriver<OmFacts>;
});
afterAll(async () => {
  await workspace.close();
  await down(directory);
  await rm(parent, { recursive: true });
});

describe("a lab of processes", () => {
  it("is well: every component is seen by its process, its endpoint and its release", async () => {
    const facts = await inspect();
    expect(driver.nodes(facts).map(({ name, state, version, installed }) => `${name} ${state} ${String(version)} ${String(installed)}`)).toEqual(
      ["ns1", "ns2", "tablet1", "tablet2", "tablet3", "api1", "tm1"].map((name) => `${name} serving 0.9.2 0.9.2`),
    );
    expect(new Set(Object.values(facts.now.nodes).map(({ process }) => process))).toEqual(new Set(["daemon"]));
    expect(facts.structure.nodes["ns1"]?.shares).toEqual(["api1", "tm1"]);
    expect(facts.now).toMatchObject({ zookeeper: { servers: 1, answering: 1, quorum: true }, warnings: [], operations: [], autoFailover: true });
    const goal = omGoal({ options: { "single-replica": "allow-unavailable" } });
    expect(against(driver.check(facts, goal)).filter((each) => each.startsWith("blocker"))).toEqual([]);
    const examined = (await driver.examine?.(facts, goal)) ?? [];
    expect(against(examined)).toEqual(["warning spark-distribution tm1"]);
    expect(examined.find(({ code, object }) => code === "data-directory" && object === "tablet1")?.what).toContain(`${directory}/nodes/tablet1/db`);
  });

  it("[OM-11] init by ZooKeeper finds the same servers", async () => {
    const { definition } = await initCluster({
      system: "openmldb",
      target: "",
      output: join(parent, "found.yaml"),
      options: {
        "zk-cluster": zookeeper,
        "zk-root-path": "/openmldb",
        "directory.tablet": "/t",
        directory: "/d",
        ...Object.fromEntries(await ownDirectories()),
      },
    });
    const known = (await workspace.definition()).nodes.flatMap(({ endpoint, options }) => (options["role"] === "apiserver" ? [] : [endpoint]));
    expect(definition.nodes.map(({ endpoint }) => endpoint).toSorted()).toEqual(known.toSorted());
  });

  it("[OM-7] mon is killed with SIGKILL: its component goes on, and the check says so", async () => {
    await fault(directory, ["kill", "tablet2", "mon"]);
    const facts = await inspect();
    expect(facts.now.nodes["tablet2"]?.process).toBe("daemon-lost-mon");
    expect(against(driver.check(facts, omGoal()))).toContain("warning mon-alive tablet2");
  });

  it("a tablet that is down stops every plan but recover", async () => {
    await fault(directory, ["kill", "tablet2"]);
    await expect.poll(async () => (await inspect()).now.nodes["tablet2"]?.state, { timeout: 30_000 }).toBe("offline");
    const facts = await inspect();
    expect(facts.now.nodes["tablet2"]).toMatchObject({ process: "down", running: null });
    expect(against(driver.check(facts, omGoal()))).toContain("blocker tablets-healthy tablet2");
    expect(
      against(driver.check(facts, omGoal({ version: null, maintenance: { is: "recover" } }))).filter((each) => each.startsWith("blocker")),
    ).toEqual([]);
  });
});

const ownDirectories = async (): Promise<readonly (readonly [string, string])[]> =>
  (await workspace.definition()).nodes.map(({ endpoint, options }) => [`directory.${endpoint}`, String(options["directory"])] as const);
