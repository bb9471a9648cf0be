import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ContinuityKind } from "../model/continuity.ts";
import type { ContinuityVerdict, RiskWindow } from "../model/report.ts";
import { checkRecords, type CheckResult } from "./check.ts";
import { FakeClient, type FakeFault } from "./fake-client.ts";
import { probeFiles } from "./files.ts";
import { logFiles } from "./log.ts";
import { readLog } from "./log-reader.ts";
import { runProbe } from "./process.ts";
import { seriesOf } from "./series.ts";
import { awaitReady, readStatus } from "./status.ts";
import { summarise, type ProbeSummary } from "./summary.ts";
import { judgeContinuity, type VerdictInput } from "./verdict.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "stillwater-run-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

interface Drill {
  readonly client: FakeClient;
  readonly control?: boolean;
  /** Runs while the probe runs; its time is the risk window. */
  readonly during?: () => Promise<void>;
  readonly afterwards?: () => void;
  readonly input?: (input: VerdictInput) => Partial<VerdictInput>;
  readonly windows?: (window: RiskWindow) => readonly RiskWindow[];
}
interface Drilled {
  readonly verdict: ContinuityVerdict;
  readonly summary: ProbeSummary;
  readonly checks: readonly [CheckResult, CheckResult];
}

async function drill({ client, control = true, during = async () => await pause(250), afterwards, input, windows }: Drill): Promise<Drilled> {
  const probe = runProbe({ client, options: { name: "test", rate: 400, deadlineMs: 200 }, directory, control, signals: false });
  await awaitReady(directory, 5000);
  const from = Date.now();
  await during();
  const window: RiskWindow = { turn: "1", kind: "move", partition: "p", from, to: Date.now() };
  await pause(50);
  writeFileSync(join(directory, probeFiles.stop), "");
  await probe;
  afterwards?.();
  const checks = [await checkRecords({ client, directory, withinMs: 0 }), await checkRecords({ client, directory, withinMs: 0 })] as const;
  const summary = await summarise(readLog(directory), windows?.(window) ?? [window]);
  const all: VerdictInput = {
    summary,
    atEnd: checks[0],
    afterwards: checks[1],
    rejoinedAt: window.to,
    verifyAfterS: 0,
    minAcks: 20,
    route: "test",
    durability: "in memory",
  };
  return { verdict: judgeContinuity({ ...all, ...input?.(all) }), summary, checks };
}

/** The first attempt of this kind after a while. */
function first(kind: ContinuityKind, fault: FakeFault): FakeClient["fault"] {
  let hit = false;
  return (attempt) => {
    if (hit || attempt.sequence < 50 || attempt.kind !== kind) return null;
    hit = true;
    return fault;
  };
}

