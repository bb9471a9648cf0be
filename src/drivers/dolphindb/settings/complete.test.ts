import { describe, expect, it } from "vitest";
import type { DdCluster } from "../cluster.ts";
import { ddFacts, ddGoal } from "../testing/facts-fixture.ts";
import { completeSettings } from "./complete.ts";
import { formerSettings } from "./scope.ts";

const file = "mode=controller\nlocalSite=h1:8990:ctl1\nworkerNum=4\nmaxConnections=512\n";
const host = { name: "h1", readText: (path: string) => Promise.resolve(path.endsWith("/config/controller.cfg") ? file : null) };
const node = (name: string, role: string): unknown => ({ name, alias: `${name}-alias`, role, clusterDirectory: "/d/server/clusterDemo", host });
const cluster = {
  nodes: [node("ctl1", "controller"), node("agent1", "agent"), node("data1", "datanode")],
  rpc: { leader: () => Promise.resolve("ctl1"), call: () => Promise.resolve(["maxMemSize=8", "data1-alias.maxMemSize=6"]) },
} as unknown as DdCluster;
const goal = (settings: Readonly<Record<string, string | null>>, options: Readonly<Record<string, string>> = {}) =>
  ddGoal({ version: null, artefact: null, settings, options });
const none = (path: string): Promise<string> => Promise.reject(new Error(`${path} was read`));

describe("what a goal of settings lacks", () => {
  it("each key as it is now, for the way back; one that is not set is told apart", async () => {
    const asked = { "controller.workerNum": "8", "cluster.maxMemSize": "16", "data1.maxMemSize": null, "ctl1.logLevel": "ERROR", "nobody.x": "1" };
    const completed = await completeSettings(cluster, goal(asked), none);
    expect(completed.settings).toEqual(asked);
    expect(completed.options).toEqual({
      "former.controller.workerNum": "4",
      "former.cluster.maxMemSize": "8",
      "former.data1.maxMemSize": "6",
      "former.ctl1.logLevel.unset": "",
    });
    expect(formerSettings(ddFacts(), completed)).toEqual({
      "controller.workerNum": "4",
      "cluster.maxMemSize": "8",
      "data1.maxMemSize": "6",
      "ctl1.logLevel": null,
    });
  });
  it("an edited file becomes what it changes; what --set says comes before that", async () => {
    const texts: Readonly<Record<string, string>> = {
      "/mine/controller.cfg": file.replace("workerNum=4", "workerNum=16").replace("maxConnections=512\n", ""),
    };
    const read = (path: string): Promise<string> => Promise.resolve(texts[path] ?? "");
    const completed = await completeSettings(cluster, goal({ "controller.workerNum": "8" }, { "edited.controller": "/mine/controller.cfg" }), read);
    expect(completed.settings).toEqual({ "controller.workerNum": "8", "controller.maxConnections": null });
    expect(completed.options).not.toHaveProperty("edited.controller");
  });
  it("lines of one node in an edited cluster.cfg are that node's settings", async () => {
    const completed = await completeSettings(cluster, goal({}, { "edited.cluster": "f" }), () =>
      Promise.resolve("maxMemSize=8\ndata1-alias.maxMemSize=4\n"),
    );
    expect(completed.settings).toEqual({ "data1-alias.maxMemSize": "4" });
  });
  it("an edit of what a run may not touch is refused, and so is one of nobody", async () => {
    const moved = (): Promise<string> => Promise.resolve(file.replace("h1:8990", "h9:8990"));
    await expect(completeSettings(cluster, goal({}, { "edited.controller": "f" }), moved)).rejects.toMatchObject({
      code: "SW6002",
      object: "controller",
    });
    await expect(completeSettings(cluster, goal({}, { "edited.data1": "f" }), moved)).rejects.toMatchObject({ code: "SW1001" });
  });
});
