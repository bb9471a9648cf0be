import { describe, expect, it } from "vitest";
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import type { DdFacts, DdFelt } from "../facts.ts";
import { ddFacts, ddGoal, threeHosts, type NodeFixture } from "../testing/facts-fixture.ts";
import { checks } from "./checks.ts";

const support = { level: "4", "level-source": "case 4711" };
const plain = {
  "package.flavour": "plain",
  "package.architecture": "x86_64",
  "package.version-from": "inside",
  "package.contents": "ab",
  "package.bytes": "1000",
  "package.plugins": "",
};
const usualGoal = ddGoal({ options: { ...support, ...plain } });
const everywhere = (more: Partial<NodeFixture>): Readonly<Record<string, NodeFixture>> =>
  threeHosts(Object.fromEntries(Object.keys(threeHosts()).map((name) => [name, more])));
const configured = { raftElectionTick: "800", dfsRecoveryWaitTime: "0", lanCluster: "0", dataSync: "1" };
const nothingFelt: DdFelt = { volatileTables: [], scheduledJobs: [], batchJobs: [], serverMinute: 600 };
const usual = ddFacts({ nodes: everywhere({ settings: configured, flavour: "LINUX x86_64", felt: nothingFelt }) });

const found = (facts: DdFacts, goal: Goal = usualGoal): readonly string[] =>
  checks(facts, goal).flatMap(({ verdict, code, object }) =>
    verdict === "blocker" || verdict === "warning" ? [`${verdict} ${code} ${object}`] : [],
  );
const one = (facts: DdFacts, code: string, goal: Goal = usualGoal): Check | undefined =>
  checks(facts, goal).find((check) => check.code === code && check.verdict !== "passed");
const containing = (text: string): unknown => expect.stringContaining(text);
const sick = (chunks: Partial<NonNullable<DdFacts["now"]["chunks"]>>): DdFacts => ddFacts({ chunks });

describe("a cluster that is well", () => {
  it("has nothing against an upgrade but what was stated and not published, and every check says what was looked at", () => {
    expect(found(usual)).toEqual(["warning compatibility-stated 2.00.8.11 to 2.00.8.12"]);
    for (const check of checks(usual, usualGoal)) expect(check.what, check.code).not.toBe("");
  });
  it("codes are stable: scripts name them in overrides", () =>
    expect([...new Set(checks(usual, usualGoal).map(({ code }) => code))].toSorted()).toEqual([
      "chunks",
      "clients",
      "compatibility-level",
      "compatibility-stated",
      "configuration-alike",
      "controller-leads",
      "controllers-apart",
      "data-sync",
      "election-tick",
      "flavour",
      "installed-is-running",
      "jobs",
      "memory-tables",
      "nodes-online",
      "one-host-less",
      "own-directories",
      "package-version",
      "point-of-no-return",
      "recovery-idle",
      "recovery-suspended",
      "recovery-wait",
      "replicas-in-recovery",
      "restart-interval",
      "same-version",
      "scheduled-jobs",
      "transactions-resolved",
      "version-order",
    ]));
  it("a change of settings alone asks nothing of chunks and levels", () =>
    expect(
      checks(usual, ddGoal({ version: null, artefact: null, settings: { maxMemSize: "8" }, options: {} })).map(({ code }) => code),
    ).not.toContain("chunks"));
});

describe("who answers", () => {
  it.each(["down", "starting", "draining", "unreachable"] as const)("[DD-10] %s is a verdict of its own", (state) => {
    const words = { down: "does not run", starting: "not initialised", draining: "being stopped", unreachable: "nothing is known of it" };
    expect(one(ddFacts({ nodes: threeHosts({ agent2: { state } }) }), "nodes-online")).toMatchObject({
      verdict: "blocker",
      object: "agent2",
      what: containing(words[state]),
    });
  });
  it("[DD-10] versions are compared over every node, controllers and agents too", () => {
    const nodes = everywhere({ running: "2.00.8.11" });
    const mixed = ddFacts({ nodes: { ...nodes, ctl2: { role: "controller", host: "h2", running: "2.00.8.9" } } });
    expect(one(mixed, "same-version")).toMatchObject({ verdict: "blocker", what: containing("2.00.8.9 on ctl2"), price: containing("mixed window") });
  });
  it("what an earlier run left behind is finished", () =>
    expect(one(ddFacts({ nodes: threeHosts({ data3: { running: "2.00.8.12", installed: "2.00.8.12" } }) }), "same-version")?.verdict).toBe(
      "warning",
    ));
  it("upgrade.sh that said nothing: another version lies in the directory than runs", () =>
    expect(one(ddFacts({ nodes: threeHosts({ data1: { installed: "2.00.8.12" } }) }), "installed-is-running")).toMatchObject({
      verdict: "warning",
      what: containing("runs 2.00.8.11, but 2.00.8.12 lies in"),
    }));
  it("nobody leads, and two lead", () => {
    expect(one(ddFacts({ now: { leader: null } }), "controller-leads")?.verdict).toBe("blocker");
    expect(one(ddFacts({ nodes: threeHosts({ ctl2: { leads: true } }) }), "controller-leads")?.object).toBe("ctl1, ctl2");
  });
  it("what is sick stops nobody from going back", () => {
    const facts = ddFacts({ nodes: threeHosts({ data1: { state: "down" } }), chunks: { underReplicated: 3 } });
    const back = ddGoal({ version: "2.00.8.11", artefact: null, options: { release: "kept" } });
    expect(found(facts, back).filter((each) => each.startsWith("blocker"))).toEqual([]);
  });
});

