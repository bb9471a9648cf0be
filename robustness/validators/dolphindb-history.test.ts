import { describe, expect, it } from "vitest";
import { judgeHistory, type ChunkSample, type NodeDown } from "./dolphindb-history.ts";

const sample = (at: number, replicas: readonly string[]): ChunkSample => ({ at, chunks: [{ chunkId: "c", state: "COMPLETE", replicas }] });
const down = (at: number, alias: string, byFault = false): NodeDown => ({ at, alias, host: `h-${alias}`, byFault });

describe("what happened meanwhile", () => {
  it("a node that went down with the last replica of a chunk exposed it, COMPLETE or not [DD-13]", () => {
    const { exposed } = judgeHistory([sample(0, ["n1", "n2"]), sample(10, ["n2"])], [down(5, "n1"), down(20, "n2")], []);
    expect(exposed).toEqual([{ at: 20, alias: "n2", host: "h-n2", chunks: ["c"] }]);
  });
  it("the sample before it counts, not what it led to; a fault of the trial does not", () => {
    const samples = [sample(0, ["n1", "n2"]), sample(10, ["n2"]), sample(30, ["n1", "n2"])];
    expect(judgeHistory(samples, [down(9, "n2"), down(20, "n2", true), down(31, "n2")], []).exposed).toEqual([]);
  });
  it("a node that said goodbye before its process ended was the last replica when it did", () => {
    const { exposed } = judgeHistory([sample(0, ["n2"]), sample(10, [])], [down(20, "n2")], []);
    expect(exposed).toMatchObject([{ alias: "n2", chunks: ["c"] }]);
  });
  it("a copy to a node that had none is a storm; bringing a replica up to date, and moves that were asked for, are not", () => {
    const task = { taskId: "t", chunkId: "c", type: "ChunkRecovery", incremental: true, createdAt: 1 };
    expect(judgeHistory([], [], [task, { ...task, type: "LoadRebalance", incremental: false }]).copies).toEqual([]);
    expect(judgeHistory([], [], [{ ...task, incremental: false }]).copies).toHaveLength(1);
  });
});
