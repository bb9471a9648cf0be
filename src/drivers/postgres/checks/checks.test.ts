import { describe, expect, test } from "vitest";
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import type { PgFacts } from "../facts.ts";
import { factsOf, slotOf, type NodeFixture } from "../testing/facts-fixture.ts";
import { modeVerdicts } from "../planning/modes.ts";
import { movingChecks } from "./logs-and-slots.ts";
import { releaseChecks } from "./release.ts";
import { topologyChecks } from "./topology.ts";

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
const restart = goal({ restart: true });
const cluster = (...nodes: readonly NodeFixture[]): PgFacts =>
  factsOf(Object.fromEntries(["pg1", "pg2", "pg3"].map((name, index) => [name, nodes[index] ?? {}])));
const all = (facts: PgFacts, wanted: Goal = restart): readonly Check[] => [
  ...topologyChecks(facts, wanted),
  ...movingChecks(facts, wanted),
  ...releaseChecks(facts, wanted),
];
const not = (facts: PgFacts, wanted: Goal = restart): readonly (readonly [string, string, string])[] =>
  all(facts, wanted)
    .filter(({ verdict }) => verdict !== "passed")
    .map(({ code, object, verdict }) => [code, object, verdict]);

test("A quiet cluster: nothing but passed checks, each with what was looked at", () => {
  expect(not(cluster())).toEqual([]);
  for (const { what } of all(cluster())) expect(what.length).toBeGreaterThan(10);
});

describe("what would be lost", () => {
  const logical = slotOf("audit", { kind: "logical", plugin: "pgoutput", database: "shop", consumer: "debezium from 10.0.0.9" });
  test("A logical slot blocks with its consumer's name; as a failover slot that every standby has it passes", () => {
    const [blocked] = all(cluster({ slots: [logical] })).filter(({ code }) => code === "logical-slot");
    expect(blocked).toMatchObject({ verdict: "blocker", object: "audit", price: expect.any(String) as string });
    expect(blocked!.what).toContain("debezium from 10.0.0.9");
    const synced = { slots: [{ ...logical, active: false, synced: true }] };
    expect(not(cluster({ slots: [{ ...logical, failover: true }] }, synced, synced))).toEqual([]);
    expect(not(cluster({ slots: [{ ...logical, failover: true }] }, synced, {}))).toEqual([["logical-slot", "audit", "blocker"]]);
  });
  test.each<[string, NodeFixture]>([
    ["not synchronised to the end yet", { slots: [{ ...logical, synced: true, temporary: true }] }],
    ["invalidated (wal_removed)", { slots: [{ ...logical, synced: true, invalidated: "wal_removed" }] }],
    ["its log is lost", { slots: [{ ...logical, synced: true, walStatus: "lost" }] }],
    ["its own slot of that name is not synchronised", { slots: [logical] }],
    ["it has none", {}],
  ])("A failover slot blocks where one copy could not go on: %s", (why, copy) => {
    const whole = { slots: [{ ...logical, synced: true, failover: true }] };
    const found = all(cluster({ slots: [{ ...logical, failover: true }] }, whole, copy)).filter(({ code }) => code === "logical-slot");
    expect(found).toMatchObject([{ verdict: "blocker", object: "audit", what: expect.stringContaining(`pg3: ${why}`) as string }]);
  });
  test("It is no matter where no role moves", () => {
    expect(not(cluster({ slots: [logical] }), goal({ restart: true, mode: "semi-downtime" }))).toEqual([]);
    expect(not(cluster({ slots: [logical] }), goal({ settings: { work_mem: "8MB" } }))).toEqual([]);
  });
});

