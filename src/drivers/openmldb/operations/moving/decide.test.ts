import { describe, expect, test } from "vitest";
import type { MoveLeadersParams } from "../../steps.ts";
import { decide, type Decision } from "./decide.ts";
import { appearsWithinMs, changesAtMost, fencesAtMost } from "./judge.ts";
import { queuedAtMostMs } from "./stuck.ts";
import type { Notes } from "./notes.ts";
import type { Observation, Own, ReplicaView } from "./observation.ts";
import { note, NOW, own, params, replica, seen, view, watching } from "./testing/views.ts";
import { partitionOf } from "./testing/world.ts";

const effects = (decision: Decision): readonly string[] =>
  decision.is === "act"
    ? decision.effects.map((effect) => `${effect.do} ${effect.key}${"on" in effect ? ` ${effect.on}` : "to" in effect ? ` ${effect.to}` : ""}`)
    : [decision.is];
const operation = (pid: number, status: "kInited" | "kDoing" | "kDone" | "kFailed", op_type = "kMakeSnapshotOP", op_id = 5) => ({
  op_id,
  op_type,
  status,
  db: "db",
  name: "t",
  pid,
});

describe("one partition", () => {
  const led = (leader: Own, ...followers: readonly ReplicaView[]) => seen([view(0, [replica("a", leader, { leads: true }), ...followers])]);
  const once = (observation: Observation, notes: Notes = {}, watch = watching(), more: Partial<MoveLeadersParams> = {}) =>
    effects(decide(params([0], more), notes, observation, watch));

  test("is fenced only when its follower has everything", () => {
    expect(once(led(own(10, "leader"), replica("b", own(9))))).toEqual(["waiting"]);
    expect(once(led(own(10, "leader"), replica("b", own(10))))).toEqual(["fence 6/0 a"]);
  });
  test("a write that slipped in before the fence is replicated with the role given back", () => {
    expect(once(led(own(11), replica("b", own(10))))).toEqual(["giveBack 6/0 a"]);
  });
  test("is changed only at rest", () => {
    expect(once(led(own(10), replica("b", own(10))), {}, watching({ stable: () => false }))).toEqual(["waiting"]);
    expect(once(led(own(10), replica("b", own(10))))).toEqual(["changeLeader 6/0 b"]);
  });
  test("goes to the healthy follower with the highest offset, and of equal ones to the one that leads least", () => {
    const three = led(own(10), replica("b", own(8)), replica("c", own(10)));
    expect(once(three)).toEqual(["changeLeader 6/0 c"]);
    const loaded = seen([
      view(0, [replica("a", own(10), { leads: true }), replica("b", own(10)), replica("c", own(10))]),
      view(1, [replica("b", own(1, "leader")), replica("c", own(1))]),
    ]);
    expect(once(loaded)).toEqual(["changeLeader 6/0 c"]);
    expect(once(led(own(10), replica("b", own(10)), replica("c", own(10))), {}, watching(), { avoid: ["b"] })).toEqual(["changeLeader 6/0 c"]);
    for (const unable of [
      { healthy: false },
      { alive: false },
      { own: own(10, "follower", false) },
      { own: "absent" as const },
      { own: "unknown" as const },
    ])
      expect(once(led(own(10), replica("b", own(10), unable), replica("c", own(9))))).toEqual(["giveBack 6/0 a"]);
  });
  test("a follower that is ahead of its leader stops the move: a change would make them diverge unseen", () => {
    expect(decide(params([0]), {}, led(own(10), replica("b", own(11))), watching())).toMatchObject({ is: "failed" });
  });
  test("a request that was answered is not sent again before its operation can be seen", () => {
    const fenced = led(own(10), replica("b", own(10)));
    expect(once(fenced, { "6/0": note({ sentAt: NOW - appearsWithinMs + 1 }) })).toEqual(["waiting"]);
    expect(once(fenced, { "6/0": note({ sentAt: NOW - appearsWithinMs }) })).toEqual(["changeLeader 6/0 b"]);
  });
  test("[OM-17] an operation of somebody else on it is waited for", () => {
    const busy = { ...led(own(10, "leader"), replica("b", own(10))), operations: [operation(0, "kDoing")] };
    expect(decide(params([0]), {}, busy, watching())).toEqual({ is: "waiting", for: "kMakeSnapshotOP 5 of db.t/0", eligible: [] });
  });
  test("a change that failed is made again, and after three the role is given back and the run told", () => {
    const failed = { ...led(own(10), replica("b", own(10))), operations: [operation(0, "kFailed", "kChangeLeaderOP")] };
    expect(once(failed, { "6/0": note() })).toEqual(["changeLeader 6/0 b"]);
    const tired = watching({ tries: (_, what) => (what === "changeLeader" ? changesAtMost : 0) });
    expect(once(failed, { "6/0": note() }, tired)).toEqual(["giveBack 6/0 a"]);
    const back = { ...led(own(10, "leader"), replica("b", own(10))), operations: failed.operations };
    expect(decide(params([0]), {}, back, tired)).toMatchObject({ is: "failed", why: [expect.stringContaining("operation 5 is kFailed")] });
  });
  test("one whose follower never has everything is left for the tablet's fence", () => {
    const lagging = led(own(10, "leader"), replica("b", own(9)));
    expect(decide(params([0]), {}, lagging, watching({ lags: () => true }))).toEqual({ is: "escalate", partitions: [partitionOf(0)] });
    expect(decide(params([0]), {}, lagging, watching({ tries: () => fencesAtMost, lags: () => false }))).not.toMatchObject({ is: "act" });
  });
  test("one whose leader nobody knows, or that no tablet answers for, is waited for", () => {
    expect(once(seen([view(0, [replica("a", own(10, "leader"), { alive: false }), replica("b", own(10))])]))).toEqual(["waiting"]);
    expect(once(led("unknown", replica("b", own(10))))).toEqual(["waiting"]);
    expect(once(led("absent", replica("b", own(10))))).toEqual(["waiting"]);
  });
  test("a table that was dropped meanwhile is let go", () => {
    expect(decide(params([0]), {}, seen([]), watching())).toMatchObject({ is: "done" });
  });
  test("a follower that was promoted and never written down is made a follower again when nothing was written to it", () => {
    expect(once(led(own(10), replica("b", own(10, "leader"), { leads: false })))).toEqual(["demote 6/0 b"]);
    expect(decide(params([0]), {}, led(own(10), replica("b", own(12, "leader"), { leads: false })), watching())).toMatchObject({ is: "failed" });
  });
});