describe("one host less", () => {
  it("[DD-3] bad input: three replicas on three data nodes", () => {
    const facts = ddFacts({ structure: { replicationFactor: 3 } });
    expect(one(facts, "one-host-less", ddGoal({ mode: "zero-downtime", options: support }))).toMatchObject({
      verdict: "blocker",
      what: containing("left for 3 replicas"),
    });
    expect(one(facts, "one-host-less", ddGoal({ mode: "downtime", options: support }))).toBeUndefined();
  });
  it("[DD-3] bad input: two controllers on one host", () => {
    const facts = ddFacts({ nodes: threeHosts({ ctl2: { host: "h1" } }) });
    expect(one(facts, "one-host-less", ddGoal({ mode: "zero-downtime", options: support }))).toMatchObject({
      verdict: "blocker",
      what: containing("have no majority"),
    });
  });
  it("the same tick on every controller", () => {
    const facts = ddFacts({ nodes: threeHosts({ ctl3: { settings: { raftElectionTick: "1200" } } }) });
    expect(one(facts, "election-tick")).toMatchObject({ verdict: "blocker", what: containing("ctl3 1200") });
  });
  it("a data node that is started again in the middle of its turn is told", () => {
    const nodes = threeHosts({ ctl1: { restartIntervalS: 30 }, ctl2: { restartIntervalS: null } });
    expect(checks(ddFacts({ nodes }), usualGoal).filter(({ code }) => code === "restart-interval")).toMatchObject([
      {
        verdict: "warning",
        object: "ctl1",
        what: containing("is 30 s: it would start a data node in the middle of its turn, in this release even one that was stopped by order"),
      },
      { verdict: "not-measured", object: "ctl2" },
    ]);
  });
});

describe("chunks", () => {
  it("[DD-14] not asked is not the same as nothing wrong", () =>
    expect(one(ddFacts({ now: { chunks: null } }), "chunks")).toMatchObject({ verdict: "blocker" }));
  it("[DD-15] RECOVERING: not before it is over, and no price makes it so", () => {
    const check = one(sick({ recovering: 2, examples: [{ chunkId: "c1", file: "/db/1", what: "RECOVERING" }] }), "chunks-recovering");
    expect(check).toMatchObject({ verdict: "blocker", what: containing("c1 (/db/1) RECOVERING"), remedy: containing("never runs them") });
    expect(check?.price).toBeUndefined();
  });
  it("[DD-13] COMPLETE with one replica is what the vendor's query does not see", () =>
    expect(one(sick({ underReplicated: 1 }), "chunks-replicas")).toMatchObject({ verdict: "blocker", price: containing("only replica") }));
  it("whether somebody has suspended recovery is asked of the operator, since no function tells", () => {
    expect(one(sick({}), "recovery-suspended")).toMatchObject({ verdict: "not-measured", remedy: containing("-o recovery=suspended") });
    const waiting = ddFacts({ now: { recovery: { waiting: 2, inProgress: 0, aborted: 0, loadRebalance: 0 } } });
    expect(one(waiting, "recovery-suspended")).toMatchObject({ verdict: "warning", what: containing("none is under way") });
    expect(one(sick({}), "recovery-suspended", ddGoal({ options: { recovery: "suspended" } }))).toBeUndefined();
  });
  it("unequal replicas", () => expect(one(sick({ unequal: 1 }), "chunks-equal")?.verdict).toBe("blocker"));
  it("more replicas than the factor are told, and stop nobody", () =>
    expect(one(sick({ overReplicated: 3 }), "chunks-replicas")).toMatchObject({ verdict: "warning", what: containing("3 chunks with more than 2") }));
  it("in a transaction is usual while clients write", () => expect(one(sick({ constructing: 4 }), "chunks-constructing")?.verdict).toBe("warning"));
  it("all replicas on one host: only that host counts", () => {
    const facts = sick({ onOneHost: { h2: 3 } });
    expect(one(facts, "chunks-apart")).toMatchObject({ verdict: "blocker", object: "h2", price: containing("3 chunks cannot be read") });
    expect(one(facts, "chunks-apart", ddGoal({ only: ["data1"], options: support }))).toBeUndefined();
  });
  it("all at once they are told and stop nobody", () => {
    const facts = sick({ recovering: 1, unequal: 1, underReplicated: 1, onOneHost: { h1: 1 } });
    expect(found(facts, ddGoal({ mode: "downtime", options: support })).filter((each) => each.startsWith("blocker"))).toEqual([]);
  });
  it("the first check of the vendor that never fires: aborted tasks are found by their status", () =>
    expect(one(ddFacts({ now: { recovery: { waiting: 0, inProgress: 0, aborted: 2, loadRebalance: 0 } } }), "recovery-aborted")).toMatchObject({
      verdict: "warning",
      what: containing("2 tasks Aborted"),
      source: containing("wrong column"),
    }));
  it("the second one: not COMPLETE for more than an hour, with the right sign", () =>
    expect(one(sick({ stuck: 1 }), "chunks-stuck")).toMatchObject({ verdict: "blocker", source: containing("wrong way round") }));
  it.each([
    [{ waiting: 1, inProgress: 2, aborted: 0, loadRebalance: 0 }, "recovery-idle", "1 Waiting, 2 In-Progress"],
    [{ waiting: 0, inProgress: 0, aborted: 0, loadRebalance: 3 }, "recovery-rebalance", "3 tasks of LoadRebalance"],
  ])("%o stops the plan", (recovery, code, what) =>
    expect(one(ddFacts({ now: { recovery } }), code)).toMatchObject({ verdict: "blocker", what: containing(what) }),
  );
  it("transactions: open ones stop the plan, a release that cannot tell does not", () => {
    expect(one(ddFacts({ now: { unresolvedTransactions: 1 } }), "transactions-resolved")?.verdict).toBe("blocker");
    expect(one(ddFacts({ now: { unresolvedTransactions: null } }), "transactions-resolved")?.verdict).toBe("not-measured");
  });
  it("what data nodes say themselves", () => {
    expect(one(ddFacts({ now: { replicasInRecovery: 1 } }), "replicas-in-recovery")?.verdict).toBe("blocker");
    expect(one(ddFacts({ now: { replicasInRecovery: null } }), "replicas-in-recovery")?.verdict).toBe("not-measured");
  });
  it("[DD-8] the tutorial's 30000 acts as a minute", () => {
    const nodes = everywhere({ settings: { ...configured, dfsRecoveryWaitTime: "30000" } });
    expect(one(ddFacts({ nodes }), "recovery-wait")).toMatchObject({
      verdict: "warning",
      what: containing("is 30000 ms, which acts as 60000 (there is a floor)"),
    });
  });
});

