import { mkdtempSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "./clock.ts";
import { FakeClient } from "./fake-client.ts";
import { AttemptLog, type AttemptLogOptions } from "./log.ts";
import { readLog, type LogEntry } from "./log-reader.ts";
import { Probe, type ProbeOptions } from "./probe.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "stillwater-probe-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

async function entries(): Promise<readonly LogEntry[]> {
  const all: LogEntry[] = [];
  for await (const piece of readLog(directory)) all.push(...piece);
  return all;
}
type Of<Is extends LogEntry["is"]> = Extract<LogEntry, { is: Is }>;
const only = <Is extends LogEntry["is"]>(all: readonly LogEntry[], is: Is): readonly Of<Is>[] =>
  all.filter((entry): entry is Of<Is> => entry.is === is);

async function probing(
  client: FakeClient,
  options: Partial<ProbeOptions>,
  during: (probe: Probe) => Promise<void>,
  log: Partial<AttemptLogOptions> = {},
): Promise<{ readonly probe: Probe; readonly all: readonly LogEntry[] }> {
  const clock = systemClock();
  const opened = new AttemptLog({ directory, name: "test", wallAtZero: clock.wall() - clock.mono(), ...log });
  const probe = new Probe({ client, log: opened, clock, partitions: await client.partitions(), rate: 200, ...options });
  probe.start();
  probe.pace();
  await during(probe);
  await probe.stop();
  opened.close();
  return { probe, all: await entries() };
}

describe("the probe", () => {
  it("keeps its pace though every answer takes 300 ms, and never meets itself on a record", async () => {
    const client = new FakeClient({ latencyMs: 300 });
    const { probe, all } = await probing(client, {}, async () => {
      await pause(1000);
    });
    const intents = only(all, "intent");
    const skipped = only(all, "hole").reduce((sum, hole) => sum + hole.skipped, 0);
    expect(intents.length + skipped).toBeGreaterThan(185);
    expect(intents.length + skipped).toBeLessThan(215);
    expect(probe.figures.acknowledged).toBe(intents.length);
    const busy = new Map<number, number>();
    for (const entry of all) {
      if (entry.is === "intent") {
        expect([...busy.values()]).not.toContain(entry.record);
        busy.set(entry.sequence, entry.record);
      }
      if (entry.is === "acknowledged") busy.delete(entry.sequence);
    }
    expect(probe.figures.longestGapMs(0)).toBeGreaterThan(290);
  });

  it("spreads every kind over every partition, and does not let the records grow without end", async () => {
    const client = new FakeClient({ partitions: ["a", "b", "c"] });
    const { all } = await probing(client, { rate: 1500, liveRecords: 60 }, async () => {
      await pause(900);
    });
    for (const partition of ["a", "b", "c"]) {
      for (const kind of ["insert", "compare-and-set", "delete"]) {
        expect(only(all, "intent").filter((entry) => entry.partition === partition && entry.kind === kind).length).toBeGreaterThan(20);
      }
    }
    expect(only(all, "refused")).toEqual([]);
    expect(client.store.size).toBeLessThan(110);
    expect(client.store.size).toBeGreaterThan(20);
  });

  it("makes do with inserts where the system has nothing else", async () => {
    const client = new FakeClient({ kinds: ["insert"] });
    const { all } = await probing(client, {}, async () => {
      await pause(200);
    });
    expect(new Set(only(all, "intent").map(({ kind }) => kind))).toEqual(new Set(["insert"]));
  });

  it("calls an answer that does not come unknown, and leaves its record alone", async () => {
    const client = new FakeClient();
    client.fault = ({ sequence }) => (sequence % 10 === 0 ? { is: "hangs", happens: sequence % 20 === 0 } : null);
    const { probe, all } = await probing(client, { deadlineMs: 150 }, async () => {
      await pause(500);
    });
    const unknown = only(all, "unknown").map(({ sequence }) => sequence);
    expect(unknown.length).toBeGreaterThan(5);
    expect(unknown.every((sequence) => sequence % 10 === 0)).toBe(true);
    expect(probe.figures.unknown).toBe(unknown.length);
    const records = new Map(only(all, "intent").map(({ sequence, record }) => [sequence, record]));
    for (const sequence of unknown) {
      expect(only(all, "intent").filter((entry) => entry.record === records.get(sequence) && entry.sequence > sequence)).toEqual([]);
    }
  });

  it("writes down that a request is sent again before it is, and not once its time is over", async () => {
    const client = new FakeClient({ kinds: ["insert"] });
    client.fault = ({ sequence }) => (sequence % 3 === 0 ? { is: "stores twice", told: true } : sequence % 3 === 1 ? { is: "skips" } : null);
    const { all } = await probing(client, {}, async () => {
      await pause(200);
    });
    const again = only(all, "again").map(({ sequence }) => sequence);
    expect(again.length).toBeGreaterThan(5);
    expect(again.every((sequence) => sequence % 3 === 0)).toBe(true);
    for (const sequence of again) {
      const places = all.flatMap((entry, at) => ("sequence" in entry && entry.sequence === sequence ? [[entry.is, at] as const] : []));
      expect(places.map(([is]) => is)).toEqual(["intent", "again", "acknowledged"]);
    }
    const skipped = only(all, "refused");
    expect(skipped.length).toBeGreaterThan(5);
    expect(skipped.every(({ silently }) => silently === true)).toBe(true);

    const late: boolean[] = [];
    const hanging = new FakeClient();
    hanging.attempt = async (_, signal, more) => {
      await pause(400);
      late.push(signal.aborted, more());
      return { is: "unknown", why: "no answer" };
    };
    const { probe } = await probing(hanging, { deadlineMs: 100 }, async () => {
      await pause(50);
    });
    await pause(450);
    expect(late.slice(0, 2)).toEqual([true, false]);
    expect(probe.figures.unknown).toBe(probe.figures.attempts);
  });

  it("gives an attempt the time that the system's own clients take", async () => {
    const client = new FakeClient({ kinds: ["insert"] });
    Object.assign(client, { deadlineMs: 150 });
    client.fault = () => ({ is: "hangs", happens: false });
    const { all } = await probing(client, {}, async () => {
      await pause(250);
    });
    expect(only(all, "unknown")[0]?.why).toBe("no answer");
    const waited = only(all, "unknown").map(
      ({ at, sequence }) => at - (only(all, "intent").find((entry) => entry.sequence === sequence)?.sentAt ?? 0),
    );
    expect(Math.min(...waited)).toBeGreaterThan(140);
    expect(Math.min(...waited)).toBeLessThan(250);
  });

  it("survives a client that ignores its deadline", async () => {
    const client = new FakeClient();
    client.attempt = async () => await new Promise(() => undefined);
    const { probe } = await probing(client, { deadlineMs: 50 }, async () => {
      await pause(100);
    });
    expect(probe.figures.unknown).toBe(probe.figures.attempts);
    expect(probe.figures.attempts).toBeGreaterThan(5);
  });

  it("counts what its own bound kept it from sending", async () => {
    const client = new FakeClient();
    client.fault = () => ({ is: "hangs", happens: false });
    const { probe, all } = await probing(client, { maximumInFlight: 10, deadlineMs: 400 }, async () => {
      await pause(300);
    });
    expect(only(all, "intent")).toHaveLength(10);
    const unsent = only(all, "bound").reduce((sum, { count }) => sum + count, 0);
    expect(unsent).toBeGreaterThan(30);
    expect(probe.figures.unsent).toBeGreaterThanOrEqual(unsent);
  });

  it("writes down its own pauses, and does not make up for them in a burst", async () => {
    const client = new FakeClient();
    const { probe, all } = await probing(client, {}, async () => {
      await pause(100);
      const until = performance.now() + 300;
      while (performance.now() < until);
      await pause(100);
    });
    const worst = only(all, "hole").toSorted((a, b) => b.to - b.from - (a.to - a.from))[0]!;
    expect(worst.to - worst.from).toBeGreaterThan(250);
    expect(worst.skipped).toBeGreaterThan(40);
    expect(probe.figures.holesMs).toBeGreaterThan(250);
    const rightAfter = only(all, "intent").filter(({ sentAt }) => sentAt >= worst.to && sentAt < worst.to + 20);
    expect(rightAfter.length).toBeLessThan(20);
  });

  it("sends nothing whose intent is not in the log, and reports the time as a hole", async () => {
    let full = false;
    const client = new FakeClient();
    let sentWhileFull = 0;
    const { all } = await probing(
      client,
      {},
      async () => {
        await pause(100);
        full = true;
        const before = client.seen.length;
        await pause(150);
        sentWhileFull = client.seen.length - before;
        full = false;
        await pause(100);
      },
      {
        write: (file, bytes) => {
          if (full) throw new Error("ENOSPC");
          return writeSync(file, bytes);
        },
      },
    );
    expect(sentWhileFull).toBe(0);
    expect(only(all, "damaged")).toEqual([]);
    const blind = only(all, "hole").find(({ why }) => why.includes("log"))!;
    expect(blind.to - blind.from).toBeGreaterThan(100);
    expect(blind.skipped).toBeGreaterThan(15);
    expect(client.seen.length).toBe(only(all, "acknowledged").length);
  });
});