describe("an operation of somebody else that comes between fence and change", () => {
  const fenced = (more: Partial<Observation> = {}, ...others: readonly ReplicaView[]) =>
    seen([view(0, [replica("a", own(10), { leads: true }), replica("b", own(10)), ...others])], more);
  const once = (observation: Observation, notes: Notes = {}) => decide(params([0]), notes, observation, watching());

  test("on the partition itself: it takes writes again meanwhile, and a replica that is being added is not left out", () => {
    const adding = fenced({ operations: [operation(0, "kDoing", "kAddReplicaOP")] }, replica("c", own(3), { alive: false }));
    expect(once(adding)).toEqual({ is: "act", effects: [{ do: "giveBack", key: "6/0", on: "a", followers: ["b", "c"] }], eligible: [] });
  });
  test.each(["kChangeLeaderOP", "kRecoverTableOP", "kReAddReplicaSimplifyOP"])(
    "%s is waited for: a role given back would make two leaders",
    (type) => {
      expect(once(fenced({ operations: [operation(0, "kDoing", type)] })).is).toBe("waiting");
    },
  );
  test("in its queue: the change is not asked for, and the partition takes writes until its turn comes", () => {
    expect(effects(once(fenced({ operations: [operation(4, "kDoing", "kMigrateOP")] })))).toEqual(["giveBack 6/0 a"]);
    expect(effects(once(fenced({ operations: [operation(5, "kDoing", "kMigrateOP")] })))).toEqual(["changeLeader 6/0 b"]);
    // Additions of replicas stand in the first queue, whatever their partition.
    expect(effects(once(fenced({ operations: [operation(5, "kDoing", "kAddReplicaOP")] })))).toEqual(["giveBack 6/0 a"]);
  });
  test("in its queue, before a change that was asked for: that is cancelled after a while", () => {
    const operations = [operation(4, "kDoing", "kMigrateOP"), operation(0, "kInited", "kChangeLeaderOP", 6)];
    const asked = (ms: number): Notes => ({ "6/0": note({ sentAt: NOW - ms, after: 5 }) });
    expect(once(fenced({ operations }), asked(queuedAtMostMs - 1)).is).toBe("waiting");
    expect(once(fenced({ operations }), asked(queuedAtMostMs))).toMatchObject({ effects: [{ do: "cancelOp", key: "6/0", operation: 6 }] });
    // It has begun meanwhile, or waits behind our own alone.
    expect(once(fenced({ operations: [operation(4, "kDoing", "kMigrateOP"), operation(0, "kDoing", "kChangeLeaderOP", 6)] }), asked(60_000)).is).toBe(
      "waiting",
    );
    expect(once(fenced({ operations: [operation(0, "kInited", "kChangeLeaderOP", 6)] }), asked(60_000)).is).toBe("waiting");
  });
});

