// Replies built by hand, as the facts describe them.
import { describe, expect, it } from "vitest";
import { compareWithClient, leaderChanges, lostOffsets, type Recorded } from "./openmldb-loss.ts";

const E = "127.0.0.1:10921";
const C = "127.0.0.1:10922";
const F = "127.0.0.1:10923";
type Row = readonly [endpoint: string, leads: boolean, alive: boolean];

/** Unset fields are left out where they have their default, as the server does. */
const show = (at: number, rows: readonly Row[], terms: readonly (readonly [number, number])[]): Recorded => ({
  at,
  endpoint: "127.0.0.1:7527",
  rpc: "ShowTable",
  reply: {
    code: 0,
    table_info: [
      {
        name: "t1",
        tid: 6,
        table_partition: [
          {
            pid: 0,
            partition_meta: rows.map(([endpoint, is_leader, alive]) => ({ endpoint, is_leader, ...(alive ? {} : { is_alive: false }) })),
            term_offset: terms.map(([term, offset]) => ({ term, offset })),
          },
        ],
      },
    ],
  },
});
const status = (at: number, endpoint: string, offset: number, leads: boolean, state = "kTableNormal"): Recorded => ({
  at,
  endpoint,
  rpc: "GetTableStatus",
  reply: { code: 0, all_table_status: [{ tid: 6, pid: 0, offset, mode: leads ? "kTableLeader" : "kTableFollower", state }] },
});
const before = show(
  0,
  [
    [E, true, true],
    [C, false, true],
  ],
  [[1, 0]],
);
const after = (at: number, offset: number): Recorded =>
  show(
    at,
    [
      [E, true, false],
      [C, true, true],
    ],
    [
      [1, 0],
      [3, offset],
    ],
  );

