import { beforeEach, describe, expect, it } from "vitest";
import type { Look } from "../../../model/driver.ts";
import { Unreachable } from "../../../model/errors.ts";
import type { Json } from "../../../model/json.ts";
import { operationTable } from "../../../planner/kit.ts";
import type { DdCluster } from "../cluster.ts";
import type { DdFacts } from "../facts.ts";
import { examineSettings, readSettings } from "../settings/read.ts";
import { ddFacts, ddGoal } from "../testing/facts-fixture.ts";
import { ServerRefused } from "../wire/errors.ts";
import { nothingWrittenOperation } from "./nothing-written.ts";
import { settingsOperations } from "./settings.ts";

/** Three controllers of which ctl2 leads, and what each node has. */
let lines: readonly string[];
let running: Map<string, string>;
let sent: { readonly node: string; readonly text: string }[];
let knowsReload: boolean;
let loses: boolean;
let written: readonly [number, bigint];

const host = { name: "h1", readText: (path: string) => Promise.resolve(path.endsWith("controller.cfg") ? "mode=controller\nworkerNum=4\n" : null) };
const nodeOf = (name: string): unknown => ({
  name,
  alias: name,
  role: name.startsWith("ctl") ? "controller" : "datanode",
  clusterDirectory: "/DolphinDB/server/clusterDemo",
  host,
});
const cluster = {
  probeDatabase: "dfs://stillwater_probe",
  nodes: ["ctl1", "ctl2", "ctl3", "data1"].map(nodeOf),
  node: nodeOf,
  secret: (reference: string) => Promise.resolve(reference),
  rpc: {
    leader: () => Promise.resolve("ctl2"),
    call: (node: string, name: string, args: readonly string[] = []) => {
      if (name === "loadClusterNodesConfigs")
        return node === "ctl2" ? Promise.resolve(lines) : Promise.reject(new ServerRefused(node, name, "<NotLeader>10.0.0.2:8990:ctl2"));
      const key = name === "getDatanodeRestartInterval" ? "datanodeRestartInterval" : (args[0] ?? "");
      return Promise.resolve(running.get(`${node} ${key}`) ?? null);
    },
    script: () => Promise.resolve({ is: "table", columns: ["chunks", "versions"], data: [[written[0]], [written[1]]] }),
    effect: (node: string, text: string) => {
      sent.push({ node, text });
      if (text === "reloadClusterConfig()" && !knowsReload)
        return Promise.reject(new ServerRefused(node, text, "Cannot recognize function: reloadClusterConfig. RefId: S00015"));
      const saved = /^saveClusterNodesConfigs\(\[(.*)\]\)$/.exec(text)?.[1];
      if (saved !== undefined) lines = JSON.parse(`[${saved}]`) as readonly string[];
      const [, key = "", value = ""] = /^setDynamicConfig\("(\w+)", "?([^"]*)"?\)$/.exec(text) ?? [];
      if (key !== "") running.set(`${node} ${key}`, value);
      const interval = /^setDatanodeRestartInterval\((\d+)\)$/.exec(text)?.[1];
      if (interval !== undefined) running.set(`${node} datanodeRestartInterval`, interval);
      return loses ? Promise.reject(new Unreachable(`${node} did not answer`)) : Promise.resolve(null);
    },
  },
} as unknown as DdCluster;
const operations = operationTable<DdFacts>(...settingsOperations(cluster), nothingWrittenOperation(cluster));
const acting = {
  now: 0,
  token: "t",
  send: <T>(_: string | null, effect: (fence: never) => T | Promise<T>) => Promise.resolve(effect(null as never)),
};

async function before(name: string, params: Json): Promise<Json> {
  return (await operations[name]?.prepare?.(params, { now: 0 })) ?? null;
}
async function look(name: string, params: Json, kept: Json): Promise<Look | undefined> {
  return operations[name]?.look(params, { before: kept, receipt: null }, { now: 0 });
}

beforeEach(() => {
  lines = ["maxMemSize=8", "workerNum=4", "data1.maxMemSize=6"];
  running = new Map([["data1 maxMemSize", "8"]]);
  sent = [];
  knowsReload = true;
  loses = false;
  written = [24, 100n];
});