describe("the probe as a process", () => {
  it("passes when everything was measured and nothing is missing", async () => {
    const client = new FakeClient({ replicas: ["r1", "r2"] });
    client.store.set("k00000000-1", "left by an earlier probe");
    const { verdict } = await drill({ client });
    expect(verdict).toMatchObject({
      verdict: "pass",
      why: [],
      lost: 0,
      corrupted: 0,
      duplicated: 0,
      windows: 1,
      windowsMeasured: 1,
      control: "caught",
      reads: 2,
      scope: { partitionsTouched: 1, partitionsProbed: 1 },
    });
    expect(verdict.acknowledged).toBeGreaterThan(80);
    expect(verdict.longestWriteGapMs).toBeLessThan(100);
    const status = readStatus(directory)!;
    expect(status).toMatchObject({ state: "stopped", ready: true, stale: false, generation: 1 });
    // The control's insert is an attempt like any other.
    expect(status.attempts).toBe(verdict.attempts);
  });

  it("fails when a cluster forgets what it acknowledged", async () => {
    const client = new FakeClient();
    client.fault = ({ sequence }) => (sequence === 60 ? { is: "lies" } : null);
    const { verdict } = await drill({ client });
    expect(verdict).toMatchObject({ verdict: "fail", control: "caught" });
    expect(verdict.lost).toBeGreaterThan(0);
  });

  it("fails when a replica that was behind took over, and says what is left on the other one only", async () => {
    const client = new FakeClient({ replicas: ["r1"] });
    const { verdict } = await drill({
      client,
      during: async () => {
        await pause(100);
        client.lagging = true;
        await pause(150);
        const old = new Map(client.store);
        client.failover("r1");
        client.replicaStores.set("r1", old);
        client.lagging = false;
        await pause(100);
      },
    });
    expect(verdict.verdict).toBe("fail");
    expect(verdict.lost).toBeGreaterThan(20);
    expect(verdict.replicaOnly).toBeGreaterThan(5);
    expect(verdict.why.join("\n")).toContain("only on a replica that does not serve");
  });

  it("fails for damaged records, and for the effects of refused writes", async () => {
    const damaging = new FakeClient();
    damaging.fault = first("insert", { is: "damages" });
    expect((await drill({ client: damaging })).verdict).toMatchObject({ verdict: "fail", corrupted: 1 });
    rmSync(directory, { recursive: true });
    const phantom = new FakeClient();
    phantom.fault = first("compare-and-set", { is: "does what it refuses" });
    expect((await drill({ client: phantom })).verdict).toMatchObject({ verdict: "fail", duplicated: 1, lost: 0 });
  });

  it("never passes without its control", async () => {
    const { verdict } = await drill({ client: new FakeClient(), control: false });
    expect(verdict).toMatchObject({ verdict: "not-measured", control: "missed" });
  });

  it("never passes when the check does not see the removal of the control", async () => {
    const client = new FakeClient();
    client.removeBehindTheProbe = async () => await Promise.resolve();
    const { verdict } = await drill({ client });
    expect(verdict).toMatchObject({ verdict: "not-measured", control: "missed", lost: 0 });
  });

  it("never passes without enough acknowledgements in a window, or without a window, or for a partition that it does not know", async () => {
    const client = new FakeClient();
    const silent = await drill({
      client,
      during: async () => {
        client.fault = () => ({ is: "refuses", why: "read only" });
        await pause(200);
        client.fault = () => null;
      },
    });
    expect(silent.verdict).toMatchObject({ verdict: "not-measured", windowsMeasured: 0 });
    expect(silent.verdict.why[0]).toContain("window not measured: move in turn 1, partition p");
    expect(silent.verdict.longestWriteGapMs).toBeGreaterThan(150);
    expect(silent.summary.windows[0]?.longestGapMs).toBeGreaterThan(150);
    expect(silent.verdict.reasons?.[0]).toMatchObject({ is: "refused", why: "read only" });
    rmSync(directory, { recursive: true });

    const none = await drill({ client: new FakeClient(), windows: () => [] });
    expect(none.verdict.verdict).toBe("not-measured");
    rmSync(directory, { recursive: true });
    const safe = await drill({ client: new FakeClient(), windows: () => [], input: () => ({ nothingAtRisk: true }) });
    expect(safe.verdict.verdict).toBe("pass");
    rmSync(directory, { recursive: true });

    const other = await drill({ client: new FakeClient(), windows: (window) => [window, { ...window, partition: "q" }] });
    expect(other.verdict).toMatchObject({
      verdict: "not-measured",
      windows: 2,
      windowsMeasured: 1,
      scope: { partitionsTouched: 2, partitionsProbed: 1 },
    });
  });

  it("never passes when the probe was not there during the window", async () => {
    const late = await drill({ client: new FakeClient(), windows: (window) => [{ ...window, to: window.to + 60_000 }] });
    expect(late.verdict.verdict).toBe("not-measured");
    expect(late.verdict.why.join()).toContain("did not see");
  });

  it("never passes without both reads, at their time, with every replica", async () => {
    const client = new FakeClient({ replicas: ["r1", "r2"] });
    const { verdict } = await drill({ client, afterwards: () => client.silentReplicas.add("r2") });
    expect(verdict).toMatchObject({ verdict: "not-measured", reads: 2 });
    expect(verdict.why).toContain("the read at the end did not see replica r2");
    rmSync(directory, { recursive: true });
    const gone = new FakeClient();
    const unread = await drill({
      client: gone,
      afterwards: () => {
        gone.down = new Error("connection refused");
      },
    });
    expect(unread.verdict).toMatchObject({ verdict: "not-measured", reads: 0 });
    expect(unread.verdict.why.join()).toContain("connection refused");
    rmSync(directory, { recursive: true });
    const once = await drill({ client: new FakeClient(), input: () => ({ afterwards: null }) });
    expect(once.verdict).toMatchObject({ verdict: "not-measured", reads: 1 });
    rmSync(directory, { recursive: true });
    const early = await drill({ client: new FakeClient(), input: () => ({ verifyAfterS: 60 }) });
    expect(early.verdict.why).toEqual(["the second read was done too early"]);
    rmSync(directory, { recursive: true });
    const excused = new FakeClient({ replicas: ["delayed"] });
    const named = await drill({
      client: excused,
      afterwards: () => excused.silentReplicas.add("delayed"),
      input: () => ({ excusedReplicas: ["delayed"] }),
    });
    expect(named.verdict.verdict).toBe("pass");
  });

  it("never passes when nothing ever ran", async () => {
    const summary = await summarise(readLog(directory), [{ turn: "1", kind: "restart", partition: "p", from: 0, to: 10 }]);
    const verdict = judgeContinuity({
      summary,
      atEnd: null,
      afterwards: null,
      rejoinedAt: 0,
      verifyAfterS: 0,
      minAcks: 0,
      route: "",
      durability: "",
    });
    expect(verdict).toMatchObject({ verdict: "not-measured", control: "missed", longestWriteGapMs: null, reads: 0 });
  });

  it("waits for a cluster that is down, and says why", async () => {
    const client = new FakeClient();
    client.down = new Error("no route to host");
    const stop = new AbortController();
    const probe = runProbe({ client, options: { name: "test", rate: 100 }, directory, signal: stop.signal, signals: false });
    await expect(awaitReady(directory, 400)).rejects.toMatchObject({ code: "SW5001", why: ["it is starting", "no route to host"] });
    client.down = null;
    await awaitReady(directory, 3000);
    stop.abort();
    await probe;
    expect(existsSync(join(directory, probeFiles.pid))).toBe(false);
  });

  it("goes on with the same log, and draws its series", async () => {
    const client = new FakeClient();
    await drill({ client });
    rmSync(join(directory, probeFiles.stop));
    const again = await drill({ client });
    expect(logFiles(directory)).toHaveLength(2);
    expect(again.verdict).toMatchObject({ verdict: "pass", control: "caught" });
    expect(again.summary.holes.some(({ why }) => why.includes("not there"))).toBe(true);
    const series = await seriesOf(readLog(directory), { maximumBuckets: 8 });
    expect(series.buckets.length).toBeLessThanOrEqual(8);
    expect(series.buckets.reduce((sum, { acknowledged }) => sum + acknowledged, 0)).toBe(again.verdict.acknowledged);
    expect(series.gaps[0]?.ms).toBeCloseTo(again.summary.longestGap?.ms ?? 0, 3);
  });
});
