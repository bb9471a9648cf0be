import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { probeFiles } from "../../continuity/files.ts";
import { awaitReady, readStatus } from "../../continuity/status.ts";
import type { Attempt } from "../../model/continuity.ts";
import type { RiskWindow } from "../../model/report.ts";
import { partition, PostgresContinuity } from "./continuity.ts";
import type { DemoCluster } from "./demo/demo-cluster.ts";
import { runningPid } from "./demo/postmaster.ts";
import type { ProbeProcessSettings } from "./testing/probe-process.ts";
import { ProbedCluster } from "./testing/probed-cluster.ts";

let stand: ProbedCluster;
let cluster: DemoCluster;

beforeAll(async () => {
  stand = await ProbedCluster.create();
  cluster = stand.cluster;
});
afterAll(async () => stand?.destroy());
beforeEach(() => {
  stand.begin();
});
afterEach(() => {
  stand.end();
});

/** What an operator with a script does: stop the primary, promote a standby, and point the other one to it. */
async function switchover(from: string, to: string): Promise<void> {
  await cluster.stopNode(from, "fast");
  await stand.sql(to, "select pg_promote(true, 30)");
}

const waitingWriters = "select pid from pg_locks where relation = 'stillwater_probe_locked'::regclass and not granted";

describe("the continuity client", () => {
  const never = new AbortController().signal;
  const attempt = (sequence: number, parts: Partial<Attempt>): Attempt => ({
    sequence,
    kind: "insert",
    partition,
    key: "k1",
    value: `v${String(sequence)}`,
    expected: null,
    ...parts,
  });

  it("says what became of a write, and reads on the primary and on every standby", async () => {
    const client = new PostgresContinuity(stand.optionsFor("outcomes"));
    await client.prepare();
    await client.prepare();
    expect(await client.attempt(attempt(1, {}), never)).toEqual({ is: "acknowledged" });
    expect(await client.attempt(attempt(2, {}), never)).toMatchObject({ is: "refused", why: expect.stringContaining("23505") as string });
    expect(await client.attempt(attempt(3, { kind: "compare-and-set", expected: "other" }), never)).toMatchObject({ is: "refused" });
    expect(await client.attempt(attempt(4, { kind: "compare-and-set", expected: "v1" }), never)).toEqual({ is: "acknowledged" });
    expect(await client.attempt(attempt(5, { key: "k5" }), never)).toEqual({ is: "acknowledged" });
    expect(await client.attempt(attempt(6, { key: "k5", kind: "delete", expected: "v5", value: null }), never)).toEqual({ is: "acknowledged" });
    const all = new Map([["k1", "v4"]]);
    expect(await client.readAuthoritative()).toEqual(all);
    expect(await client.readReplicas()).toEqual(
      new Map([
        ["pg2", all],
        ["pg3", all],
      ]),
    );
    expect(await client.replicas()).toEqual(["pg2", "pg3"]);
    await client.removeBehindTheProbe("k1");
    await expect(client.removeBehindTheProbe("k1")).rejects.toMatchObject({ code: "SW5001" });
    expect(await client.readAuthoritative()).toEqual(new Map());
    expect(await client.durability()).toBe("asynchronous");
    await client.cleanUp();
    await client.close();
  });

  it("refuses a write when the primary is fenced, and finds it again", async () => {
    const client = new PostgresContinuity(stand.optionsFor("fenced"));
    await client.prepare();
    expect(await client.attempt(attempt(1, {}), never)).toEqual({ is: "acknowledged" });
    await stand.sql("pg1", "alter system set default_transaction_read_only = on");
    await stand.sql("pg1", "select pg_reload_conf()");
    await expect.poll(async () => await stand.sql("pg1", "show default_transaction_read_only")).toEqual([{ default_transaction_read_only: "on" }]);
    expect(await client.attempt(attempt(2, { key: "k2" }), AbortSignal.timeout(300))).toMatchObject({
      is: "refused",
      why: expect.stringContaining("25006") as string,
    });
    expect(await client.attempt(attempt(3, { key: "k3" }), AbortSignal.timeout(300))).toMatchObject({
      is: "refused",
      why: expect.stringMatching(/never sent: no node accepts writes .*is read-only/) as string,
    });
    const waiting = client.attempt(attempt(4, { key: "k4" }), AbortSignal.timeout(3000));
    await stand.sql("pg1", "set default_transaction_read_only = off; alter system reset default_transaction_read_only").catch(async () => {
      await stand.sql("pg1", "alter system reset default_transaction_read_only");
    });
    await stand.sql("pg1", "select pg_reload_conf()");
    expect(await waiting).toEqual({ is: "acknowledged" });
    await client.cleanUp();
    await client.close();
  });

  it("does not know what became of a write whose answer does not come", async () => {
    const client = new PostgresContinuity(stand.optionsFor("locked"));
    await client.prepare();
    expect(await client.attempt(attempt(1, {}), never)).toEqual({ is: "acknowledged" });
    const holder = new Client(cluster.connection("pg1"));
    await holder.connect();
    await holder.query("begin; lock table stillwater_probe_locked in access exclusive mode");
    expect(await client.attempt(attempt(2, { key: "k2" }), AbortSignal.timeout(200))).toEqual({ is: "unknown", why: "no answer in time" });
    const ended = client.attempt(attempt(3, { key: "k3" }), AbortSignal.timeout(3000));
    await expect.poll(async () => await stand.sql("pg1", waitingWriters), { timeout: 2500 }).toHaveLength(2);
    await holder.query("select pg_terminate_backend(pid) from pg_locks where relation = 'stillwater_probe_locked'::regclass and not granted");
    expect(await ended).toMatchObject({ is: "unknown" });
    await holder.query("rollback");
    await holder.end();
    expect(await client.attempt(attempt(4, { key: "k4" }), AbortSignal.timeout(3000))).toEqual({ is: "acknowledged" });
    await client.cleanUp();
    await client.close();
  });

  it("says what is wrong with a route", () => {
    expect(() => new PostgresContinuity({ ...stand.optionsFor("r"), route: { hosts: ["a:b:c"] } })).toThrow("not HOST:PORT");
    expect(() => new PostgresContinuity(stand.optionsFor("r; drop table x"))).toThrow("cannot name");
  });
});

