import { describe, expect, it } from "vitest";
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import { partitionKey, type OmFacts, type OmOperation } from "../facts.ts";
import { endpointOf, omFacts, omGoal, replicaOf, withReplicas } from "../testing/facts-fixture.ts";
import { clusterChecks } from "./cluster.ts";
import { compareReleases, releaseChecks } from "./release.ts";
import { tableChecks } from "./tables.ts";

const all = (facts: OmFacts, goal: Goal = omGoal()): readonly Check[] => [
  ...clusterChecks(facts, goal),
  ...tableChecks(facts, goal),
  ...releaseChecks(facts, goal),
];
const found = (facts: OmFacts, goal?: Goal): readonly string[] =>
  all(facts, goal).flatMap(({ verdict, code, object }) => (verdict === "blocker" || verdict === "warning" ? [`${verdict} ${code} ${object}`] : []));
const one = (facts: OmFacts, code: string, goal?: Goal): Check | undefined =>
  all(facts, goal).find((check) => check.code === code && check.verdict !== "passed");
const usual = omFacts();
const containing = (text: string): unknown => expect.stringContaining(text);
const three = {
  ns1: { role: "nameserver" },
  ns2: { role: "nameserver" },
  t1: { role: "tablet" },
  t2: { role: "tablet" },
  t3: { role: "tablet" },
} as const;
const recover = omGoal({ version: null, maintenance: { is: "recover" } });
const operation = (more: Partial<OmOperation>): OmOperation => ({
  id: 51,
  type: "kMigrateOP",
  db: "test",
  name: "flow",
  pid: 0,
  status: "kDoing",
  task: "kLoadTable",
  ...more,
});

describe("a cluster that is well", () => {
  it("has nothing against an upgrade, and every check says what was looked at", () => {
    expect(found(usual)).toEqual([]);
    for (const check of all(usual)) expect(check.what).not.toBe("");
  });
  it("codes are stable: scripts name them in overrides", () => {
    expect([...new Set(all(usual).map(({ code }) => code))].toSorted()).toEqual([
      "auto-failover",
      "fenced-moves",
      "fenced-moves-proof",
      "installed-is-running",
      "mixed-releases",
      "mon-alive",
      "nameserver-leads",
      "operations-failed",
      "operations-idle",
      "own-directory",
      "partitions-led",
      "replica-count",
      "replicas-loaded",
      "servers-up",
      "session-timeout",
      "single-replica",
      "system-tables",
      "table-status",
      "tablets-healthy",
      "tablets-known",
      "version-order",
      "zookeeper-quorum",
    ]);
  });
  it("every finding says what to do", () => {
    const sick = omFacts(
      { "test.t1": { partitions: [["t1"], ["t1", "t9"]], replicas: 2 } },
      {
        nodes: {
          ns1: { role: "nameserver", state: "silent" },
          t1: { role: "tablet", state: "offline", process: "down" },
          tm1: { role: "taskmanager", state: "silent" },
        },
        now: {
          nameserver: null,
          warnings: ["test.t1: [pid=0][follower]: state is kNotFound"],
          zookeeper: null,
          operations: [operation({})],
          autoFailover: false,
        },
      },
    );
    for (const check of all(sick)) if (check.verdict === "blocker" || check.verdict === "warning") expect(check.remedy, check.code).toBeTruthy();
  });
});

