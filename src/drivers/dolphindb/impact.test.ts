import { describe, expect, it } from "vitest";
import type { Goal } from "../../model/goal.ts";
import type { Item, Step, Turn } from "../../model/step.ts";
import type { DdFacts, DdFelt } from "./facts.ts";
import { dueWithin, impact, outageMs, writeStallMs } from "./impact.ts";
import { steps } from "./steps.ts";
import { ddFacts, ddGoal, threeHosts } from "./testing/facts-fixture.ts";
import { undoUntil } from "./undo-until.ts";

const held = (step: Step): Step => ({ ...step, held: "finish-then-release" });
const hostTurn = (number: number): Turn => {
  const [data, rest] = [[`data${String(number)}`], [`agent${String(number)}`, `ctl${String(number)}`]];
  const items: readonly Item[] = [
    held(steps.suspendRecovery("recovery", { nodes: [] })),
    steps.drain("drain", { nodes: data, jobs: "wait" }),
    steps.stopDataNodes("stop data", { nodes: data }),
    steps.stopNodes("stop rest", { nodes: rest, after: data }),
    steps.startNodes("start rest", { nodes: rest }),
    steps.startDataNodes("start data", { nodes: data }),
    steps.ready("ready", { nodes: [...data, ...rest], version: null }),
    { undo: "recovery" },
  ];
  return { id: `h${String(number)}`, nodes: [...data, ...rest], items };
};
const felt: DdFelt = {
  volatileTables: [{ name: "ticks", kind: "stream", rows: 1_200 }],
  scheduledJobs: [
    { id: "daily", frequency: "D", minutes: [601] },
    { id: "night", frequency: "D", minutes: [120] },
  ],
  batchJobs: ["load"],
  serverMinute: 600,
};
const facts = ddFacts({ nodes: threeHosts({ data2: { connections: 7, felt } }), now: { timing: { electionTick: 800, heartbeatTimeoutMs: 8_000 } } });
const rows = (turn: Turn, goal: Goal = ddGoal(), of: DdFacts = facts) => impact(of, goal, "zero-downtime", [turn]);
const feature = (turn: Turn, word: string, goal?: Goal) => rows(turn, goal).find((row) => row.feature.includes(word));

describe("what users feel, host by host", () => {
  it("writes wait for heartbeat and reconnect, and for an election where the leader goes", () => {
    expect(writeStallMs(facts, false)).toBe(9_000);
    expect(feature(hostTurn(2), "writes")).toMatchObject({
      effect: "paused",
      expectedMs: 9_000,
      measure: { by: "longest-write-gap" },
      basis: "configured: heartbeat 8 s, reconnect 1 s",
    });
    expect(feature(hostTurn(1), "writes")).toMatchObject({
      expectedMs: 25_000,
      basis: "configured: election up to 16 s, heartbeat 8 s, reconnect 1 s",
    });
    expect(feature(hostTurn(1), "leading controller")).toMatchObject({ effect: "paused", expectedMs: 16_000 });
    expect(feature(hostTurn(2), "leading controller")).toBeUndefined();
  });
  it("sessions, tables in memory, jobs and due jobs of the node are named", () => {
    expect(feature(hostTurn(2), "sessions")).toMatchObject({
      feature: "sessions on data2 (7 connections now)",
      effect: "lost",
      measure: { by: "node-unavailable", node: "data2" },
    });
    expect(feature(hostTurn(2), "tables in the memory")).toMatchObject({
      effect: "lost",
      feature: "tables in the memory of data2: ticks (1200 rows)",
    });
    expect(feature(hostTurn(2), "batch jobs")).toMatchObject({ effect: "none" });
    expect(feature(hostTurn(2), "batch jobs", ddGoal({ options: { jobs: "list" } }))).toMatchObject({ effect: "lost" });
    expect(feature(hostTurn(2), "scheduled jobs")?.feature).toContain("daily at 10:01");
    expect(feature(hostTurn(2), "scheduled jobs")?.feature).not.toContain("night");
  });
  it("recovery is held for the turn, and that is measured", () =>
    expect(feature(hostTurn(2), "copying of chunks")).toMatchObject({ effect: "paused", measure: { by: "lease-held", step: "recovery" } }));
  it("the vendor's defaults are assumed where nobody could be asked", () => {
    const { timing: _, ...now } = facts.now;
    expect(writeStallMs({ ...facts, now }, true)).toBe(25_000);
  });
});

describe("what users feel, all at once", () => {
  it("[DD-1] everything is refused from the first stop to the election after the last start", () => {
    const [row] = impact(facts, ddGoal({ mode: "downtime" }), "downtime", [hostTurn(1)]);
    expect(row).toMatchObject({ feature: "reads, writes, logins: everything", effect: "refused", expectedMs: 32_000 + 16_000 });
  });
  it("the price that a refusal names: three hosts get their files while nothing is served", () =>
    expect(outageMs(facts, { version: "2.00.9" })).toBe(57_000 + 16_000));
});

describe("scheduled jobs", () => {
  const of = (minute: number, ...at: readonly number[]): DdFelt => ({
    ...felt,
    serverMinute: minute,
    scheduledJobs: [{ id: "j", frequency: "D", minutes: at }],
  });
  it.each([
    ["in the middle of it", of(600, 605), ["j at 10:05"]],
    ["just before it, by the slack of a minute", of(600, 599), ["j at 09:59"]],
    ["long after", of(600, 700), []],
    ["over midnight", of(1_438, 3), ["j at 00:03"]],
    ["the second of two times", of(600, 30, 606), ["j at 10:06"]],
    ["a clock that nobody knows", { ...of(600, 605), serverMinute: null }, []],
  ])("%s", (_, jobs, expected) => expect(dueWithin(jobs, 0, 10 * 60_000)).toEqual(expected));
});

describe("up to when one can go back", () => {
  const stated = (level: string): Goal => ddGoal({ options: { level, "level-source": "case 4711" } });
  it.each([
    [stated("5"), /^at any time, host by host \(level 5/],
    [stated("4"), /^host by host until the leader's host, which goes last, has begun .*; after that the whole cluster/],
    [
      ddGoal(),
      /^host by host until the leader's host, which goes last, has begun, or the whole cluster.*either only while nothing was written \(no published level/,
    ],
    [ddGoal({ mode: "downtime" }), /^the whole cluster, all at once, as long as no chunk was written since the run began \(proved, not asked\)/],
    [ddGoal({ version: null, artefact: null, restart: true }), /^until the end: nothing is changed but processes/],
    [ddGoal({ options: { release: "kept" } }), /^this is the way back/],
  ])("%#", (goal, words) => expect(undoUntil(ddFacts(), goal)).toMatch(words));
  it("the vendor's points of no return are named", () => {
    const nodes = threeHosts(Object.fromEntries(Object.keys(threeHosts()).map((name) => [name, { running: "2.00.12", installed: "2.00.12" }])));
    expect(undoUntil(ddFacts({ nodes }), ddGoal({ version: "2.00.13" }))).toContain(
      "never after: a function view or a scheduled job with DELETE or INSERT",
    );
  });
});
