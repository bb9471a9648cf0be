import { describe, expect, it } from "vitest";
import { judgeRows, type ClientRow, type ReplicaRows } from "./dolphindb-rows.ts";

const row = (key: string, more: Partial<ClientRow> = {}): ClientRow => ({
  key,
  partition: "1",
  outcome: "acknowledged",
  sent: 1,
  sentAt: 0,
  answeredAt: 1,
  ...more,
});
const replica = (node: string, keys: readonly string[], chunk = "c1", partition = "1"): ReplicaRows => ({ partition, chunk, node, keys });

describe("an application's rows against every replica", () => {
  it("everything is there, everywhere, once", () => {
    expect(judgeRows([row("a"), row("b")], [replica("n1", ["a", "b"]), replica("n2", ["b", "a"])])).toMatchObject({
      acknowledged: 2,
      lost: [],
      duplicatedByServer: [],
      unequal: [],
      foreign: [],
    });
  });
  it("a row that one replica alone does not have is lost, and the replicas are not equal", () => {
    const { lost, unequal } = judgeRows([row("a"), row("b")], [replica("n1", ["a", "b"]), replica("n2", ["a"])]);
    expect(lost).toEqual(["b: not on n2"]);
    expect(unequal).toEqual(["c1: n1 and n2"]);
  });
  it("a partition without a replica has lost its rows", () => {
    expect(judgeRows([row("a")], []).lost).toEqual(["a: no replica of partition 1"]);
  });
  it("what was not acknowledged may be missing", () => {
    expect(judgeRows([row("a", { outcome: "unknown" }), row("b", { outcome: "refused" })], [replica("n1", [])]).lost).toEqual([]);
  });
  it("twice is the client's doing only where it has sent again [DD-21]", () => {
    const verdict = judgeRows([row("a", { sent: 2 }), row("b")], [replica("n1", ["a", "a", "b", "b"])]);
    expect(verdict).toMatchObject({ duplicatedByClient: ["a"], duplicatedByServer: ["b"] });
  });
  it("a row that nobody has sent is told", () => {
    expect(judgeRows([], [replica("n1", ["x"])]).foreign).toEqual(["x"]);
  });
  it("a stall is measured per partition: another one that goes on does not hide it", () => {
    const rows = [
      row("a", { answeredAt: 10 }),
      row("b", { sentAt: 20, answeredAt: 5_010 }),
      ...[100, 1_000, 2_000, 3_000, 4_000, 5_000].map((at) => row(`o${String(at)}`, { partition: "2", sentAt: at, answeredAt: at })),
    ];
    expect(judgeRows(rows, [])).toMatchObject({ longestStallMs: 5_000, stallBegan: 10 });
  });
});
