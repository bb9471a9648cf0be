import { describe, expect, test, vi } from "vitest";
import { run } from "../../../engine/run.ts";
import type { PgFacts } from "../facts.ts";
import { factsOf } from "../testing/facts-fixture.ts";
import type { Driver, Look } from "../../../model/driver.ts";
import type { Json } from "../../../model/json.ts";
import { isUndo } from "../../../model/step.ts";
import { operation } from "../../../planner/kit.ts";
import { acting, ScriptedServers, snapshotOf, type Script } from "../testing/scripted-servers.ts";
import { steps } from "../steps.ts";
import { beforeStart } from "./rejoin.ts";
import { candidates, promoteOperation, switchover } from "./switchover.ts";

const facts = factsOf({ pg1: {}, pg2: {}, pg3: {} });
const holding: PgFacts = { ...facts, structure: { ...facts.structure, holdsTraffic: true } };
const names = (of: PgFacts): readonly string[] => (switchover(of, "pg1", null) ?? []).map((item) => (isUndo(item) ? `undo ${item.undo}` : item.id));

describe("the controlled switchover", () => {
  test("the old primary gets the slot on the new one that its own files name, and no second one that nobody would read", async () => {
    const slotsOf = (of: PgFacts): readonly unknown[] =>
      (switchover(of, "pg1", null) ?? []).flatMap((item) => (!isUndo(item) && item.do === "slot" ? [item.params] : []));
    const wanted = (name: string): object => ({ on: "pg2", name, wanted: true });
    expect(slotsOf(factsOf({ pg1: { slotName: "slot_a" }, pg2: {}, pg3: {} }))).toEqual([wanted("slot_a"), wanted("pg3")]);
    expect(slotsOf(facts)).toEqual([wanted("pg1"), wanted("pg3")]);

    const autoConf = "primary_conninfo = 'host=pg2 port=5432 user=r'\nprimary_slot_name = 'slot_a'\n";
    const leader: Script = {
      pg2: { is: "primary", rows: (sql) => (sql.includes("pg_replication_slots") ? [{ there: 1 }] : []) },
      pg1: { is: "down" },
    };
    const stopped = snapshotOf({ is: "down", standbySignal: true, autoConf });
    expect(await beforeStart(new ScriptedServers(leader), "pg1", stopped)).toBeNull();
  });
  test("a standby that replays late on purpose takes over neither first nor last", () => {
    const late = factsOf({ pg1: {}, pg2: { delayed: true }, pg3: { running: "16.9" } });
    expect(candidates(late, "pg1", "17.0")).toEqual(["pg3"]);
    expect(switchover(factsOf({ pg1: {}, pg2: { delayed: true } }), "pg1", null)).toBeNull();
  });
  test("nothing stands between the stop of the old primary and the promotion; a standby that does not stream any more keeps it from being stopped", () => {
    const items = switchover(facts, "pg1", null) ?? [];
    const stop = items.findIndex((item) => !isUndo(item) && item.do === "stop");
    expect(items[stop]).toMatchObject({ params: { node: "pg1", takesOver: "pg2" } });
    expect(items[stop + 1]).toMatchObject({ do: "promote", params: { node: "pg2", from: "pg1" } });
  });
  test("the operator's traffic is held back immediately before the stop, let go right after the promotion, and by the watchdog when we die", () => {
    const all = names(holding);
    const at = all.indexOf("hold traffic");
    expect(all.slice(at, at + 4)).toEqual(["hold traffic", "stop pg1", "promote pg2", "undo hold traffic"]);
    expect(switchover(holding, "pg1", null)?.[at]).toMatchObject({ do: "traffic", held: "release" });
    expect(names(facts)).not.toContain("hold traffic");
  });
});

