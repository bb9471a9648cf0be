import { describe, expect, it } from "vitest";
import type { Goal } from "../../../model/goal.ts";
import { isUndo, type Turn } from "../../../model/step.ts";
import { checkDraft } from "../../../planner/checker.ts";
import type { DdFacts } from "../facts.ts";
import { invariants } from "../invariants.ts";
import type { OpenedCluster } from "../open-cluster.ts";
import { operationsOf } from "../operations/table.ts";
import { ddFacts, ddGoal, threeHosts } from "../testing/facts-fixture.ts";
import { plan } from "./plan.ts";

// Only what is pure of them is used here: undo and predict.
const operations = operationsOf({ nodes: [] } as unknown as OpenedCluster);

const turnsOf = (facts: DdFacts, goal: Goal = ddGoal()): readonly Turn[] => {
  const draft = plan(facts, goal, { nodes: [], holdsTraffic: false });
  if ("refused" in draft) throw new Error(`refused: ${draft.refused}`);
  return draft.turns;
};
const idsOf = (turn: Turn | undefined): readonly string[] => (turn?.items ?? []).map((item) => (isUndo(item) ? `undo ${item.undo}` : item.id));
const wrong = (facts: DdFacts, goal?: Goal): readonly string[] =>
  checkDraft({ operations, invariants: invariants(1) }, facts, { turns: turnsOf(facts, goal) });

