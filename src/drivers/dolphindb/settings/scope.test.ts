import { describe, expect, it } from "vitest";
import { isUndo } from "../../../model/step.ts";
import { plan } from "../planning/plan.ts";
import { ddFacts, ddGoal } from "../testing/facts-fixture.ts";
import { changesFor, clusterChanges, onlineFor, ownChanges, refuseSettings, restartsFor, settingKey } from "./scope.ts";

const facts = ddFacts();
const goal = (settings: Readonly<Record<string, string | null>>) => ddGoal({ version: null, artefact: null, settings });
const done = (settings: Readonly<Record<string, string | null>>): readonly string[] => {
  const draft = plan(facts, goal(settings), { nodes: [], holdsTraffic: false });
  if ("refused" in draft) throw new Error(draft.refused);
  return draft.turns.flatMap(({ items }) => items).flatMap((item) => (isUndo(item) ? [] : [item.id]));
};

describe("which file and which node a key concerns", () => {
  it("controllers and agents have files of their own, data nodes have cluster.cfg of the Raft group", () => {
    expect(settingKey(facts, "controller.maxConnections")).toEqual({ in: "controller.cfg", nodes: ["ctl1", "ctl2", "ctl3"], name: "maxConnections" });
    expect(settingKey(facts, "agent1.workerNum")).toEqual({ in: "agent.cfg", nodes: ["agent1"], name: "workerNum" });
    expect(settingKey(facts, "cluster.maxMemSize")).toMatchObject({ in: "cluster.cfg", nodes: ["data1", "data2", "data3"], line: "maxMemSize" });
    expect(settingKey(facts, "data2.maxMemSize")).toMatchObject({ in: "cluster.cfg", nodes: ["data2"], line: "data2.maxMemSize" });
    expect(settingKey(facts, "nobody.maxMemSize")).toBeNull();
    expect(settingKey(facts, "maxMemSize")).toBeNull();
  });
  it("what is said of a node comes before what is said of all", () => {
    const settings = { "ctl1.maxConnections": "64", "controller.maxConnections": "512", "data1.maxMemSize": "4", "cluster.maxMemSize": "8" };
    expect(ownChanges(facts, goal(settings), "ctl1")).toEqual({ maxConnections: "64" });
    expect(ownChanges(facts, goal(settings), "ctl2")).toEqual({ maxConnections: "512" });
    expect(clusterChanges(facts, goal(settings))).toEqual({ "data1.maxMemSize": "4", maxMemSize: "8" });
    expect(changesFor(facts, goal(settings), "data1")).toEqual({ maxMemSize: "4" });
    expect(ownChanges(facts, goal(settings), "data1")).toEqual({});
  });
  it("only what cannot be changed online takes a restart, and unsetting always does", () => {
    expect(restartsFor(facts, goal({ "cluster.maxMemSize": "8" }))).toEqual([]);
    expect(onlineFor(facts, goal({ "data1.maxMemSize": "8" }))).toEqual([{ node: "data1", key: "maxMemSize", value: "8" }]);
    expect(restartsFor(facts, goal({ "cluster.workerNum": "8" }))).toEqual(["data1", "data2", "data3"]);
    expect(restartsFor(facts, goal({ "ctl2.maxConnections": null }))).toEqual(["ctl2"]);
  });
  it.each([
    ["controller.localSite", "x:1:y"],
    ["cluster.volumes", "/disk2"],
    ["cluster.maxMemSize", "much"],
    ["cluster.maxMemSize", "8\nmode=single"],
    ["controller.raftElectionTick", "900"],
    ["nobody.x", "1"],
  ])("%s=%s is refused", (key, value) =>
    expect(() => refuseSettings(facts, goal({ [key]: value }))).toThrow(expect.objectContaining({ code: "SW6002", object: key })),
  );
});

describe("what a plan does about them", () => {
  it("online keys take no restart: saved for the next start, set on every node, read back", () =>
    expect(done({ "cluster.maxMemSize": "8" })).toEqual([
      "cluster.cfg",
      ...["data1", "data2", "data3"].map((node) => `maxMemSize of ${node}`),
      ...["data1", "data2", "data3"].map((node) => `read back ${node}`),
    ]));
  it("others are written while their own host is down, and read back before the next host", () => {
    const ids = done({ "controller.workerNum": "8" });
    const at = (id: string): number => ids.indexOf(id);
    for (const host of ["2", "3", "1"]) {
      expect(at(`settings ctl${host}`)).toBeGreaterThan(at(`stop controller h${host}`));
      expect(at(`settings ctl${host}`)).toBeLessThan(at(`start controller h${host}`));
      expect(at(`read back ctl${host}`)).toBeLessThan(at(`chunks h${host}`));
    }
    expect(ids).not.toContain("cluster.cfg");
  });
  it("one node's own setting takes down its host alone", () =>
    expect(done({ "ctl2.workerNum": "8" }).filter((id) => id.startsWith("stop controller"))).toEqual(["stop controller h2"]));
  it("together with a release they take no restart of their own", () => {
    const draft = plan(facts, ddGoal({ settings: { "controller.workerNum": "8" } }), { nodes: [], holdsTraffic: false });
    const turns = "turns" in draft ? draft.turns : [];
    expect(turns.map(({ id }) => id)).toEqual(["prepare", "h2", "h3", "h1", "finish"]);
    expect(turns[1]?.title).toContain("restart on 2.00.8.12 with workerNum");
  });
});