describe("the promotion", () => {
  const caughtUp = { recovery: true, received: "0/1078", replayed: "0/1078", system: "7", started: "at first" };
  const before = { shutdown: "0/1078", timeline: 1, systemIdentifier: "7" };
  const script = (more: Script = {}): Script => ({ pg1: { is: "down" }, pg2: { rows: () => [caughtUp] }, pg3: {}, ...more });
  const move = { node: "pg2", from: "pg1" } as const;
  const look = async (servers: ScriptedServers, receipt: Json = null): Promise<Look> =>
    promoteOperation(servers).operation.look(move, { before, receipt }, { now: 0 });

  test("a standby that has all of the old primary's log is promoted while nobody leads", async () => {
    expect(await look(new ScriptedServers(script()))).toEqual({ is: "open" });
  });
  test("somebody has promoted another standby while the run stood still: a person is asked, no second primary is made", async () => {
    expect(await look(new ScriptedServers(script({ pg3: { is: "primary" } })))).toMatchObject({
      is: "unclear",
      known: expect.arrayContaining(["pg3 serves as the primary"]) as string[],
    });
    const both = script({ pg2: { is: "primary", rows: () => [{ ...caughtUp, recovery: false }] }, pg3: { is: "primary" } });
    expect(await look(new ScriptedServers(both))).toMatchObject({ is: "unclear" });
  });
  test("while another server runs and does not answer, who leads is not known, and nothing is promoted", async () => {
    await expect(look(new ScriptedServers(script({ pg3: { is: "silent" } })))).rejects.toThrow(/who leads is not known/);
  });
  test("the old primary was started again meanwhile: nothing is promoted", async () => {
    expect(await look(new ScriptedServers(script({ pg1: { is: "primary" } })))).toMatchObject({ is: "waiting" });
  });
  test("who leads is asked of each other server once, beside the questions that are asked anyway", async () => {
    const servers = new ScriptedServers(script());
    await look(servers);
    expect(servers.asked.toSorted()).toEqual(["pg1 host", "pg2 sql", "pg3 role"]);
  });
  test("a standby that has received all, but replays it late, is not asked for a promotion that nobody could see", async () => {
    const behind = { ...caughtUp, replayed: "0/1000" };
    expect(await look(new ScriptedServers(script({ pg2: { rows: () => [behind] } })))).toMatchObject({
      is: "waiting",
      for: expect.stringContaining("holds it back") as string,
    });
    const nothing = { ...caughtUp, received: "0/900", replayed: "0/900" };
    expect(await look(new ScriptedServers(script({ pg2: { rows: () => [nothing] } })))).toMatchObject({
      is: "waiting",
      for: expect.stringContaining("to have received") as string,
    });
  });
  test("a promotion that was asked for is waited for, until the server is started again and has forgotten it", async () => {
    const servers = new ScriptedServers(script());
    vi.useFakeTimers({ toFake: ["performance"] });
    const promotion = promoteOperation(servers).operation.act?.(move, { before, receipt: null }, acting);
    // The act waits two seconds for what it began.
    await vi.waitFor(() => expect(servers.asked).toContain("pg2 role"));
    vi.advanceTimersByTime(3_000);
    const receipt = (await promotion) ?? null;
    vi.useRealTimers();
    expect(receipt).toEqual({ started: "at first" });
    expect(await look(servers, receipt)).toMatchObject({ is: "waiting", for: expect.stringContaining("promotion of pg2") as string });
    const restarted = new ScriptedServers(script({ pg2: { rows: () => [{ ...caughtUp, started: "again" }] } }));
    expect(await look(restarted, receipt)).toEqual({ is: "open" });
  });
  test("an abort while a promotion is under way waits for it: the old primary is not started beside it", async () => {
    let now = 1_000;
    const log: string[] = [];
    let stopped = false;
    const operations = {
      stop: operation("stop", {
        look: async () => (stopped ? { is: "done" } : { is: "open" }),
        act: async () => ((stopped = true), null),
        undo: () => [steps.start("start", { node: "pg1" })],
      }).operation,
      promote: {
        ...promoteOperation(new ScriptedServers(script())).operation,
        act: async () => (log.push("promotion of pg2"), { started: "at first" }),
      },
      start: operation("start", { look: async () => ({ is: "open" }), act: async () => (log.push("start of pg1"), null) }).operation,
    };
    const turns = [{ id: "pg1", nodes: ["pg1"], items: [steps.stop("stop", { node: "pg1" }), steps.promote("promote", move)] }];
    const outcome = await run({
      id: "r",
      turns,
      events: [],
      driver: { operations: operations as unknown as Driver<PgFacts, never>["operations"], invariants: [], inspect: async () => facts },
      surroundings: {
        now: () => now,
        sleep: async (ms) => void (now += ms),
        append: async () => undefined,
        signal: () => ({ desired: now > 20_000 ? "abort" : "run", by: "a", reason: "b" }),
        send: async (_, effect) => effect({ run: "r", epoch: 1, connection: 1, signal: new AbortController().signal }),
        raiseFences: async () => undefined,
        progress: () => undefined,
      },
    });
    expect(outcome).toMatchObject({ is: "paused", step: "promote" });
    expect(log).toEqual(["promotion of pg2"]);
  });
});