describe("the probe on a real cluster", () => {
  afterEach(async () => {
    await cluster.restore();
  });

  it("measures a switchover and loses nothing", async () => {
    const client = new PostgresContinuity(stand.optionsFor("switchover"));
    let felt = 0;
    const window = await stand.probed(client, 200, async () => {
      const began = performance.now();
      await switchover("pg1", "pg2");
      felt = performance.now() - began;
      // The other standby and the old primary rejoin.
      const { host, port, passFile } = cluster.node("pg2");
      for (const name of ["pg1", "pg3"]) await stand.sql("pg2", `select pg_create_physical_replication_slot('${name}', true)`).catch(() => undefined);
      const conninfo = `host=${host} port=${String(port)} user=${cluster.replicationUser} application_name=pg3 passfile=${passFile.replace("pg2", "pg3")}`;
      await stand.sql("pg3", `alter system set primary_conninfo = '${conninfo}'`);
      await stand.sql("pg3", "select pg_reload_conf()");
      await pause(300);
    });
    const verdict = await stand.judge(client, [window]);
    console.log(
      `switchover by script ${felt.toFixed(0)} ms, measured gap ${String(verdict.longestWriteGapMs)} ms`,
      JSON.stringify(verdict.p99Ms),
      verdict.reasons,
    );
    expect(verdict).toMatchObject({ lost: 0, corrupted: 0, duplicated: 0, control: "caught", windowsMeasured: 1, reads: 2 });
    // The old primary was not started again: it is named, and so the verdict is not pass.
    expect(verdict.why).toEqual(["the read at the end did not see replica pg1", "the second read did not see replica pg1"]);
    expect(verdict.longestWriteGapMs).toBeGreaterThan(felt * 0.3);
    expect(verdict.longestWriteGapMs).toBeLessThan(felt + 150);
    await client.close();
  });

  it("finds the loss when the primary is killed and a standby that was behind is promoted", async () => {
    const client = new PostgresContinuity(stand.optionsFor("crash"));
    const window = await stand.probed(client, 200, async () => {
      await stand.sql("pg2", "alter system set primary_conninfo = ''");
      await stand.sql("pg2", "select pg_reload_conf()");
      await pause(500);
      await cluster.stopNode("pg1", "kill");
      await stand.sql("pg2", "select pg_promote(true, 30)");
      await pause(300);
    });
    const verdict = await stand.judge(client, [window]);
    console.log("lost", verdict.lost, "only on a replica", verdict.replicaOnly, "unknown", verdict.unknown, verdict.why[0]);
    expect(verdict).toMatchObject({ verdict: "fail", control: "caught", windowsMeasured: 1, corrupted: 0, duplicated: 0 });
    expect(verdict.lost).toBeGreaterThan(20);
    // pg3 followed the killed primary: what it received is nowhere else.
    expect(verdict.replicaOnly).toBeGreaterThan(20);
    await client.close();
  });

  it("loses nothing to the same crash when commits wait for a standby that is promoted", async () => {
    await stand.sql("pg1", "alter system set synchronous_standby_names = 'pg2'");
    await stand.sql("pg1", "select pg_reload_conf()");
    const client = new PostgresContinuity(stand.optionsFor("sync"));
    await expect.poll(async () => await client.durability()).toContain("synchronous: 1 standby");
    const window = await stand.probed(client, 200, async () => {
      await pause(300);
      await cluster.stopNode("pg1", "kill");
      await stand.sql("pg2", "alter system reset synchronous_standby_names");
      await stand.sql("pg2", "select pg_promote(true, 30)");
      await pause(300);
    });
    const verdict = await stand.judge(client, [window]);
    console.log("sync crash: acknowledged", verdict.acknowledged, "unknown", verdict.unknown, "gap", verdict.longestWriteGapMs);
    expect(verdict).toMatchObject({ lost: 0, corrupted: 0, duplicated: 0, control: "caught" });
    await client.close();
  });
});

