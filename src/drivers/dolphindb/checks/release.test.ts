import { describe, expect, it } from "vitest";
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import type { DdFacts } from "../facts.ts";
import { ddFacts, ddGoal, threeHosts, type NodeFixture } from "../testing/facts-fixture.ts";
import { releaseChecks } from "./release.ts";

const running = (version: string, more: Partial<NodeFixture> = {}): DdFacts =>
  ddFacts({
    nodes: threeHosts(Object.fromEntries(Object.keys(threeHosts()).map((name) => [name, { running: version, installed: version, ...more }]))),
  });
const to = (version: string, more: Partial<Goal> = {}): Goal =>
  ddGoal({ version, artefact: { path: `DolphinDB_Linux64_V${version}.zip`, sha256: "a".repeat(64), bytes: 1, version }, ...more });
const of = (facts: DdFacts, goal: Goal, code: string): Check | undefined => releaseChecks(facts, goal).find((check) => check.code === code);
const containing = (text: string): unknown => expect.stringContaining(text);
const packageOf = (flavour: string, architecture = "x86_64", versionFrom = "inside"): Readonly<Record<string, string>> => ({
  "package.flavour": flavour,
  "package.architecture": architecture,
  "package.version-from": versionFrom,
  "package.contents": "ab",
  "package.bytes": "1",
  "package.plugins": "",
});

describe("the level of the jump", () => {
  it("[DD-7] the tutorial's own example is refused, with both commands, the price and the source", () => {
    const check = of(running("2.00.7.4"), to("2.00.8.12"), "compatibility-level");
    expect(check).toMatchObject({
      verdict: "blocker",
      object: "2.00.7.4 to 2.00.8.12",
      what: containing(
        "level 2; host by host is supported from level 4 on. 2.00.7 to 2.00.8: level 2 (vendor's release notes of 2.00, version 2.00.8)",
      ),
      price: containing("level 2 accepted: while hosts differ"),
      source: containing("Compatibility Levels"),
    });
    expect(check?.remedy).toContain("stillwater plan --to 2.00.8.12 --artifact DolphinDB_Linux64_V2.00.8.12.zip --mode downtime");
    expect(check?.remedy).toContain(
      'stillwater plan --to 2.00.8.12 --artifact DolphinDB_Linux64_V2.00.8.12.zip --mode zero-downtime --override compatibility-level --reason "..."',
    );
  });
  it("[DD-1] the alternative is priced: so long nothing is served", () =>
    expect(of(running("2.00.7.4"), to("2.00.8.12"), "compatibility-level")?.remedy).toMatch(/All at once, about \d+ s without service/));
  it("[DD-5] a hop that nobody published is refused as such, with what the vendor says in general and why that is no answer", () => {
    const check = of(running("2.00.8.11"), to("2.00.8.12"), "compatibility-level");
    expect(check).toMatchObject({
      verdict: "blocker",
      what: containing("no published level: the vendor's general words are: a patch usually has level 4 or 5"),
      remedy: containing('ask the vendor\'s support for the level of 2.00.8.11 to 2.00.8.12: -o level=4 -o level-source="case ..."'),
      price: containing("nothing is promised for this hop"),
    });
  });
  it("[DD-4] from level 4 on it passes, and says how one goes back", () =>
    expect(of(running("2.00.8.11"), to("2.00.8.12", { options: { level: "4", "level-source": "case 4711" } }), "compatibility-stated")).toMatchObject(
      {
        verdict: "warning",
        what: containing("level 4 was stated by case 4711, not published"),
      },
    ));
  it("all at once it only warns of what the level means for plugins, clients and the way back", () =>
    expect(of(running("2.00.7.4"), to("2.00.8.12", { mode: "downtime" }), "compatibility-level")).toMatchObject({
      verdict: "warning",
      remedy: containing("Plugins: must be replaced"),
    }));
  it("a jump that is partly published is at most as good as that", () =>
    expect(of(running("2.00.9.4"), to("2.00.12"), "compatibility-level")?.what).toContain("2 hops have no published level, and at most level 2"));
});