test.each<[string, readonly NodeFixture[], readonly (readonly [string, string, string])[]]>([
  [
    "an idle slot",
    [{ slots: [slotOf("pg2"), slotOf("pg3"), slotOf("audit", { active: false, keepsBytes: 1.2 * 1024 ** 3 })] }],
    [["idle-slot", "audit", "warning"]],
  ],
  ["a slot that lost its log", [{ slots: [slotOf("pg2", { walStatus: "lost" }), slotOf("pg3")] }], [["slot-wal", "pg2", "warning"]]],
  ["a limit on slots", [{ settings: { max_slot_wal_keep_size: "1024" } }], [["slot-limit", "pg1", "warning"]]],
  ["no room for slots", [{}, { settings: { max_replication_slots: "1" } }], [["room", "pg2", "blocker"]]],
  ["an archiver that fails", [{ archiver: { mode: "on", failing: true, lastFailed: "0001", waiting: 3 } }], [["archiver", "pg1", "blocker"]]],
  ["an archiver behind", [{ archiver: { mode: "on", failing: false, lastFailed: null, waiting: 40 } }], [["archiver", "pg1", "warning"]]],
  [
    "a long transaction",
    [{ long: [{ pid: 7, who: "app@shop", ageS: 600, state: "idle in transaction" }] }],
    [["long-transaction", "pg1", "warning"]],
  ],
  ["a prepared transaction", [{ prepared: [{ gid: "x", ageS: 5 }] }], [["prepared", "pg1", "warning"]]],
  [
    "collations of another library",
    [{ collations: [{ object: "database shop", recorded: "2.31", actual: "2.36" }] }],
    [["collation", "pg1", "warning"]],
  ],
  ["a restart that waits already", [{}, { pendingRestart: ["shared_buffers"] }], [["pending-restart", "pg2", "warning"]]],
  ["a standby behind", [{}, { lagBytes: 100 * 1024 ** 2 }], [["lag", "pg2", "blocker"]]],
  ["a standby that does not stream", [{}, { streaming: false }], [["streaming", "pg2", "blocker"]]],
  ["a standby that stays on its timeline", [{}, { settings: { recovery_target_timeline: "current" } }], [["follows-timelines", "pg2", "blocker"]]],
  ["a stranger who receives the log", [{ otherSenders: ["pg_receivewal from 10.0.0.7"] }], [["other-receivers", "pg1", "warning"]]],
  ["a user without rights", [{}, {}, { superuser: false }], [["superuser", "pg3", "blocker"]]],
  ["a host that is reached as somebody else", [{}, { ownsData: false }], [["host-user", "pg2", "blocker"]]],
  ["a closed pg_hba.conf", [{}, { replicationRules: 0 }], [["may-replicate", "pg2", "blocker"]]],
  ["another manager", [{}, { managers: ["patroni.dynamic.json"] }], [["SW6003", "pg2", "blocker"]]],
  ["synchronous commits that would block", [{ syncNames: "ANY 2 (*)" }], [["synchronous", "pg1", "warning"]]],
  ["a node that crashed", [{}, { up: false, state: "crashed", role: null, streaming: false }], [["all-serving", "pg2", "blocker"]]],
])("%s", (_, nodes, wanted) => {
  expect(not(cluster(...nodes))).toEqual(wanted);
});

test("A standby that replays late on purpose cannot take over: alone it blocks, unless the operator wants the primary to restart in its place", () => {
  const late = { delayed: true };
  expect(not(factsOf({ pg1: {}, pg2: late }))).toEqual([["delayed", "pg2", "blocker"]]);
  expect(not(factsOf({ pg1: {}, pg2: late }), goal({ restart: true, mode: "semi-downtime" }))).toEqual([]);
  expect(not(factsOf({ pg1: {}, pg2: late }), goal({ restart: true, only: ["pg2"] }))).toEqual([]);
  expect(not(cluster({}, late))).toEqual([]);
  expect(modeVerdicts(factsOf({ pg1: {}, pg2: late }), restart)).toContainEqual(
    expect.objectContaining({ mode: "zero-downtime", eligible: false, why: expect.stringContaining("recovery_min_apply_delay") as string }),
  );
});

test("A standby that cannot be told how to connect blocks before the role moves, unless the cluster file says as whom", () => {
  const facts = cluster({}, {}, { follows: null });
  expect(not(facts)).toEqual([["connects-as", "pg3", "blocker"]]);
  expect(not(facts, goal({ settings: { work_mem: "8MB" } }))).toEqual([]);
  expect(not({ ...facts, structure: { ...facts.structure, namesReplicationUser: true } })).toEqual([]);
});

test("The same path on every host is no sharing; the same path on one host is", () => {
  const version = goal({ version: "17.10", artefact: { path: "/a.tar", sha256: "0".repeat(64), bytes: 1, version: "17.10" } });
  const common = { installation: "/usr/local/pgsql" };
  const codes = (...nodes: readonly NodeFixture[]): readonly string[] => not(cluster(...nodes), version).map(([code, object]) => `${code} ${object}`);
  expect(codes(common, common, common)).toEqual(["release-notes 17.10"]);
  expect(codes(common, { ...common, host: "h" }, { ...common, host: "h" })).toEqual(["own-installation pg3", "release-notes 17.10"]);
});

test("A minor release: going back is a warning, unread release notes are said to be unread", () => {
  const version = (text: string): readonly (readonly [string, string, string])[] =>
    not(cluster(), goal({ version: text, artefact: { path: "/a.tar", sha256: "0".repeat(64), bytes: 1, version: text } }));
  expect(version("17.10")).toEqual([["release-notes", "17.10", "not-measured"]]);
  expect(version("16.0").length).toBeGreaterThan(0);
  const back = not(cluster({ installed: "17.10" }, { installed: "17.10" }, { installed: "17.10" }), goal({ version: "17.0" }));
  expect(back.filter(([code]) => code === "downgrade").map(([, node]) => node)).toEqual(["pg1", "pg2", "pg3"]);
});
