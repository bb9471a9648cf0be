import { describe, expect, it } from "vitest";
import { partitionKey, type OmFacts } from "./facts.ts";
import { factTables } from "./fact-tables.ts";
import { nodeViews } from "./node-views.ts";
import { endpointOf, omFacts, replicaOf, withReplicas, type NodeFixture } from "./testing/facts-fixture.ts";

const view = (fixture: NodeFixture, name = "t1"): string => {
  const facts = omFacts(undefined, { nodes: { ns1: { role: "nameserver" }, [name]: fixture } });
  const row = nodeViews(facts, (node) => `${node}:1`).find((each) => each.name === name);
  return `${row?.state ?? ""}: ${row?.detail ?? ""}`;
};

describe("a node as people see it", () => {
  it.each<[NodeFixture, string]>([
    [{ role: "nameserver" }, "serving: standby"],
    [{ role: "nameserver", state: "silent", process: "down" }, "down: does not answer, its process does not run"],
    [{ role: "tablet" }, "serving: leads 1/1"],
    [{ role: "tablet", state: "offline", process: "down" }, "down: kOffline, leads 1/1, its process does not run"],
    [{ role: "tablet", state: "unregistered" }, "unreachable: not registered, leads 1/1"],
    [{ role: "tablet", process: "daemon" }, "serving: leads 1/1, under mon"],
    [{ role: "tablet", process: "daemon", pid: null }, "serving: leads 1/1, mon waits to start it again"],
    [{ role: "tablet", process: "daemon-lost-mon" }, "serving: leads 1/1, its mon has crashed (OM-7)"],
    [{ role: "taskmanager" }, "serving: leads"],
    [{ role: "taskmanager", state: "standby" }, "serving: none leads yet"],
    [{ role: "apiserver", state: "silent" }, "unreachable: does not answer"],
  ])("%o: %s", (fixture, words) => expect(view(fixture)).toBe(words));

  it("the nameserver that leads, offsets behind, replicas that are not loaded", () => {
    const behind = { own: { offset: 60, mode: "follower", state: "kTableNormal" } } as const;
    let facts = withReplicas(omFacts(), partitionKey(1, 0), [replicaOf("t1", true), replicaOf("t2", false, behind)]);
    facts = withReplicas(facts, partitionKey(1, 1), [replicaOf("t2", true), replicaOf("t3", false, { own: null })]);
    const details = Object.fromEntries(nodeViews(facts, () => "").map(({ name, detail }) => [name, detail]));
    expect(details).toMatchObject({
      ns1: "leads",
      t2: "leads 1/2, at most 40 behind",
      t3: "leads 0/1, 1 not loaded",
    });
  });
});

describe("[OM-17] [OM-18] what inspect shows beside the nodes", () => {
  const sick = (facts: OmFacts, table: string): readonly (readonly string[])[] =>
    factTables(facts)
      .find(({ name }) => name === table)
      ?.rows.flatMap(({ cells, sick: is }) => (is ? [cells] : [])) ?? [];
  it("a warning and a dead replica make the table's row sick, with both texts", () => {
    const warnings = ["test.t1: real replica number 1 does not match", "gone.t9: state is kNotFound"];
    const facts = withReplicas(omFacts(undefined, { now: { warnings } }), partitionKey(1, 0), [
      replicaOf("t1", true),
      replicaOf("t2", false, { alive: false }),
    ]);
    expect(sick(facts, "tables")).toEqual([
      ["test", "t1", "1", "kMemory", "2", "2", "20", "1000", `pid 0: replica ${endpointOf("t2")} is not alive; real replica number 1 does not match`],
      ["", "", "", "", "", "", "", "", "gone.t9: state is kNotFound"],
    ]);
    expect(sick(facts, "partitions").map(([partition]) => partition)).toEqual(["test.t1/0"]);
  });
  it("operations that run are shown, those that failed are to be looked at", () => {
    const operation = { id: 1, type: "kMigrateOP", db: "test", name: "flow", pid: null, task: "-" } as const;
    const facts = omFacts(undefined, {
      now: {
        operations: [
          { ...operation, status: "kDoing" },
          { ...operation, id: 2, status: "kFailed" },
        ],
      },
    });
    expect(factTables(facts).find(({ name }) => name === "operations")?.rows).toHaveLength(2);
    expect(sick(facts, "operations")).toEqual([["2", "kMigrateOP", "test", "flow", "-", "kFailed", "-"]]);
  });
});