describe("the cluster", () => {
  it("nobody leads: refused", () => expect(found(omFacts({}, { now: { nameserver: null } }))).toContain("blocker nameserver-leads nameserver"));
  it("a standby that does not answer may be overridden for a price", () => {
    const facts = omFacts({}, { nodes: { ...three, ns2: { role: "nameserver", state: "silent", process: "down" } } });
    expect(one(facts, "nameserver-answers")).toMatchObject({
      verdict: "blocker",
      object: "ns2",
      price: containing("no nameserver leads"),
    });
  });
  it.each([
    [{ servers: 3, answering: 2, quorum: true }, "warning"],
    [{ servers: 3, answering: 1, quorum: false }, "blocker"],
    [null, "not-measured"],
  ])("ZooKeeper %o: %s", (zookeeper, verdict) => expect(one(omFacts({}, { now: { zookeeper } }), "zookeeper-quorum")?.verdict).toBe(verdict));
  it.each([
    [{ session: false }, "blocker"],
    [{ session: true, outstanding: 3 }, undefined],
    [{ session: true, outstanding: 500 }, "warning"],
  ])("ZooKeeper with a quorum and %o: %s", (more, verdict) => {
    const zookeeper = { servers: 3, answering: 3, quorum: true, ...more };
    expect(one(omFacts({}, { now: { zookeeper } }), "zookeeper-session")?.verdict).toBe(verdict);
  });

  it.each(["kDoing", "kInited"] as const)("somebody else's operation that is %s stops the plan", (status) => {
    const check = one(omFacts({}, { now: { operations: [operation({ status })] } }), "operations-idle");
    expect(check).toMatchObject({ verdict: "blocker", object: "kMigrateOP 51 (test.flow/0)" });
    expect(check?.price).toBeUndefined();
  });
  it("[OM-17] failed operations of the past are listed, with the id from which on a failure is new", () => {
    const check = one(omFacts({}, { now: { operations: [operation({ id: 5, status: "kFailed" })], lastOperation: 9 } }), "operations-failed");
    expect(check).toMatchObject({ verdict: "warning" });
    expect(check?.what).toContain("kMigrateOP 5 (test.flow/0)");
    expect(check?.what).toContain("above 9");
  });
  it("never a nameserver restart while a tablet is down", () => {
    const facts = omFacts({}, { nodes: { ...three, t2: { role: "tablet", state: "offline", process: "down" } } });
    expect(one(facts, "tablets-healthy", omGoal({ only: ["ns1"] }))).toMatchObject({
      verdict: "blocker",
      object: "t2",
      what: containing("would never recover it"),
    });
    expect(one(facts, "tablets-healthy", recover)?.verdict).toBe("warning");
  });
  it("a tablet that the cluster file does not know is named", () => {
    expect(found(omFacts({ "test.t1": { partitions: [["t1", "t9"]] } }))).toContain(`blocker tablets-known ${endpointOf("t9")}`);
  });
  it("[OM-7] a crashed mon is a named state", () => {
    const facts = omFacts({}, { nodes: { ...three, t1: { role: "tablet", process: "daemon-lost-mon", pid: 70 } } });
    expect(one(facts, "mon-alive")).toMatchObject({ verdict: "warning", object: "t1", what: containing("process 70") });
  });
  it("components in one directory cannot have two releases", () => {
    const nodes = {
      ...three,
      ns1: { role: "nameserver", directory: "/opt/o", shares: ["api1"] },
      api1: { role: "apiserver", directory: "/opt/o", shares: ["ns1"] },
    } as const;
    const facts = omFacts({}, { nodes });
    expect(one(facts, "own-directory", omGoal({ only: ["ns1"] }))).toMatchObject({
      verdict: "blocker",
      remedy: containing("--only ns1,api1"),
    });
    expect(one(facts, "own-directory")).toMatchObject({ verdict: "warning" });
  });
  it("a session time-out that is not below the heartbeat's is told", () => {
    const settings = { ...usual.now.settings, sessionTimeoutMs: 60_000 };
    expect(found(omFacts({}, { now: { settings } }))).toEqual(["warning session-timeout zk_session_timeout"]);
  });
  it("auto_failover that is off, and a binary that was exchanged, are told", () => {
    const facts = omFacts({}, { nodes: { ...three, t1: { role: "tablet", installed: "0.9.3" } }, now: { autoFailover: false } });
    expect(found(facts)).toEqual(["warning installed-is-running t1", "warning auto-failover auto_failover"]);
  });
});

describe("tables", () => {
  const key = partitionKey(1, 0);
  it.each([
    ["no alive leader", [replicaOf("t1", true, { alive: false }), replicaOf("t2", false)], "blocker partitions-led test.t1/0"],
    [
      "a leader by the metadata alone",
      [replicaOf("t1", true, { own: { offset: 1, mode: "follower", state: "kTableNormal" } }), replicaOf("t2", false)],
      "blocker partitions-led test.t1/0",
    ],
    ["a follower that is not alive", [replicaOf("t1", true), replicaOf("t2", false, { alive: false })], "blocker replicas-loaded test.t1/0"],
    ["a follower that is not loaded", [replicaOf("t1", true), replicaOf("t2", false, { own: null })], "blocker replicas-loaded test.t1/0"],
    [
      "a follower that loads",
      [replicaOf("t1", true), replicaOf("t2", false, { own: { offset: 1, mode: "follower", state: "kTableLoading" } })],
      "blocker replicas-loaded test.t1/0",
    ],
    [
      "two that say they lead",
      [replicaOf("t1", true), replicaOf("t2", false, { own: { offset: 100, mode: "leader", state: "kTableNormal" } })],
      "blocker replicas-loaded test.t1/0",
    ],
    [
      "a follower with more than its leader",
      [replicaOf("t1", true), replicaOf("t2", false, { own: { offset: 101, mode: "follower", state: "kTableNormal" } })],
      "blocker replicas-loaded test.t1/0",
    ],
  ])("%s: refused, and only told when it is to be healed", (_, replicas, blocks) => {
    const facts = withReplicas(usual, key, replicas);
    expect(found(facts)).toEqual([blocks]);
    expect(found(facts, recover)).toEqual([blocks.replace("blocker", "warning")]);
  });
  it("the usual state after a change of leader is no sickness of the new one: two rows lead, one of them is not alive", () => {
    const facts = withReplicas(usual, key, [
      replicaOf("t2", true),
      replicaOf("t1", true, { alive: false, own: { offset: 100, mode: "follower", state: "kTableNormal" } }),
    ]);
    expect(found(facts)).toEqual(["blocker replicas-loaded test.t1/0"]);
    expect(one(facts, "replicas-loaded")?.what).toBe(`replica ${endpointOf("t1")} is not alive`);
  });
  it("[OM-18] a warning of SHOW TABLE STATUS is a blocker with a price; unasked it is not measured", () => {
    const check = one(omFacts({}, { now: { warnings: ["test.t1: real replica number 1 does not match"] } }), "table-status");
    expect(check).toMatchObject({ verdict: "blocker", object: "test.t1", what: "real replica number 1 does not match" });
    expect(check?.price).toBeTruthy();
    expect(one(omFacts({}, { now: { warnings: null } }), "table-status")?.verdict).toBe("not-measured");
  });
  it("a replica that is missing blocks, one too many is told", () => {
    expect(found(omFacts({ "test.t1": { partitions: [["t1", "t2"]], replicas: 3 } }))).toEqual(["blocker replica-count test.t1/0"]);
    expect(found(omFacts({ "test.t1": { partitions: [["t1", "t2", "t3"]], replicas: 2 } }))).toEqual(["warning replica-count test.t1/0"]);
  });
});