describe("the other fences", () => {
  const led = (more: Partial<Observation> = {}) => seen([view(0, [replica("a", own(10, "leader")), replica("b", own(10))])], more);
  test("tablet: nothing begins unless the fence is read back, and the partition's own fence, which no event lifts, is set before the change", () => {
    const moving = params([0], { fence: "tablet" });
    expect(effects(decide(moving, {}, led(), watching()))).toEqual(["waiting"]);
    expect(effects(decide(moving, {}, led({ writeFenced: new Set(["a"]) }), watching()))).toEqual(["fence 6/0 a"]);
    const fenced = seen([view(0, [replica("a", own(10), { leads: true }), replica("b", own(10))])]);
    expect(effects(decide(moving, {}, fenced, watching()))).toEqual(["changeLeader 6/0 b"]);
  });
  test("hook: at rest and equal, since nobody can read back the operator's command", () => {
    expect(effects(decide(params([0], { fence: "hook" }), {}, led(), watching({ stable: () => false })))).toEqual(["waiting"]);
    expect(effects(decide(params([0], { fence: "hook" }), {}, led(), watching()))).toEqual(["changeLeader 6/0 b"]);
  });
  test("none: the vendor's way, at once and by `auto`", () => {
    const behind = seen([view(0, [replica("a", own(10, "leader")), replica("b", own(3))])]);
    expect(effects(decide(params([0], { fence: "none" }), {}, behind, watching()))).toEqual(["changeLeader 6/0 auto"]);
  });
});

