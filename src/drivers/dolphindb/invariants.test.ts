import { describe, expect, it } from "vitest";
import { compare } from "./compare.ts";
import type { DdFacts } from "./facts.ts";
import { invariants } from "./invariants.ts";
import { ddFacts, ddGoal, threeHosts } from "./testing/facts-fixture.ts";

const broken = (facts: DdFacts, holds: "always" | "between turns" = "always"): readonly string[] =>
  invariants(1)
    .filter((each) => each.holds === holds)
    .flatMap((each) => each.broken(facts).map(({ object, what }) => `${each.name}: ${object} ${what}`));
const down = (...names: readonly string[]): DdFacts =>
  ddFacts({ nodes: threeHosts(Object.fromEntries(names.map((name) => [name, { state: "down" as const }]))) });

describe("what no step may break", () => {
  it("nothing is broken where all is well, nor while one host of three is down", () => {
    expect(broken(ddFacts())).toEqual([]);
    expect(broken(ddFacts(), "between turns")).toEqual([]);
    expect(broken(down("ctl1", "agent1", "data1"))).toEqual([]);
  });
  it("a majority of the Raft group, and as many data nodes as replicas: below that nothing is elected and every write is refused", () => {
    const found = broken(down("ctl1", "ctl2", "data1", "data2"));
    expect(found).toEqual([
      expect.stringContaining("a majority of controllers: ctl1, ctl2 2 of 3"),
      expect.stringContaining("enough data nodes for every write: data1, data2 1 data nodes online"),
      expect.stringContaining("not too many hosts down: h1, h2"),
    ]);
  });
  it("a chunk whose replicas are all on one host: stopping that host takes it away, though all is COMPLETE (facts 0.2)", () => {
    const alone = ddFacts({ chunks: { onOneHost: { h2: 6 }, underReplicated: 6 } });
    expect(broken(alone)).toEqual([]);
    const without = ddFacts({ chunks: { onOneHost: { h2: 6 }, underReplicated: 6 }, nodes: threeHosts({ data2: { state: "down" } }) });
    expect(broken(without)).toEqual([
      "every chunk has a replica that serves: h2 6 chunks have replicas on it alone, and its data nodes do not serve",
    ]);
  });
  it("before the next turn: a leader, every node serving, every chunk whole; not being able to ask is not being well", () => {
    expect(broken(ddFacts({ chunks: { recovering: 1, unequal: 2 } }), "between turns")).toEqual([
      "every chunk is whole: chunks 1 RECOVERING",
      "every chunk is whole: chunks 2 with unequal or corrupted replicas",
    ]);
    const silent = broken(ddFacts({ now: { leader: null, chunks: null } }), "between turns");
    expect(silent).toContain("one controller leads: controllers none leads");
    expect(silent).toContain("every chunk is whole: chunks no leader could be asked");
    expect(broken(down("agent2"), "between turns")).toEqual(["every node serves: agent2 is down"]);
  });
});

describe("verify compares with the baseline", () => {
  const verdicts = (before: DdFacts, after: DdFacts): readonly string[] =>
    compare(before, after, ddGoal()).map(({ object, verdict }) => `${object} ${verdict}`);

  it("passes where all is as before", () => {
    const facts = ddFacts({ nodes: threeHosts(Object.fromEntries(["ctl1", "ctl2", "ctl3"].map((name) => [name, { restartIntervalS: 30 }]))) });
    expect(verdicts(facts, facts)).toEqual(["chunks passed", "chunks passed", "datanodeRestartInterval passed", "recovery passed"]);
  });
  it("a restart interval that one controller lost, a chunk that lost a replica, and a task that was given up are failures", () => {
    const all = { ctl1: { restartIntervalS: 30 }, ctl2: { restartIntervalS: 30 }, ctl3: { restartIntervalS: 30 } };
    const before = ddFacts({ nodes: threeHosts(all) });
    const after = ddFacts({
      nodes: threeHosts({ ...all, ctl2: { restartIntervalS: 0 } }),
      chunks: { underReplicated: 1 },
      now: { recovery: { waiting: 0, inProgress: 0, aborted: 1, loadRebalance: 0 } },
    });
    expect(verdicts(before, after)).toEqual(["chunks passed", "chunks failed", "datanodeRestartInterval failed", "recovery failed"]);
  });
  it("what nobody could tell is not measured", () => {
    const silent = ddFacts({ now: { leader: null, chunks: null, recovery: null } });
    expect(verdicts(ddFacts(), silent).filter((each) => each.endsWith("not-measured"))).toEqual(
      expect.arrayContaining(["chunks not-measured", "recovery not-measured"]),
    );
  });
});
