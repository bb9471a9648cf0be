import { describe, expect, it } from "vitest";
import type { Goal } from "../../model/goal.ts";
import { isUndo, type Turn } from "../../model/step.ts";
import { checkDraft } from "../../planner/checker.ts";
import type { DdFacts } from "./facts.ts";
import { goalBack } from "./goal-back.ts";
import { invariants } from "./invariants.ts";
import type { OpenedCluster } from "./open-cluster.ts";
import { operationsOf } from "./operations/table.ts";
import { chosenMode } from "./planning/modes.ts";
import { plan } from "./planning/plan.ts";
import { wayBack } from "./rollback.ts";
import { ddFacts, ddGoal, threeHosts, type NodeFixture } from "./testing/facts-fixture.ts";

const [old, next] = ["2.00.8.11", "2.00.8.12"];
const before = (written = "24:100"): DdFacts => ddFacts({ chunks: { written } });
/** The first so many hosts have the new release; `leader` leads. */
function after(upgraded: number, more: { readonly written?: string; readonly leader?: string; readonly chunks?: object } = {}): DdFacts {
  const done = { installed: next, running: next };
  const names = Object.entries(threeHosts()).filter(([, { host }]) => Number(host.slice(1)) <= upgraded);
  const nodes: Readonly<Record<string, NodeFixture>> = threeHosts(Object.fromEntries(names.map(([name]) => [name, done])));
  return ddFacts({ nodes, chunks: { written: more.written ?? "24:100", ...more.chunks }, now: { leader: more.leader ?? "ctl3" } });
}
const back = (level: number | null, from: DdFacts = before()): Goal =>
  goalBack(from, ddGoal({ options: level === null ? {} : { level: String(level), "level-source": "case 4711" } }));
const doneIn = (turns: readonly Turn[]): readonly string[] =>
  turns.flatMap(({ items }) => items).flatMap((item) => (isUndo(item) ? [] : [`${item.do} ${item.id}`]));
function turnsOf(facts: DdFacts, goal: Goal): readonly Turn[] {
  const draft = plan(facts, goal, { nodes: [], holdsTraffic: false });
  if ("refused" in draft) throw new Error(draft.refused);
  expect(checkDraft({ operations: operationsOf({ nodes: [] } as unknown as OpenedCluster), invariants: invariants(1) }, facts, draft)).toEqual([]);
  return draft.turns;
}

describe("the goal that goes back", () => {
  it("has the former version, from what is kept on the hosts, and what was written when the run began", () =>
    expect(back(4)).toMatchObject({
      version: old,
      artefact: null,
      mode: "auto",
      options: { release: "kept", "back.from": next, "back.written": "24:100", level: "4" },
    }));
  it("has no package and no plugins of the way there", () => {
    const goal = ddGoal({ options: { plugins: "/p", "plugins.sha256": "x", "package.contents": "y", "former.cluster.maxMemSize": "8" } });
    expect(Object.keys(goalBack(before(), goal).options).toSorted()).toEqual(["back.from", "back.written", "release"]);
  });
  it("has each setting as it was when the run was planned; a key that was not set is unset again", () => {
    const goal = ddGoal({
      version: null,
      artefact: null,
      settings: { "cluster.maxMemSize": "16", "controller.maxConnections": "512" },
      options: { "former.cluster.maxMemSize": "8", "former.controller.maxConnections.unset": "" },
    });
    expect(goalBack(before(), goal)).toMatchObject({ version: null, settings: { "cluster.maxMemSize": "8", "controller.maxConnections": null } });
  });
});