describe("plan", () => {
  it("[DD-2] [DD-22] the leader's host is the last, and the chunks are the gate between hosts", () => {
    const turns = turnsOf(ddFacts({ now: { leader: "ctl1" } }));
    expect(turns.map(({ id }) => id)).toEqual(["prepare", "h2", "h3", "h1", "finish"]);
    for (const turn of turns.slice(1, 4)) expect(idsOf(turn).at(-1)).toBe(`chunks ${turn.id}`);
  });
  it("[DD-17] [DD-20] a host goes down data nodes first, and comes back controller first", () => {
    expect(idsOf(turnsOf(ddFacts())[1]).filter((id) => !id.startsWith("backup"))).toEqual([
      "recovery h2",
      "units h2",
      "drain h2",
      "stop data nodes h2",
      "stop agent h2",
      "stop controller h2",
      "replace h2",
      "start controller h2",
      "controller ready h2",
      "start agent h2",
      "start data nodes h2",
      "ready h2",
      "undo units h2",
      "undo recovery h2",
      "chunks h2",
    ]);
  });
  it("[DD-1] the regular upgrade: all down, data nodes first; all up, controllers first", () => {
    const turns = turnsOf(ddFacts(), ddGoal({ mode: "downtime" }));
    expect(turns.map(({ id }) => id)).toEqual(["prepare", "cluster", "finish"]);
    expect(idsOf(turns[1]).filter((id) => !id.startsWith("backup"))).toEqual([
      "recovery",
      "units h2",
      "units h3",
      "units h1",
      "drain",
      "stop data nodes",
      "stop agents",
      "stop controllers",
      ...["h2", "h3", "h1"].map((host) => `replace ${host}`),
      "start controllers",
      "controllers ready",
      "start agents",
      "start data nodes",
      "ready",
      "undo units h1",
      "undo units h3",
      "undo units h2",
      "undo recovery",
      "chunks",
    ]);
  });
  it.each(["zero-downtime", "downtime"] as const)("[DD-15] no invariant is broken at any point or on any abort path: %s", (mode) =>
    expect(wrong(ddFacts(), ddGoal({ mode }))).toEqual([]),
  );
  it("[DD-23] at the end every node of the cluster is asked for its version", () => {
    const [ready] =
      turnsOf(ddFacts())
        .at(-1)
        ?.items.filter((item) => !isUndo(item)) ?? [];
    expect(ready).toMatchObject({ do: "ready", params: { version: "2.00.8.12", nodes: Object.keys(threeHosts()) } });
  });
  it("recovery is suspended around each host, and the restart interval is 0 around all of them", () => {
    const turns = turnsOf(ddFacts());
    expect(idsOf(turns[0]).at(-1)).toBe("restart interval");
    expect(idsOf(turns.at(-1))[0]).toBe("undo restart interval");
  });
  it("what the operator has suspended is suspended again at the end, on every path", () => {
    const goal = ddGoal({ options: { recovery: "suspended" } });
    const turns = turnsOf(ddFacts(), goal);
    expect(idsOf(turns[0]).at(-1)).toBe("recovery resumed");
    expect(idsOf(turns.at(-1))[0]).toBe("undo recovery resumed");
    expect(operations["resumeRecovery"]?.undo?.({ nodes: [], wasSuspended: true }, null)).toMatchObject([{ do: "suspendRecovery" }]);
    expect(wrong(ddFacts(), goal)).toEqual([]);
  });
  it("a host that has the version already, and runs it, takes no turn", () => {
    const done = { installed: "2.00.8.12", running: "2.00.8.12" };
    const nodes = threeHosts({ ctl2: done, agent2: done, data2: done });
    expect(turnsOf(ddFacts({ nodes })).map(({ id }) => id)).toEqual(["prepare", "h3", "h1", "finish"]);
  });
  it("a host with the new files whose nodes still run the old version does", () => {
    const nodes = threeHosts(Object.fromEntries(Object.keys(threeHosts()).map((name) => [name, { installed: "2.00.8.12" }])));
    expect(turnsOf(ddFacts({ nodes })).map(({ id }) => id)).toEqual(["prepare", "h2", "h3", "h1", "finish"]);
  });
  it("nothing to do is said", () => {
    const done = Object.fromEntries(Object.keys(threeHosts()).map((name) => [name, { installed: "2.00.8.12", running: "2.00.8.12" }]));
    expect(plan(ddFacts({ nodes: threeHosts(done) }), ddGoal(), { nodes: [], holdsTraffic: false })).toMatchObject({ code: "SW2109" });
  });
  it("below level 5 an abort after the new release was started puts metadata back; a restart leaves it alone", () => {
    const started = (goal: Goal): readonly string[] =>
      turnsOf(ddFacts(), goal)
        .flatMap(({ items }) => items)
        .flatMap((item) => (isUndo(item) || !item.id.startsWith("start ") ? [] : [JSON.stringify(item.params)]));
    expect(started(ddGoal()).filter((params) => params.includes('"metadata"'))).toHaveLength(6);
    expect(started(ddGoal({ version: null, artefact: null, restart: true })).filter((params) => params.includes('"metadata"'))).toEqual([]);
    expect(started(ddGoal({ options: { level: "5", "level-source": "case 4711" } })).filter((params) => params.includes('"metadata"'))).toEqual([]);
  });
  it("a restart brings no files, and makes no backup", () => {
    const turns = turnsOf(ddFacts(), ddGoal({ version: null, artefact: null, restart: true }));
    const done = turns.flatMap(({ items }) => items).flatMap((item) => (isUndo(item) ? [] : [item.do]));
    expect(done).toContain("stopDataNodes");
    expect(done.filter((name) => ["stage", "replace", "backup"].includes(name))).toEqual([]);
  });
  it("once a host serves again, an abort goes on to the end of its turn", () => {
    const commits = (turnsOf(ddFacts())[1]?.items ?? []).filter((item) => !isUndo(item) && item.commits?.of === "turn");
    expect(commits.map((item) => (isUndo(item) ? "" : item.id))).toEqual(["ready h2"]);
  });
  it("a host of data nodes alone has no units to hold", () => {
    const nodes = { ...threeHosts(), data4: { role: "datanode", host: "h4" } } as const;
    expect(idsOf(turnsOf(ddFacts({ nodes }))[3])).not.toContain("units h4");
  });
});