describe("bad input", () => {
  it("a version that is none", () =>
    expect(of(running("2.00.8.11"), to("2.00.9.1_JIT"), "version-parse")?.remedy).toContain("the flavour (JIT, ABI) is the package's"));
  it("older than what runs", () =>
    expect(of(running("2.00.8.11"), to("2.00.8.4"), "version-order")).toMatchObject({
      verdict: "blocker",
      remedy: containing("stillwater rollback"),
    }));
  it("nobody says what runs", () => {
    const facts = ddFacts({
      nodes: threeHosts(Object.fromEntries(Object.keys(threeHosts()).map((name) => [name, { state: "unreachable", installed: null }]))),
    });
    expect(of(facts, to("2.00.8.12"), "version-order")?.verdict).toBe("blocker");
  });
  it("the way back is not judged as an upgrade", () => {
    const back = to("2.00.7.4", { artefact: null, options: { release: "kept" } });
    expect(releaseChecks(running("2.00.8.12"), back).filter(({ verdict }) => verdict === "blocker")).toEqual([]);
  });
  it.each([
    ["JIT", "x86_64", "flavour", "runs the plain build"],
    ["ABI", "x86_64", "flavour", "and the package is the ABI one"],
    ["plain", "aarch64", "architecture", "the package is for aarch64"],
  ])("a package for %s %s", (flavour, architecture, code, what) =>
    expect(of(running("3.00.2", { flavour: "LINUX x86_64" }), to("3.00.3", { options: packageOf(flavour, architecture) }), code)).toMatchObject({
      verdict: "blocker",
      what: containing(what),
    }),
  );
  it("a release that does not say its flavour: another than the ordinary one is taken only by name", () => {
    expect(of(running("2.00.8.11"), to("2.00.8.12", { options: packageOf("JIT") }), "flavour")).toMatchObject({
      verdict: "blocker",
      price: containing("not the JIT build"),
    });
    expect(of(running("2.00.8.11"), to("2.00.8.12", { options: packageOf("plain") }), "flavour")).toMatchObject({ verdict: "not-measured" });
  });
  it("a version that only stands in the file's name is told", () =>
    expect(of(running("2.00.8.11"), to("2.00.8.12", { options: packageOf("plain", "x86_64", "name") }), "package-version")).toMatchObject({
      verdict: "warning",
    }));
});

describe("what single releases ask for", () => {
  it("3.00.5: a cache engine above half of the memory keeps the node from starting, and no override helps", () => {
    const facts = running("3.00.4", { settings: { maxMemSize: "8", TSDBCacheEngineSize: "5", OLAPCacheEngineSize: "4" } });
    const check = of(facts, to("3.00.5"), "cache-engines");
    expect(check).toMatchObject({ verdict: "blocker", what: containing("TSDBCacheEngineSize is 5 GB, more than half of maxMemSize (8 GB)") });
    expect(check?.price).toBeUndefined();
    expect(of(facts, to("3.00.4.2"), "cache-engines")).toBeUndefined();
  });
  it("3.00.5: replicated streams", () => {
    const facts = running("3.00.4", { settings: { streamingHADir: "/log", streamingHAMode: "raft" } });
    for (const code of ["streaming-log-directory", "streaming-cluster-name", "streaming-topics"])
      expect(of(facts, to("3.00.5"), code), code).toBeDefined();
    const ready = running("3.00.4", { settings: { streamingHADir: "/log", streamingHALogDir: "/log", clusterName: "c", streamingHAMode: "raft" } });
    for (const code of ["streaming-log-directory", "streaming-cluster-name"]) expect(of(ready, to("3.00.5"), code), code).toBeUndefined();
  });
  it.each([
    ["3.00.1", "3.00.4.1", "catalog-scripts", true],
    ["3.00.1", "3.00.4.2", "catalog-scripts", false],
    ["3.00.3", "3.00.4.1", "catalog-scripts", false],
    ["2.00.17.1", "3.00.4.2", "known-incompatibility", true],
    ["2.00.17.1", "3.00.4.3", "known-incompatibility", false],
    ["2.00.4", "2.00.8.12", "graceful-stop", true],
    ["2.00.5", "2.00.8.12", "graceful-stop", false],
    ["2.00.9", "2.00.10.8", "known-defects", true],
    ["2.00.9", "2.00.10.9", "known-defects", false],
    ["2.00.9", "2.00.10.9", "boot-script", true],
  ])("%s to %s: %s %s", (from, version, code, there) =>
    expect(of(running(from), to(version, { mode: "zero-downtime" }), code) !== undefined).toBe(there),
  );
  it("two lines are refused host by host, and never run together all at once", () => {
    expect(of(running("2.00.13"), to("3.00.2", { mode: "zero-downtime" }), "two-lines")).toMatchObject({ verdict: "blocker" });
    expect(of(running("2.00.13"), to("3.00.2", { mode: "downtime" }), "two-lines")).toBeUndefined();
  });
  it.each([
    ["3.00.3.1", "0", true],
    ["3.00.3.3", "0", false],
    ["3.00.4", "0", true],
    ["3.00.4.1", "0", false],
    ["3.00.4.2", "1", true],
    ["2.00.8", "0", false],
  ])("%s with lanCluster=%s: a controller may not end: %s", (version, lanCluster, told) =>
    expect(of(running(version, { settings: { lanCluster } }), to("3.00.5"), "controller-exits") !== undefined).toBe(told),
  );
  it("points of no return are named where the vendor names them", () => {
    expect(of(running("2.00.12"), to("2.00.13"), "point-of-no-return")).toMatchObject({
      verdict: "warning",
      what: containing("a table of the PKEY engine"),
    });
    expect(of(running("2.00.8.11"), to("2.00.8.12"), "point-of-no-return")).toMatchObject({
      verdict: "passed",
      what: containing("promises nothing"),
    });
  });
});
