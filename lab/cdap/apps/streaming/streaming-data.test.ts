import { describe, expect, it } from "vitest";
import { Checkpoints, diskIn } from "./checkpoints.ts";
import { StreamingData, type StreamingSettings } from "./streaming-data.ts";

const queue: StreamingSettings = {
  source: "receiver",
  initialOffset: "latest",
  stateMode: "SPARK_CHECKPOINTING",
  writeAheadLog: true,
  stopGracefully: true,
  batchMs: 10_000,
  batchWorkMs: 2_000,
  recordWorkMs: 10,
  checkpointDirectory: "/checkpoints/p",
  spark: "6.8",
};
const BUDGET = 300_000;
const lab = () => {
  const files: Record<string, string> = {};
  return { data: new StreamingData({}, new Checkpoints(diskIn(files, () => {}))), files };
};
/** A run from 0 that is told to stop at 25 s and has as long as it needs, or the budget: the next one begins with the given id at `again`. */
const stopAndStart = (
  settings: StreamingSettings,
  { budget = BUDGET, nextId = "id-2", nextSpark = "6.8" }: { budget?: number; nextId?: string; nextSpark?: string } = {},
) => {
  const { data, files } = lab();
  data.started({ pipeline: "default/p", runId: "r1", pipelineId: "id-1", settings }, 0);
  const drain = data.stopping("r1", 25_000, budget);
  data.ended("r1", 25_000 + drain);
  const stopped = data.account("default/p", 60_000);
  data.started({ pipeline: "default/p", runId: "r2", pipelineId: nextId, settings: { ...settings, spark: nextSpark } }, 60_000);
  const after = data.account("default/p", 200_000);
  if (stopped === null || after === null) throw new Error("no account");
  return { drain, stopped, after, files };
};

describe("records of a real-time pipeline that is stopped and deployed again [CD-8]", () => {
  it("none is lost with a write-ahead log and enough budget: the last batch is worked off first", () => {
    const { drain, stopped, after } = stopAndStart(queue);
    // Batch at 30 s with 100 records: 2 s and 10 ms each.
    expect(drain).toBe(8_000);
    expect(stopped).toEqual({ produced: 1_200, taken: 500, delivered: 500, duplicates: 0, inFlight: 0, recoverable: 0, lost: 0 });
    expect(after).toMatchObject({ lost: 0, duplicates: 0 });
    expect(after.delivered + after.inFlight).toBe(after.taken);
  });
  it("when the budget is cut, what was in flight lies in the checkpoint, and goes with it at the next deployment", () => {
    const { stopped, after } = stopAndStart(queue, { budget: 1_000 });
    expect(stopped).toMatchObject({ delivered: 400, recoverable: 100, lost: 0 });
    expect(after.lost).toBe(100);
  });
  it("a start of the same deployment reads it from there", () => {
    const { after } = stopAndStart(queue, { budget: 1_000, nextId: "id-1" });
    expect(after.lost).toBe(0);
  });
  it("another Spark does not read what one has written", () => {
    const next = { nextId: "id-1", nextSpark: "6.9" };
    expect(stopAndStart(queue, next).after.lost).toBe(0);
    expect(stopAndStart(queue, { ...next, budget: 1_000 }).after.lost).toBe(100);
    expect(stopAndStart({ ...queue, source: "log" }, next).after.lost).toBe(700);
  });
  it("a checkpoint directory that was copied and put back is read", () => {
    const { data, files } = lab();
    data.started({ pipeline: "default/p", runId: "r1", pipelineId: "id-1", settings: queue }, 0);
    data.ended("r1", 25_000);
    const copy = { ...files };
    data.started({ pipeline: "default/p", runId: "r2", pipelineId: "id-2", settings: queue }, 30_000);
    expect(data.account("default/p", 30_000)?.lost).toBe(100);
    data.ended("r2", 30_000);
    Object.assign(files, copy);
    expect(data.account("default/p", 30_000)?.lost).toBe(0);
  });
  it("without a write-ahead log the receiver's memory is lost, with any budget", () => {
    const { after } = stopAndStart({ ...queue, writeAheadLog: false });
    expect(after.lost).toBe(100);
  });
  it("a run that does not stop gracefully leaves everything to the log", () => {
    const { drain, after } = stopAndStart({ ...queue, stopGracefully: false });
    expect(drain).toBe(0);
    expect(after.lost).toBe(100);
  });
  it("a log is read on where the state store says, whatever is deployed", () => {
    const { after } = stopAndStart({ ...queue, source: "log", stateMode: "STATE_STORE" }, { budget: 0 });
    expect(after).toMatchObject({ lost: 0 });
    expect(after.delivered).toBeGreaterThan(2_000);
  });
  it("a log without state is read from its end: what came in between is passed over", () => {
    const { after } = stopAndStart({ ...queue, source: "log", stateMode: "NONE" });
    expect(after.lost).toBe(700);
    expect(stopAndStart({ ...queue, source: "log", stateMode: "NONE", initialOffset: "earliest" }).after).toMatchObject({ lost: 0, duplicates: 500 });
  });
  it("a checkpoint of a log belongs to its deployment", () => {
    const log = { ...queue, source: "log" } as const;
    expect(stopAndStart(log).after.lost).toBe(700);
    expect(stopAndStart(log, { nextId: "id-1" }).after).toMatchObject({ lost: 0, duplicates: 0 });
  });
  it("two runs at once do the work of a log twice", () => {
    const { data } = lab();
    for (const runId of ["r1", "r2"])
      data.started({ pipeline: "default/p", runId, pipelineId: "id-1", settings: { ...queue, source: "log", stateMode: "STATE_STORE" } }, 0);
    expect(data.account("default/p", 60_000)?.duplicates).toBeGreaterThan(500);
  });
});