describe("cluster.cfg of the Raft group", () => {
  const params = { changes: { maxMemSize: "16", "data1.maxMemSize": null, newKey: "a b" } };
  it("is saved whole through the leader, with the lines that nobody asked to change, and read back", async () => {
    const kept = await before("saveClusterSettings", params);
    expect(await look("saveClusterSettings", params, kept)).toMatchObject({ is: "open" });
    await operations["saveClusterSettings"]?.act?.(params, { before: kept, receipt: null }, acting);
    expect(sent).toEqual([
      { node: "ctl2", text: 'saveClusterNodesConfigs(["maxMemSize=16", "workerNum=4", "newKey=a b"])' },
      { node: "ctl2", text: "reloadClusterConfig()" },
    ]);
    expect(await look("saveClusterSettings", params, kept)).toMatchObject({
      is: "done",
      proof: { saidBy: "ctl2", was: ["maxMemSize=8", "data1.maxMemSize=6", "newKey=(not set)"] },
    });
    expect(operations["saveClusterSettings"]?.undo?.(params, kept)).toMatchObject([
      { do: "saveClusterSettings", params: { changes: { maxMemSize: "8", "data1.maxMemSize": "6", newKey: null } } },
    ]);
  });
  it("a release without reloadClusterConfig is no failure", async () => {
    knowsReload = false;
    const kept = await before("saveClusterSettings", params);
    await operations["saveClusterSettings"]?.act?.(params, { before: kept, receipt: null }, acting);
    expect(await look("saveClusterSettings", params, kept)).toMatchObject({ is: "done" });
  });
  it("a lost answer is looked after, not believed", async () => {
    loses = true;
    const kept = await before("saveClusterSettings", params);
    await expect(operations["saveClusterSettings"]?.act?.(params, { before: kept, receipt: null }, acting)).rejects.toThrow("did not answer");
    expect(await look("saveClusterSettings", params, kept)).toMatchObject({ is: "done" });
  });
});

describe("online", () => {
  it.each([
    ["data1", "maxMemSize", "16", 'setDynamicConfig("maxMemSize", 16)'],
    ["data1", "logLevel", "ERROR", 'setDynamicConfig("logLevel", "ERROR")'],
    ["ctl1", "datanodeRestartInterval", "30", "setDatanodeRestartInterval(30)"],
  ])("%s %s=%s", async (node, key, value, text) => {
    const params = { node, key, value };
    const kept = await before("setDynamic", params);
    await operations["setDynamic"]?.act?.(params, { before: kept, receipt: null }, acting);
    expect(sent).toEqual([{ node, text }]);
    expect(await look("setDynamic", params, kept)).toMatchObject({ is: "done", proof: { now: value } });
  });
  it("is put back to what the node said before; a default cannot be said, and comes with its next start", async () => {
    const known = { node: "data1", key: "maxMemSize", value: "16" };
    expect(operations["setDynamic"]?.undo?.(known, await before("setDynamic", known))).toMatchObject([{ params: { value: "8" } }]);
    const fresh = { node: "data1", key: "logLevel", value: "ERROR" };
    expect(operations["setDynamic"]?.undo?.(fresh, await before("setDynamic", fresh))).toEqual([]);
  });
});

describe("what is read back", () => {
  it("is what the node itself says, in whichever form", async () => {
    expect(await look("readSettings", { node: "data1", changes: { maxMemSize: "8.0" } }, null)).toMatchObject({ is: "done" });
    expect(await look("readSettings", { node: "data1", changes: { maxMemSize: "16" } }, null)).toMatchObject({
      is: "waiting",
      for: expect.stringContaining("getConfig says 8") as string,
    });
  });
  it("stands in the plan as a diff for each file, and for what the Raft group owns", async () => {
    const goal = ddGoal({
      version: null,
      artefact: null,
      settings: { "controller.workerNum": "8", "cluster.maxMemSize": "16", "controller.dfsRecoveryWaitTime": "30000" },
    });
    const found = await examineSettings(cluster, ddFacts(), goal);
    expect(found.map(({ code, object, what }) => `${code} ${object}: ${what}`)).toEqual([
      ...["ctl1", "ctl2", "ctl3"].map((name) => `settings ${name}: config/controller.cfg: - workerNum=4, + workerNum=8, + dfsRecoveryWaitTime=30000`),
      "settings cluster.cfg: cluster.cfg, owned by the Raft group: - maxMemSize=8, + maxMemSize=16",
      expect.stringContaining("counts as 60000") as string,
    ]);
  });
  it("says on which node it was read, and whether it takes a restart", async () => {
    expect(await readSettings(cluster, ddFacts(), ["data1.maxMemSize", "cluster.workerNum", "nobody.x"])).toMatchObject([
      { key: "data1.maxMemSize", node: "data1", value: "8", apply: "dynamic", proved: true },
      ...["data1", "data2", "data3"].map((node) => ({ key: "cluster.workerNum", node, value: null, apply: "restart" })),
    ]);
  });
});

describe("nothing written", () => {
  it("holds only while the controllers' own sum is the one of the beginning", async () => {
    expect(await look("nothingWritten", { since: "24:100" }, null)).toMatchObject({ is: "done", proof: { saidBy: "ctl2" } });
    written = [24, 101n];
    expect(await look("nothingWritten", { since: "24:100" }, null)).toMatchObject({ is: "unclear" });
  });
});