describe("behind the change", () => {
  const term = { term: 3, offset: 11 };
  const moved = (old: Own, leader: Own = own(12, "leader")) =>
    seen([view(0, [replica("a", old, { leads: true, alive: false }), replica("b", leader)], term)]);
  const proof = {
    partition: "db.t/0",
    tid: 6,
    pid: 0,
    from: "a",
    to: "b",
    fence: "partition",
    term: 3,
    began: 11,
    frozen: 10,
    oldLeader: 10,
    candidate: 10,
    lost: 0,
  } as const;

  test("an old leader that still takes writes takes no more", () => {
    expect(effects(decide(params([0]), { "6/0": note() }, moved(own(10, "leader")), watching()))).toEqual(["demote 6/0 a"]);
  });
  test("the proof is in the journal before RecoverTable is sent", () => {
    const compared = decide(params([0]), { "6/0": note() }, moved(own(10)), watching());
    expect(compared).toMatchObject({ is: "act", effects: [{ do: "note", proof }] });
    expect(effects(decide(params([0]), { "6/0": note({ proof }) }, moved(own(10)), watching()))).toEqual(["recoverTable 6/0 a"]);
  });
  test.each([
    ["has an entry more", own(11), note()],
    ["has one less than the new leader began with", own(9), note({ frozen: 9 })],
    ["went on after its fence", own(10), note({ frozen: 9 })],
    ["is not loaded", "absent" as const, note()],
  ])("an old leader that %s is never recovered over", (_, old, its) => {
    const decision = decide(params([0]), { "6/0": { ...its, proof } }, moved(old), watching());
    expect(decision).toMatchObject({ is: "done", proof: { moved: [], leftBehind: [{ on: "a", partition: "db.t/0" }] } });
  });
  test("[OM-4] without a fence the lost entries are counted, then it is recovered", () => {
    const decision = decide(params([0], { fence: "none" }), { "6/0": note({ frozen: null }) }, moved(own(14)), watching());
    expect(decision).toMatchObject({ is: "act", effects: [{ do: "note", proof: { lost: 4, began: 11, oldLeader: 14 } }] });
  });
  test("once it follows, the move is done with its proof; data that the nameserver dropped is an alarm", () => {
    const whole = seen([view(0, [replica("a", own(12)), replica("b", own(12, "leader"))], term)]);
    expect(decide(params([0]), { "6/0": note({ proof }) }, whole, watching())).toEqual({
      is: "done",
      proof: { moved: [proof], leftBehind: [], alarms: [] },
    });
    const dropped = { ...whole, operations: [operation(0, "kDone", "kReAddReplicaWithDropOP")] };
    expect(decide(params([0]), { "6/0": note({ proof }) }, dropped, watching())).toMatchObject({
      proof: { alarms: [expect.stringContaining("kReAddReplicaWithDropOP")] },
    });
    expect(decide(params([0]), { "6/0": note() }, whole, watching())).toMatchObject({
      proof: { moved: [], alarms: [expect.stringContaining("not by this run")] },
    });
  });
});

describe("many partitions", () => {
  const led = (pids: readonly number[]) => pids.map((pid) => view(pid, [replica("a", own(5, "leader")), replica("b", own(5)), replica("c", own(5))]));
  test("one begins in each of the nameserver's queues, and no more", () => {
    expect(effects(decide(params([0, 1, 2, 3]), {}, seen(led([0, 1, 2, 3])), watching()))).toEqual(["fence 6/0 a", "fence 6/1 a"]);
    expect(effects(decide(params([0, 2, 4]), {}, seen(led([0, 2, 4])), watching()))).toEqual(["fence 6/0 a"]);
    const wide = params([0, 1, 2, 3, 4, 5, 6, 7, 8], { concurrency: 8 });
    expect(effects(decide(wide, {}, seen(led([0, 1, 2, 3, 4, 5, 6, 7, 8])), watching()))).toHaveLength(8);
  });
  test("nothing begins in a queue that works for anybody, or behind what was begun", () => {
    const busy = seen(led([0, 1]), { operations: [operation(8, "kInited")] });
    expect(effects(decide(params([0, 1]), {}, busy, watching()))).toEqual(["fence 6/1 a"]);
    const fenced = seen([view(0, [replica("a", own(5), { leads: true }), replica("b", own(5))]), ...led([2])]);
    expect(effects(decide(params([0, 2]), {}, fenced, watching()))).toEqual(["changeLeader 6/0 b"]);
  });
  test("leaders are spread over the tablets, those counted that are chosen now", () => {
    const fenced = [0, 1].map((pid) => view(pid, [replica("a", own(5), { leads: true }), replica("b", own(5)), replica("c", own(5))]));
    expect(effects(decide(params([0, 1]), {}, seen(fenced), watching()))).toEqual(["changeLeader 6/0 b", "changeLeader 6/1 c"]);
  });
  test("an old leader that is left behind does not hold the others up", () => {
    const diverged = view(0, [replica("a", own(20), { leads: true, alive: false }), replica("b", own(12, "leader"))], { term: 3, offset: 11 });
    expect(effects(decide(params([0, 2]), {}, seen([diverged, ...led([2])]), watching()))).toEqual(["fence 6/2 a"]);
  });
});
