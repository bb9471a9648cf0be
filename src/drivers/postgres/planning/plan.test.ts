import { describe, expect, test } from "vitest";
import type { Goal } from "../../../model/goal.ts";
import { isUndo } from "../../../model/step.ts";
import type { PgFacts } from "../facts.ts";
import { factsOf } from "../testing/facts-fixture.ts";
import { syncLease } from "./lease.ts";
import { modeVerdicts } from "./modes.ts";
import { plan } from "./plan.ts";

const goal = (part: Partial<Goal>): Goal => ({
  version: null,
  artefact: null,
  settings: {},
  restart: false,
  mode: "auto",
  only: null,
  options: {},
  ...part,
});
const artefact = { path: "/a/postgresql-17.10.tar.gz", sha256: "91c4".padEnd(64, "0"), bytes: 1, version: "17.10" };
const nodes = ["pg1", "pg2", "pg3"].map((name) => ({ name, archives: `/state/${name}/artefacts` }));
const three = (more: Parameters<typeof factsOf>[0] = {}): PgFacts => factsOf({ pg1: {}, pg2: {}, pg3: {}, ...more });
function drafted(facts: PgFacts, wanted: Goal): readonly (readonly [string, string])[] {
  const draft = plan(facts, wanted, nodes);
  if ("refused" in draft) throw new Error(draft.refused);
  return draft.turns.map((turn) => [turn.id, turn.items.map((item) => (isUndo(item) ? `undo ${item.undo}` : item.do)).join(" ")]);
}

describe("a version", () => {
  test("Staged on every host first, standbys before the primary, each with the same steps", () => {
    const turn = "moveAway stop swap start ready tidy";
    expect(drafted(three(), goal({ version: "17.10", artefact }))).toEqual([
      ["stage", "upload unpack upload unpack upload unpack"],
      ["pg2", turn],
      ["pg3", turn],
      ["pg1", turn],
    ]);
  });
  test("Only what is not there yet: nodes that have it are left alone, and a node that was exchanged but not restarted is not", () => {
    const mixed = three({ pg2: { installed: "17.10" }, pg3: { installed: "17.10", running: "17.0" } });
    expect(drafted(mixed, goal({ version: "17.10", artefact })).map(([id]) => id)).toEqual(["stage", "pg3", "pg1"]);
    expect(drafted(three(), goal({ version: "17.10", artefact, only: ["pg3"] })).map(([id]) => id)).toEqual(["stage", "pg3"]);
  });
  test("Without an archive: the release that lies on the host, or a refusal that says where it was looked for", () => {
    const kept = (name: string): object => ({
      releases: [
        { version: "16.9", root: "/x" },
        { version: "17.10", root: `/pg/${name}/releases/17.10` },
      ],
    });
    const facts = three({ pg1: kept("pg1"), pg2: kept("pg2"), pg3: kept("pg3") });
    expect(drafted(facts, goal({ version: "17.10" })).map(([id]) => id)).toEqual(["pg2", "pg3", "pg1"]);
    expect(plan(three(), goal({ version: "17.10" }), nodes)).toMatchObject({ refused: "the host of pg1 has no release 17.10" });
  });
  test("A major release, no version at all and nothing to do are refused", () => {
    expect(plan(three(), goal({ version: "18.1", artefact }), nodes)).toMatchObject({
      refused: expect.stringContaining("major release") as string,
      clear: expect.stringContaining("pg_upgrade") as string,
    });
    expect(plan(three(), goal({ version: "latest", artefact }), nodes)).toMatchObject({ refused: "latest is no version of PostgreSQL" });
    expect(plan(three(), goal({ version: "17.0", artefact }), nodes)).toMatchObject({ code: "SW2109" });
    expect(() => plan(three({ pg2: { managers: ["patroni.dynamic.json"] } }), goal({ restart: true }), nodes)).toThrow(/another manager/);
  });
});