describe("the way to the node that accepts writes", () => {
  afterEach(async () => {
    await cluster.restore();
  });

  it("leaves a primary that hangs for the one that was promoted, and reads nothing while two accept writes", async () => {
    const client = new PostgresContinuity(stand.optionsFor("frozen"));
    const frozen = [await runningPid(cluster.node("pg1").dataDirectory)].filter((pid) => pid !== null);
    const children = (pid: number): readonly number[] =>
      readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, "utf8")
        .trim()
        .split(/\s+/)
        .map(Number);
    let afterMs = -1;
    const window = await stand.probed(
      client,
      200,
      async () => {
        const all = frozen.flatMap((pid) => [pid, ...children(pid)]);
        for (const pid of all) process.kill(pid, "SIGSTOP");
        try {
          const began = performance.now();
          await stand.sql("pg2", "select pg_promote(true, 30)");
          const rows = async (): Promise<number> =>
            ((await stand.sql("pg2", "select count(*)::int as n from stillwater_probe_frozen"))[0] as { readonly n: number }).n;
          const before = await rows();
          await expect.poll(rows, { timeout: 10_000, interval: 20 }).toBeGreaterThan(before);
          afterMs = performance.now() - began;
        } finally {
          for (const pid of all) process.kill(pid, "SIGCONT");
        }
      },
      500,
    );
    console.log(`frozen primary: writes again after ${afterMs.toFixed(0)} ms, with attempts that give up after 500 ms`);
    expect(afterMs).toBeLessThan(2500);
    await expect(client.readAuthoritative()).rejects.toThrow("2 hosts of the route accept writes");
    const verdict = await stand.judge(client, [window]);
    expect(verdict).toMatchObject({ verdict: "not-measured", reads: 0 });
    await client.close();
  });

  it("follows one address to whoever is behind it", async () => {
    let target = cluster.node("pg1");
    const proxy = createServer((socket) => {
      const upstream = connect(target.port, target.host);
      for (const [from, to] of [
        [socket, upstream],
        [upstream, socket],
      ] as const) {
        from.pipe(to);
        from.on("error", () => to.destroy());
        from.on("close", () => to.destroy());
      }
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const { port } = proxy.address() as AddressInfo;
    const client = new PostgresContinuity({ ...stand.optionsFor("address"), route: { address: `127.0.0.1:${String(port)}` } });
    const window = await stand.probed(client, 200, async () => {
      await cluster.stopNode("pg1", "fast");
      // The address points to a standby before that is promoted.
      target = cluster.node("pg2");
      await pause(100);
      await stand.sql("pg2", "select pg_promote(true, 30)");
      await pause(300);
    });
    const verdict = await stand.judge(client, [window]);
    console.log("one address: gap", verdict.longestWriteGapMs, verdict.reasons);
    expect(verdict).toMatchObject({ lost: 0, duplicated: 0, control: "caught", windowsMeasured: 1 });
    await client.close();
    proxy.close();
  });
});

describe("the probe's process", () => {
  const script = fileURLToPath(new URL("testing/probe-process.ts", import.meta.url));
  function start(name: string, rate: number): ChildProcess {
    const file = join(stand.directory, "settings.json");
    const settings: ProbeProcessSettings = { client: stand.optionsFor(name), options: { name, rate }, directory: stand.directory };
    writeFileSync(file, JSON.stringify(settings));
    return spawn(process.execPath, [script, file], { stdio: ["ignore", "inherit", "inherit"] });
  }
  async function end(child: ChildProcess): Promise<void> {
    const exit = once(child, "exit");
    writeFileSync(join(stand.directory, probeFiles.stop), "");
    expect((await exit)[0]).toBe(0);
    rmSync(join(stand.directory, probeFiles.stop));
  }

  it("goes on after kill -9 with the same records, and the time in between is a hole", async () => {
    const first = start("killed", 200);
    await awaitReady(stand.directory, 10_000);
    await pause(500);
    const from = Date.now();
    const exit = once(first, "exit");
    first.kill("SIGKILL");
    await exit;
    await pause(400);
    const gone: RiskWindow = { turn: "1", kind: "restart", partition, from, to: Date.now() };
    const second = start("killed", 200);
    const before = Date.now();
    await expect.poll(() => readStatus(stand.directory)?.generation, { timeout: 5000 }).toBe(2);
    await awaitReady(stand.directory, 10_000);
    const restartMs = Date.now() - before;
    const measured = { ...gone, turn: "2", from: Date.now() };
    await pause(500);
    const seen: RiskWindow = { ...measured, to: Date.now() };
    await end(second);
    const client = new PostgresContinuity(stand.optionsFor("killed"));
    const verdict = await stand.judge(client, [gone, seen]);
    console.log("killed probe: back in", restartMs, "ms; unknown", verdict.unknown);
    expect(verdict).toMatchObject({
      verdict: "not-measured",
      lost: 0,
      duplicated: 0,
      corrupted: 0,
      control: "caught",
      windows: 2,
      windowsMeasured: 1,
    });
    expect(verdict.probeHolesMs).toBeGreaterThan(350);
    await client.close();
  });

  it("reports SIGSTOP as a hole, and uses little memory and processor time", async () => {
    const child = start("stopped", 200);
    await awaitReady(stand.directory, 10_000);
    await pause(1000);
    const from = Date.now();
    child.kill("SIGSTOP");
    await pause(700);
    expect(readStatus(stand.directory, Date.now() + 2000)?.stale).toBe(true);
    child.kill("SIGCONT");
    const frozen: RiskWindow = { turn: "1", kind: "move", partition, from, to: Date.now() };
    await pause(1500);
    await end(child);
    const status = readStatus(stand.directory)!;
    const client = new PostgresContinuity(stand.optionsFor("stopped"));
    const verdict = await stand.judge(client, [frozen]);
    console.log(
      `memory ${(status.memory / 1048576).toFixed(0)} MB, cpu ${String(status.cpuMs)} ms for ${String(status.attempts)} attempts, p99`,
      verdict.p99Ms,
    );
    expect(verdict).toMatchObject({ verdict: "not-measured", windowsMeasured: 0, lost: 0, control: "caught" });
    expect(verdict.probeHolesMs).toBeGreaterThan(600);
    expect(verdict.unsent).toBeGreaterThan(100);
    expect(status.memory).toBeLessThan(120 * 1048576);
    await client.close();
  });

  it("passes on a quiet cluster", async () => {
    const child = start("quiet", 300);
    await awaitReady(stand.directory, 10_000);
    const from = Date.now();
    await pause(600);
    const window: RiskWindow = { turn: "1", kind: "restart", partition, from, to: Date.now() };
    await end(child);
    const client = new PostgresContinuity(stand.optionsFor("quiet"));
    const verdict = await stand.judge(client, [window]);
    expect(verdict).toMatchObject({ verdict: "pass", why: [], lost: 0, control: "caught", reads: 2 });
    await client.cleanUp();
    await client.close();
  });
});