describe("what a leader change lost [OM-4]", () => {
  it("the old leader's rows behind the new term's first offset (chosen automatically)", () => {
    const changes = leaderChanges([
      before,
      status(1, E, 100, true),
      status(1, C, 97, false),
      after(10, 98),
      status(11, C, 97, true),
      status(12, E, 105, true),
    ]);
    expect(changes).toMatchObject([{ partition: "6/0", term: 3, from: E, to: C, shared: 97, old: 105, lost: { first: 98, last: 105 } }]);
    expect(lostOffsets(changes[0]!)).toBe(8);
  });
  it("nothing, where the offsets were equal and the old leader stood still", () => {
    const changes = leaderChanges([
      before,
      status(1, E, 100, true),
      status(2, E, 100, false),
      after(10, 101),
      status(11, C, 100, true),
      status(12, E, 100, false),
    ]);
    expect(changes).toMatchObject([{ shared: 100, old: 100, lost: null, ahead: [] }]);
  });
  it("what the old leader took until its demotion, but nothing that the new leader replicates to it afterwards", () => {
    const changes = leaderChanges([before, after(10, 101), status(11, E, 100, true), status(12, E, 103, false), status(13, E, 140, false)]);
    expect(changes).toMatchObject([{ old: 103, lost: { first: 101, last: 103 } }]);
  });
  it("nothing is claimed of a table that was dropped and is being loaded again", () => {
    const changes = leaderChanges([
      before,
      after(10, 101),
      status(11, E, 104, true),
      status(12, E, 9, false, "kTableLoading"),
      status(13, E, 60, false),
    ]);
    expect(changes).toMatchObject([{ old: 104 }]);
  });
  it("a named candidate behind another follower: the recorded maximum is not its own, and the other one is ahead of it", () => {
    const three = show(
      0,
      [
        [E, true, true],
        [C, false, true],
        [F, false, true],
      ],
      [[1, 0]],
    );
    const changed = show(
      10,
      [
        [E, true, false],
        [C, true, true],
        [F, false, true],
      ],
      [
        [1, 0],
        [3, 96],
      ],
    );
    const changes = leaderChanges([
      three,
      status(1, E, 95, true),
      status(1, C, 90, false),
      status(1, F, 95, false),
      changed,
      status(11, C, 90, true),
      status(12, E, 95, true),
    ]);
    expect(changes).toMatchObject([{ shared: 90, lost: { first: 91, last: 95 }, ahead: [{ endpoint: F, offset: 95 }] }]);
  });
  it("there and back are two changes, each with its own rows", () => {
    const rejoined = show(
      20,
      [
        [E, false, true],
        [C, true, true],
      ],
      [
        [1, 0],
        [3, 101],
      ],
    );
    const back = show(
      30,
      [
        [E, true, true],
        [C, true, false],
      ],
      [
        [1, 0],
        [3, 101],
        [5, 151],
      ],
    );
    const changes = leaderChanges([
      before,
      status(1, E, 100, true),
      after(10, 101),
      status(11, E, 102, true),
      status(12, E, 102, false),
      rejoined,
      status(21, C, 150, true),
      status(21, E, 150, false),
      back,
      status(31, E, 150, true),
      status(31, C, 154, true),
      status(32, C, 154, false),
    ]);
    expect(changes.map(({ term, from, lost }) => ({ term, from, lost }))).toEqual([
      { term: 3, from: E, lost: { first: 101, last: 102 } },
      { term: 5, from: C, lost: { first: 151, last: 154 } },
    ]);
  });
  it("what the old leader says after it was made leader again belongs to the next change", () => {
    const changes = leaderChanges([
      before,
      status(1, E, 100, true),
      after(10, 101),
      status(11, E, 102, true),
      status(12, E, 102, false),
      status(20, E, 150, true), // promoted; the metadata follow
      show(
        30,
        [
          [E, true, true],
          [C, true, false],
        ],
        [
          [1, 0],
          [3, 101],
          [5, 151],
        ],
      ),
    ]);
    expect(changes[0]).toMatchObject({ lost: { first: 101, last: 102 } });
  });
  it("a leader that died: its last word before, nothing that it loaded afterwards", () => {
    const gone: Recorded = { at: 8, endpoint: E, rpc: "GetTableStatus", reply: { code: 0 } };
    const changes = leaderChanges([before, status(1, E, 104, true), gone, status(9, E, 0, false), after(10, 98), status(20, E, 140, false)]);
    expect(changes).toMatchObject([{ old: 104, lost: { first: 98, last: 104 } }]);
  });
  it("an old leader that was never read after the change is not called lossless", () => {
    expect(leaderChanges([before, after(10, 101)])).toMatchObject([{ old: null, lost: null }]);
  });
  it("a table that is loaded without a change of leader is none", () => {
    expect(
      leaderChanges([
        before,
        show(
          10,
          [
            [E, true, true],
            [C, false, true],
          ],
          [[1, 0]],
        ),
      ]),
    ).toEqual([]);
  });
});

describe("against the client's acknowledgement log [OM-4]", () => {
  const changes = leaderChanges([before, after(10, 101), status(11, E, 103, true)]);
  const rows = ["a", "b", "c", "d"].map((key) => ({ key, partition: "6/0", outcome: "acknowledged" as const }));

  it("agrees when as many rows are missing as offsets were lost", () => {
    expect(compareWithClient(changes, rows, new Set(["d"]))).toEqual([
      { partition: "6/0", lostOffsets: 3, missingAcknowledged: 3, missingUnknown: 0, agrees: true },
    ]);
  });
  it("rows without an answer may be among the lost offsets", () => {
    const unknown = [...rows.slice(0, 2), { key: "c", partition: "6/0", outcome: "unknown" as const }];
    expect(compareWithClient(changes, unknown, new Set())).toMatchObject([{ missingAcknowledged: 2, missingUnknown: 1, agrees: true }]);
  });
  it("disagrees when a row is missing that no change explains, and when a change lost more than the client misses", () => {
    expect(compareWithClient([], rows, new Set(["a", "b", "c"]))).toMatchObject([{ lostOffsets: 0, missingAcknowledged: 1, agrees: false }]);
    expect(compareWithClient(changes, rows, new Set(["b", "c", "d"]))).toMatchObject([{ lostOffsets: 3, missingAcknowledged: 1, agrees: false }]);
  });
});
