import { describe, expect, it } from "vitest";
import type { Mode } from "../../../model/goal.ts";
import type { DdFacts } from "../facts.ts";
import { ddFacts, ddGoal, threeHosts } from "../testing/facts-fixture.ts";
import { planCommand } from "./command.ts";
import { chosenMode, modeVerdicts } from "./modes.ts";
import { planOptions } from "./options.ts";

const why = (facts: DdFacts, mode: Mode, goal = ddGoal()): string => {
  const verdict = modeVerdicts(facts, goal).find((each) => each.mode === mode);
  return `${verdict?.eligible === true ? "yes" : "no"}: ${verdict?.why ?? ""}`;
};

describe("modes", () => {
  it("[DD-2] the tutorial's cluster can be upgraded host by host", () => {
    expect(why(ddFacts(), "zero-downtime")).toMatch(/^yes: host by host: of 3 hosts one at a time/);
    expect(chosenMode(ddFacts(), ddGoal())).toBe("zero-downtime");
  });
  it("[DD-1] the regular upgrade is there for every cluster", () => expect(why(ddFacts(), "downtime")).toMatch(/^yes: every node is stopped/));
  it("semi-downtime: why there is none", () => expect(why(ddFacts(), "semi-downtime")).toMatch(/^no: DolphinDB has none/));
  it("[DD-3] without Raft: refused with the command that does it all at once", () => {
    const facts = ddFacts({ structure: { haMode: "none" } });
    expect(why(facts, "zero-downtime")).toMatch(/^no: .*not highly available.*stillwater plan --to 2\.00\.8\.12 .*--mode downtime/);
    expect(chosenMode(facts, ddGoal())).toBe("downtime");
    expect(chosenMode(facts, ddGoal({ mode: "zero-downtime" }))).toBeNull();
  });
  it("[DD-3] three replicas on three data nodes: with one down every write is refused", () =>
    expect(why(ddFacts({ structure: { replicationFactor: 3 } }), "zero-downtime")).toContain("2 hosts with data nodes are left for 3 replicas"));
  it("where replicas may share a host, data nodes are counted and not hosts", () => {
    const nodes = { ...threeHosts(), data4: { role: "datanode", host: "h3" } } as const;
    expect(why(ddFacts({ nodes, structure: { reliabilityLevel: 0, replicationFactor: 2 } }), "zero-downtime")).toMatch(/^yes/);
    expect(why(ddFacts({ nodes, structure: { reliabilityLevel: 0, replicationFactor: 3 } }), "zero-downtime")).toContain(
      "with h3 down 2 data nodes are left",
    );
  });
  it("[DD-3] two controllers on one host are no high availability", () => {
    const nodes = threeHosts({ ctl2: { host: "h1" } });
    expect(why(ddFacts({ nodes }), "zero-downtime")).toContain("2 of 3 controllers on h1: without it the others have no majority");
  });
  it("one replica: no", () => expect(why(ddFacts({ structure: { replicationFactor: 1 } }), "zero-downtime")).toContain("dfsReplicationFactor is 1"));
  it("two controllers: no", () => {
    const { ctl3: _, ...nodes } = threeHosts();
    expect(why(ddFacts({ nodes }), "zero-downtime")).toContain("2 controllers: with one down");
  });
  it("a part of the cluster cannot have the regular upgrade", () =>
    expect(why(ddFacts(), "downtime", ddGoal({ only: ["data1"] }))).toContain("--only names 1 host of 3"));
  it("[DD-7] a level below 4 is told, and costs nothing else: the check refuses it, by name", () => {
    const nodes = threeHosts(Object.fromEntries(Object.keys(threeHosts()).map((name) => [name, { running: "2.00.7.4", installed: "2.00.7.4" }])));
    expect(why(ddFacts({ nodes }), "zero-downtime")).toMatch(
      /^yes: .*level 2, and the vendor supports it from level 4 on: only with --override compatibility-level/,
    );
    expect(why(ddFacts(), "zero-downtime", ddGoal({ options: { level: "4", "level-source": "case 4711" } }))).toContain("level 4, which supports it");
  });
});

describe("options", () => {
  it.each([
    [{ level: "6", "level-source": "x" }, "level"],
    [{ level: "4" }, "level"],
    [{ "level-source": "x" }, "level-source"],
    [{ jobs: "kill" }, "jobs"],
    [{ "leave-out": "raft" }, "leave-out"],
    [{ nonsense: "1" }, "nonsense"],
  ])("%o is refused", (options, object) => expect(planOptions({ options })).toMatchObject({ object }));
  it("what was read of package and plugins comes back as it was", () => {
    const options = {
      "package.flavour": "JIT",
      "package.architecture": "x86_64",
      "package.version-from": "name",
      "package.contents": "ab",
      "package.bytes": "7",
      "package.plugins": "mysql=2.00.8.1,odbc=2.00.8.2",
      plugins: "/p",
      "plugins.versions": "kafka=2.00.8",
      "plugins.archive": "/cache/p.tar",
      "plugins.sha256": "aa",
      "plugins.bytes": "12",
      "plugins.contents": "bb",
    };
    expect(planOptions({ options })).toMatchObject({
      package: { flavour: "JIT", bytes: 7, plugins: { mysql: "2.00.8.1", odbc: "2.00.8.2" } },
      plugins: { directory: "/p", versions: { kafka: "2.00.8" }, path: "/cache/p.tar", sha256: "aa", bytes: 12, contents: "bb" },
    });
  });
});

describe("the command that goes on anyway", () => {
  it("[DD-7] is exact: what was asked for, and what is accepted", () => {
    const goal = ddGoal({ options: { jobs: "list", "package.flavour": "plain" }, artefact: { ...ddGoal().artefact!, path: "/my releases/v.zip" } });
    expect(planCommand(goal, { mode: "zero-downtime", overrides: ["compatibility-level"] })).toBe(
      `stillwater plan --to 2.00.8.12 --artifact '/my releases/v.zip' --mode zero-downtime -o jobs=list --override compatibility-level --reason "..."`,
    );
  });
});