describe("[OM-1] [OM-2] single replicas", () => {
  const single = omFacts({ "test.t1": { partitions: [["t1"], ["t2"]], bytes: 600 } });
  it("without a policy: refused, both policies named", () => {
    expect(one(single, "single-replica")).toMatchObject({ verdict: "blocker", remedy: containing("-o single-replica=allow-unavailable") });
  });
  it("unavailable as accepted", () => {
    expect(one(single, "single-replica", omGoal({ options: { "single-replica": "allow-unavailable" } }))?.verdict).toBe("warning");
  });
  it("not touched: nothing to say", () => expect(one(single, "single-replica", omGoal({ only: ["ns1"] }))).toBeUndefined());
  const adding = omGoal({ options: { "single-replica": "add-replica" } });
  const memory = (free: number): OmFacts =>
    omFacts(
      { "test.t1": { partitions: [["t1"], ["t1"]], bytes: 600 } },
      {
        nodes: {
          ...three,
          t2: { role: "tablet", memoryBytes: 400, maxMemoryBytes: 400 + free },
          t3: { role: "tablet", memoryBytes: 400, maxMemoryBytes: 1_000 },
        },
      },
    );
  it("the extra replicas fit when each goes where the most room is", () => expect(found(memory(600), adding)).toEqual([]));
  it("they do not fit: refused before anything is touched", () => {
    expect(one(memory(100), "memory", adding)).toMatchObject({ verdict: "blocker", object: "t1", what: containing("do not fit") });
  });
  it("an unknown limit is not taken for room", () => {
    const facts = omFacts({ "test.t1": { partitions: [["t1"]] } }, { nodes: { ...three, t2: { role: "tablet", maxMemoryBytes: null } } });
    expect(one(facts, "memory", adding)?.verdict).toBe("not-measured");
  });
});

describe("system tables", () => {
  const needing = (systemTableReplicas: number): OmFacts => omFacts(undefined, { now: { settings: { ...usual.now.settings, systemTableReplicas } } });
  it("a nameserver that would end at its start is not restarted", () => expect(found(needing(4))).toContain("blocker system-tables nameserver"));
  it("one that could not start while a tablet is down is told", () => expect(found(needing(3))).toEqual(["warning system-tables nameserver"]));
});

describe("the release", () => {
  it.each([
    ["0.9.2", "0.10.0", -1],
    ["0.9.2", "0.9.2", 0],
    ["1.0.0", "0.9.9", 1],
  ])("%s compared with %s", (a, b, sign) => expect(Math.sign(compareReleases(a, b))).toBe(sign));
  it("back is told for each node", () => expect(found(usual, omGoal({ version: "0.9.1", only: ["t1"] }))).toEqual(["warning version-order t1"]));
  it("across 0.9.0: what clients see", () => {
    const facts = omFacts(
      {},
      {
        nodes: {
          ns1: { role: "nameserver", installed: "0.8.5", running: "0.8.5" },
          ns2: { role: "nameserver" },
          t1: { role: "tablet" },
          t2: { role: "tablet" },
          t3: { role: "tablet" },
        },
      },
    );
    expect(found(facts)).toEqual(["warning release-0.9.0 ns1"]);
  });
  it("[OM-4] without a fence, and [OC-4] several tablets at once, are shown as deviations", () => {
    expect(found(usual, omGoal({ options: { fence: "none", "parallel-tablets": "2" } }))).toEqual([
      "warning fence writes",
      "warning parallel-tablets 2 at once",
    ]);
  });
  it("says that the fenced move was never run on the real server", () =>
    expect(one(usual, "fenced-moves")?.what).toContain("not on an OpenMLDB server"));
});