describe("which way back there is", () => {
  it("level 5: host by host, at any time, and metadata is kept", () => {
    const facts = after(3, { written: "30:700", leader: "ctl1" });
    expect(wayBack(facts, back(5))).toMatchObject({ is: "hosts", controllers: "keep", data: "keep", written: null });
    expect(doneIn(turnsOf(facts, back(5))).filter((each) => each.startsWith("restoreBackup"))).toEqual([]);
  });
  it("level 4 while an old controller leads and the others have every chunk: host by host, each from the leader and its copy", () => {
    const facts = after(2, { written: "30:700" });
    expect(wayBack(facts, back(4))).toMatchObject({ is: "hosts", controllers: "resync", data: "restore", copies: { from: old, to: next } });
    const turns = turnsOf(facts, back(4));
    expect(turns.map(({ id }) => id)).toEqual(["prepare", "h1", "h2", "finish"]);
    const restored = turns.flatMap(({ items }) => items).flatMap((item) => (isUndo(item) || item.do !== "restoreBackup" ? [] : [item.params]));
    expect(restored).toEqual([
      { node: "ctl1", name: "h1-2.00.8.11-to-2.00.8.12", way: "resync" },
      { node: "data1", name: "h1-2.00.8.11-to-2.00.8.12", way: "restore" },
      { node: "ctl2", name: "h2-2.00.8.11-to-2.00.8.12", way: "resync" },
      { node: "data2", name: "h2-2.00.8.11-to-2.00.8.12", way: "restore" },
    ]);
    // Metadata comes back behind the former binary and before anything starts.
    const first = doneIn(turns).filter((each) => / (replace|metadata of|start controller) /.test(`${each} `) && /h1|ctl1|data1/.test(each));
    expect(first.map((each) => each.split(" ")[0])).toEqual(["replace", "restoreBackup", "restoreBackup", "startNodes"]);
  });
  it("after the leader's host, when something was written: refused, in the words of both ways", () => {
    const way = wayBack(after(3, { written: "25:101", leader: "ctl1" }), back(4));
    expect(way).toMatchObject({ is: "refused", refusal: { code: "SW2006" } });
    expect(JSON.stringify(way)).toContain("24:100 then, 25:101 now");
    expect(JSON.stringify(way)).toContain("no controller of 2.00.8.11 is left");
    expect(plan(after(3, { written: "25:101", leader: "ctl1" }), back(4), { nodes: [], holdsTraffic: false })).toMatchObject({ code: "SW2006" });
  });
  it("when nothing was written: the whole cluster, proved once more between the last data node and the first controller", () => {
    const facts = after(3, { leader: "ctl1" });
    expect(wayBack(facts, back(4))).toMatchObject({ is: "cluster", controllers: "restore", data: "restore", written: "24:100" });
    expect(chosenMode(facts, back(4))).toBe("downtime");
    const done = doneIn(turnsOf(facts, back(4)));
    const at = (text: string): number => done.findIndex((each) => each.startsWith(text));
    expect(at("nothingWritten")).toBeGreaterThan(at("stopDataNodes"));
    expect(at("nothingWritten")).toBeLessThan(at("stopNodes stop controllers"));
    expect(done.filter((each) => each.startsWith("restoreBackup"))).toHaveLength(6);
    // Never both ways.
    expect(done.filter((each) => each.startsWith("backup"))).toEqual([]);
  });
  it("below level 3 even one host is refused once something was written: the older release does not read it", () => {
    expect(wayBack(after(1, { written: "25:101" }), back(2))).toMatchObject({ is: "refused" });
    expect(wayBack(after(1, { written: "25:101" }), back(null))).toMatchObject({ is: "refused" });
    expect(wayBack(after(1), back(2))).toMatchObject({ is: "hosts", controllers: "resync" });
  });
  it.each([
    ["a chunk lacks a replica", { underReplicated: 1 }],
    ["replicas differ", { unequal: 1 }],
    ["a chunk is RECOVERING", { recovering: 1 }],
    ["a chunk has all its replicas on one host", { onOneHost: { h1: 2 } }],
  ])("host by host only while the others are intact: %s", (_, chunks) =>
    expect(wayBack(after(1, { written: "25:101", chunks }), back(4))).toMatchObject({ is: "refused" }),
  );
  it("what nobody could observe is no proof", () => {
    expect(wayBack(after(3, { leader: "ctl1" }), goalBack(ddFacts(), ddGoal({ options: { level: "4", "level-source": "x" } })))).toMatchObject({
      is: "refused",
    });
    const blind = ddFacts({ now: { leader: "ctl1", chunks: null } });
    expect(wayBack({ ...after(3), now: blind.now }, back(4))).toMatchObject({ is: "refused" });
  });
  it("settings alone always go back", () =>
    expect(wayBack(after(0, { written: "25:101" }), goalBack(before(), ddGoal({ version: null, artefact: null })))).toMatchObject({
      is: "hosts",
      data: "keep",
    }));
});