describe("settings", () => {
  test("A reload restarts nothing and moves nothing", () => {
    expect(drafted(three(), goal({ settings: { work_mem: "16MB" } }))).toEqual([
      ["pg2", "set"],
      ["pg3", "set"],
      ["pg1", "set"],
    ]);
    expect(modeVerdicts(three(), goal({ settings: { work_mem: "16MB" } })).map(({ eligible }) => eligible)).toEqual([true, false, false]);
  });
  test("A limit of the standbys: raised from the standbys up, lowered from the primary down and never with a switchover", () => {
    const raise = goal({ settings: { max_connections: "200" } });
    expect(drafted(three(), raise)[0]).toEqual(["pg2", "moveAway stop set start readBack ready tidy"]);
    const lower = goal({ settings: { max_connections: "50" } });
    expect(drafted(three(), lower)).toEqual([
      ["pg1", "checkpoint stop set start wake readBack ready tidy"],
      ["pg3", "stop set start readBack ready tidy"],
      ["pg2", "stop set start readBack ready tidy"],
    ]);
    expect(modeVerdicts(three(), lower)[0]).toMatchObject({ eligible: false, why: expect.stringContaining("primary must restart first") as string });
  });
  test.each<[string, readonly string[], string, readonly boolean[], RegExp | null]>([
    ["A standby below a primary that is left out would not start", ["pg2"], "50", [false, false, false], /less than the 100 of the primary pg1/],
    ["A standby above a primary that is left out starts", ["pg2"], "200", [true, false, false], null],
    [
      "A primary alone, raised in its place, would stop the replay of all others; one that is switched away from would not",
      ["pg1"],
      "200",
      [true, false, false],
      null,
    ],
    [
      "A raised standby might take over, and the one that is left out could not follow it",
      ["pg1", "pg2"],
      "200",
      [false, false, false],
      /pg3 is left out/,
    ],
    ["A primary that is lowered leaves no standby below it", ["pg1", "pg2"], "50", [false, true, false], null],
    ["Nobody is left out", ["pg1", "pg2", "pg3"], "200", [true, true, true], null],
  ])("%s", (_, only, value, eligible, why) => {
    const verdicts = modeVerdicts(three(), goal({ settings: { max_connections: value }, only }));
    expect(verdicts.map((each) => each.eligible)).toEqual(eligible);
    if (why !== null) expect(verdicts[0]?.why).toMatch(why);
  });
  test("With no mode left, there is no plan", () => {
    expect(plan(three(), goal({ settings: { max_connections: "50" }, only: ["pg2"] }), nodes)).toMatchObject({ code: "SW2108" });
  });
  test("With a version, one start takes both", () => {
    expect(drafted(three(), goal({ version: "17.10", artefact, settings: { work_mem: "16MB" } }))[1]).toEqual([
      "pg2",
      "moveAway stop swap set start readBack ready tidy",
    ]);
  });
  test.each([
    [{ max_conections: "1" }, /did you mean max_connections/],
    [{ max_connections: "many" }, /a number is wanted/],
    [{ max_connections: "300000" }, /1 to 262143/],
    [{ work_mem: "16 s" }, /s is no unit of it; its own is kB/],
    [{ wal_level: "full" }, /minimal, replica, logical/],
    [{ autovacuum: "maybe" }, /on or off/],
    [{ server_version: "18" }, /internal/],
    [{ primary_conninfo: "host=x password=geheim" }, /follows the role/],
    [{ application_name: "orders" }, /every client says its own/],
  ] satisfies [Readonly<Record<string, string>>, RegExp][])("%o is refused", (settings, why) => {
    expect(() => plan(three(), goal({ settings }), nodes)).toThrow(why);
  });
});

describe("modes", () => {
  test("Nobody to switch over to: only the modes that say so are left", () => {
    const alone = factsOf({ pg1: {} });
    expect(modeVerdicts(alone, goal({ restart: true })).map(({ mode, eligible }) => [mode, eligible])).toEqual([
      ["zero-downtime", false],
      ["semi-downtime", true],
      ["downtime", true],
    ]);
  });
  test("All together: values, stops, releases, then starts from the primary on, committed by the last", () => {
    const [, together] = drafted(three(), goal({ version: "17.10", artefact, mode: "downtime" }));
    expect(together).toEqual(["together", "stop stop stop swap swap swap start start start ready ready ready"]);
    const draft = plan(three(), goal({ version: "17.10", artefact, mode: "downtime" }), nodes);
    const items = "turns" in draft ? draft.turns[1]!.items : [];
    expect(items.filter((item) => !isUndo(item) && item.commits).map((item) => (isUndo(item) ? "" : item.id))).toEqual(["ready pg2"]);
  });
});

describe("synchronous commits", () => {
  const names = (syncNames: string): PgFacts => three({ pg1: { syncNames }, pg2: { syncNames }, pg3: { syncNames } });
  test("A rule that one standby less still satisfies is left alone", () => {
    for (const rule of ["", "*", "ANY 1 (pg1, pg2, pg3)"]) expect(syncLease(names(rule), goal({ restart: true }), "zero-downtime"), rule).toBeNull();
  });
  test("Two nodes that share a name (the default: cluster_name, or walreceiver) are two nodes: with one of them down nobody confirms", () => {
    const node = { syncNames: "*", applicationName: "15/main" };
    expect(syncLease(factsOf({ pg1: node, pg2: node }), goal({ restart: true }), "zero-downtime")).toEqual({
      values: { pg1: "", pg2: "" },
      off: true,
    });
  });
  test("One that would block is lowered around the turns, and put back at the end", () => {
    expect(drafted(names("ANY 2 (*)"), goal({ restart: true }))).toEqual([
      ["lease", "sync"],
      ["pg2", "moveAway stop start ready tidy"],
      ["pg3", "moveAway stop start ready tidy"],
      ["pg1", "moveAway stop start ready tidy"],
      ["restore", "undo sync"],
    ]);
  });
  test("A run that holds a lease of it, or would need one for the new value, does not set it; any other may", () => {
    const set = (value: string | null, more: Partial<Goal> = { restart: true }): Goal =>
      goal({ settings: { synchronous_standby_names: value }, ...more });
    const refused = { object: "synchronous_standby_names", refused: expect.stringContaining("cannot set it") as string };
    const [strict, mild] = ["ANY 2 (pg1, pg2, pg3)", "ANY 1 (pg1, pg2, pg3)"];
    expect(plan(names(strict), set(mild), nodes)).toMatchObject(refused);
    expect(plan(names(mild), set(strict), nodes)).toMatchObject(refused);
    expect(plan(names(mild), set(null), nodes)).toMatchObject(refused);
    for (const allowed of [set(strict, {}), set(strict, { restart: true, mode: "downtime" })])
      expect(drafted(names(mild), allowed).map(([id]) => id)).not.toContain("lease");
    expect(drafted(names(""), set(mild)).map(([id]) => id)).toEqual(["pg2", "pg3", "pg1"]);
  });
});
