import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { historyOf } from "./history.ts";
import { AttemptLog, logFiles } from "./log.ts";
import { readLog, type LogEntry } from "./log-reader.ts";
import { keyOf } from "./record.ts";
import type { RawLine } from "./log-format.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "stillwater-log-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

async function read(): Promise<readonly LogEntry[]> {
  const all: LogEntry[] = [];
  for await (const piece of readLog(directory)) all.push(...piece);
  return all;
}
const intent = (sequence: number, partition: number): RawLine => ({
  is: "intent",
  sequence,
  kind: "insert",
  partition,
  record: sequence,
  salt: 0,
  expects: 0,
  due: sequence,
  sent: sequence + 0.5,
});

describe("the attempts log", () => {
  it("gives back what was written, with wall-clock times", async () => {
    const log = new AttemptLog({ directory, name: "run 1", wallAtZero: 1000, pid: 7 });
    const partition = log.partition("leader of \u00fcbung\n1");
    log.append([intent(log.firstSequence, partition), { is: "acknowledged", sequence: 1, at: 3 }]);
    log.append([intent(2, partition), { is: "refused", sequence: 2, at: 4, words: log.words("read only") }]);
    log.append([intent(3, partition), { is: "hole", from: 5, to: 95.25, skipped: 18, words: log.words("stopped") }]);
    log.append([
      { is: "clocks", at: 100, wall: 1102 },
      { is: "control", step: "planted", record: 3 },
      { is: "ended", at: 101 },
    ]);
    log.close();
    expect(await read()).toEqual([
      { is: "began", generation: 1, at: 1000, probe: log.probe, name: "run 1" },
      { is: "partition", partition: "leader of \u00fcbung\n1" },
      {
        is: "intent",
        sequence: 1,
        kind: "insert",
        partition: "leader of \u00fcbung\n1",
        record: 1,
        salt: 0,
        expects: null,
        dueAt: 1001,
        sentAt: 1001.5,
      },
      { is: "acknowledged", sequence: 1, at: 1003 },
      expect.objectContaining({ is: "intent", sequence: 2 }),
      { is: "refused", sequence: 2, at: 1004, why: "read only" },
      expect.objectContaining({ is: "intent", sequence: 3 }),
      { is: "hole", from: 1005, to: 1095.25, skipped: 18, why: "stopped" },
      { is: "alive", at: 1102 },
      { is: "control", step: "planted", record: 3 },
      { is: "ended", at: 1103, clean: true },
    ]);
  });

  it("survives a kill at any byte: what is cut off is an unknown outcome, never another one", async () => {
    const log = new AttemptLog({ directory, name: "r", wallAtZero: 0 });
    const partition = log.partition("p");
    for (let sequence = 1; sequence <= 4; sequence++) {
      log.append([intent(sequence, partition)]);
      log.append([{ is: sequence === 3 ? "refused" : "acknowledged", sequence, at: sequence + 1, words: log.words("no") }]);
    }
    log.close();
    const path = logFiles(directory)[0]!.path;
    const bytes = readFileSync(path);
    let before = -1;
    for (let length = 0; length <= bytes.length; length++) {
      writeFileSync(path, bytes);
      truncateSync(path, length);
      const history = await historyOf(readLog(directory));
      expect(history.attempts).toBeLessThanOrEqual(4);
      for (let sequence = 1; sequence <= history.attempts; sequence++) {
        expect(["unknown", sequence === 3 ? "refused" : "acknowledged"]).toContain(history.operation(sequence)?.outcome);
      }
      expect(history.attempts).toBeGreaterThanOrEqual(before);
      before = history.attempts;
      // Whatever the cut, a successor goes on above every intent that may have been sent.
      const successor = new AttemptLog({ directory, name: "r", wallAtZero: 50 });
      expect(successor.firstSequence).toBe(history.attempts + 1);
      expect(successor.generation).toBe(2);
      successor.close();
      rmSync(successor.path);
    }
  });

  it("reports the time between two processes as a hole", async () => {
    const first = new AttemptLog({ directory, name: "r", wallAtZero: 1000 });
    first.append([{ is: "clocks", at: 500, wall: 1500 }]);
    first.close();
    new AttemptLog({ directory, name: "r", wallAtZero: 4000 }).close();
    expect(await read()).toEqual([
      expect.objectContaining({ is: "began" }),
      { is: "alive", at: 1500 },
      { is: "ended", at: 1500, clean: false },
      expect.objectContaining({ is: "began", generation: 2 }),
      { is: "hole", from: 1500, to: 4000, skipped: 0, why: "the probe's process was not there" },
      { is: "ended", at: 4000, clean: false },
    ]);
  });

  it("reports a clock that was set as a hole", async () => {
    const log = new AttemptLog({ directory, name: "r", wallAtZero: 1000 });
    log.append([
      { is: "clocks", at: 10, wall: 1012 },
      { is: "clocks", at: 20, wall: 61_020 },
    ]);
    log.close();
    expect((await read()).filter(({ is }) => is === "hole")).toEqual([{ is: "hole", from: 1022, to: 61_020, skipped: 0, why: "the clock was set" }]);
  });

  it("tears no line when the disk is full for a while, and says that it is", async () => {
    let room = 100;
    const write = (file: number, bytes: Uint8Array): number => {
      if (room === 0) throw new Error("ENOSPC");
      const taken = writeSync(file, bytes.subarray(0, Math.min(room, bytes.length)));
      room -= taken;
      return taken;
    };
    const log = new AttemptLog({ directory, name: "r", wallAtZero: 0, write });
    const partition = log.partition("p");
    let sequence = 0;
    while (log.append([intent(++sequence, partition)]));
    expect(log.append([])).toBe(false);
    room = 1_000_000;
    expect(log.append([intent(++sequence, partition)])).toBe(true);
    log.close();
    const entries = await read();
    expect(entries.filter(({ is }) => is === "damaged")).toEqual([]);
    expect(entries.filter(({ is }) => is === "intent")).toHaveLength(sequence);
  });

  it("is read again cheaply after hours: 200,000 attempts", async () => {
    const log = new AttemptLog({ directory, name: "r", wallAtZero: 0 });
    const partition = log.partition("p");
    const lines: RawLine[] = [];
    for (let sequence = 1; sequence <= 200_000; sequence++) lines.push(intent(sequence, partition), { is: "acknowledged", sequence, at: sequence });
    log.append(lines);
    log.close();
    const before = process.cpuUsage();
    const history = await historyOf(readLog(directory));
    expect(history.acknowledged).toBe(200_000);
    expect(history.certain(77)).toBe(77);
    expect(keyOf({ probe: history.probe, record: 77, salt: history.saltOf(77) ?? -1 })).toBe(`k${log.probe}-77`);
    // Processor time: the machine may be busy with something else.
    expect(process.cpuUsage(before).user).toBeLessThan(4_000_000);
  });
});