describe("jobs", () => {
  const nodes = threeHosts({ data2: { felt: { volatileTables: [], scheduledJobs: [], batchJobs: ["load"], serverMinute: null } } });
  it("are waited for", () =>
    expect(one(ddFacts({ nodes }), "jobs")).toMatchObject({ verdict: "warning", object: "h2", what: containing("load on data2") }));
  it("or given up by name, for a price", () =>
    expect(one(ddFacts({ nodes }), "jobs", ddGoal({ options: { ...support, jobs: "list" } }))).toMatchObject({
      verdict: "blocker",
      price: containing("not started again"),
    }));
});

describe("users", () => {
  const nodes = threeHosts({
    data1: { felt: { ...nothingFelt, volatileTables: [{ name: "ticks", kind: "stream", rows: 5 }] } },
    data2: { felt: { ...nothingFelt, scheduledJobs: [{ id: "daily", frequency: "D", minutes: [602] }] } },
    data3: { felt: null },
  });
  const facts = ddFacts({ nodes });
  it("tables in memory and jobs that are due are told, and stop nobody", () => {
    expect(one(facts, "memory-tables")).toMatchObject({ verdict: "warning", object: "data1", what: containing("ticks (stream, 5 rows)") });
    expect(one(facts, "scheduled-jobs")).toMatchObject({ verdict: "warning", object: "data2", what: containing("daily at 10:02") });
  });
  it("a node that could not be asked is not one without them", () =>
    expect(one(facts, "felt")).toMatchObject({ verdict: "not-measured", object: "data3" }));
  it("[DD-12] whether clients have a list of sites is not seen from here, and said so", () =>
    expect(one(facts, "clients")?.verdict).toBe("not-measured"));
});

describe("settings of nodes against each other", () => {
  it("lanCluster that differs, cache engines without dataSync, directories of two nodes", () => {
    const facts = ddFacts({
      nodes: {
        ...threeHosts({
          ctl1: { settings: { lanCluster: "true" } },
          data1: { settings: { lanCluster: "0", OLAPCacheEngineSize: "2", volumes: "/data/v1,/data/v2" } },
        }),
        data4: { role: "datanode", host: "h1", settings: { lanCluster: "false", volumes: "/data/v2/" } },
      },
    });
    expect(one(facts, "configuration-alike")?.what).toBe("true on ctl1; false on data1, data4");
    expect(one(facts, "data-sync")?.object).toBe("data1");
    expect(one(facts, "own-directories")).toMatchObject({ object: "h1 /data/v2", what: containing("data1 (volumes) and data4 (volumes)") });
  });
});
