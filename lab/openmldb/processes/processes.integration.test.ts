// One lab of real processes, and what an operator can do to it with the vendor's scripts alone (facts 3.2).
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LabClient, nodesOf } from "./ask.ts";
import { down } from "./down.ts";
import { inject, processOfNode } from "./faults.ts";
import type { LabFile, LabNode } from "./lab-file.ts";
import { startLoad } from "./load.ts";
import { isAlive, processesBelow, processOf, type LabProcess } from "../../kit/process-table.ts";
import { status } from "./status.ts";
import { up } from "./up.ts";

const run = promisify(execFile);
const parent = mkdtempSync(join(tmpdir(), "lab-processes-"));
const directory = join(parent, "lab");
let lab: LabFile;
let client: LabClient;

beforeAll(async () => {
  // The longest session that ZooKeeper gives at this scale: a busy machine starts a process late, and the test of -110 needs it sooner.
  const flags = { tablet: { zk_session_timeout: "4000" } };
  lab = await up({ directory, scale: 0.1, tablets: 2, nameservers: 2, apiservers: 1, taskmanagers: 2, partitions: 4, flags });
  client = new LabClient(lab);
});
afterAll(async () => {
  if (existsSync(join(directory, "lab.json"))) await down(directory);
  rmSync(parent, { recursive: true });
});

const node = (name: string): LabNode => {
  const found = lab.nodes.find((one) => one.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};
const running = (name: string, what: "component" | "mon" = "component"): LabProcess => {
  const found = processOfNode(node(name), what);
  if (found === null) throw new Error(`${name} has no ${what}`);
  return found;
};
/** Exit code and output; the script never fails by its exit code. */
const script = async (name: string, ...argv: readonly string[]): Promise<string> => {
  const { directory: installation, component } = node(name);
  const [operation = "", ...more] = argv;
  const { stdout } = await run(join(installation, "bin/start.sh"), [operation, component, ...more], { cwd: installation });
  return stdout;
};
const ephemerals = async (): Promise<readonly string[]> =>
  JSON.parse((await client.post(lab.zookeeper.control, "/ephemerals", "")) ?? "[]") as string[];
const registered = async (name: string): Promise<boolean> => (await ephemerals()).includes(`/openmldb/nodes/${node(name).endpoint}`);
const bin = (name: string, file: string): string => join(node(name).directory, "bin", file);
const pidIn = (path: string): number => Number(readFileSync(path, "utf8").replaceAll("\0", ""));

describe("a lab of processes", () => {
  it("has every component running in a directory of its own, under its own pid", async () => {
    const { nodes, zookeeper, leader } = await status(lab.directory);
    expect(zookeeper).toBe("answers");
    expect(nodesOf(lab, "nameserver").map(({ endpoint }) => endpoint)).toContain(leader);
    expect(nodes.filter(({ pid }) => pid === null)).toEqual([]);
    for (const { name, component, pid, role } of nodes) {
      expect(pidIn(bin(name, `${component}.pid`))).toBe(pid);
      if (role === "tablet") expect(processOf(pid ?? 0)?.directory).toBe(node(name).directory);
    }
  });

  it("start of what runs says so and exits 0", async () => {
    expect(await script("tablet1", "start")).toContain(`tablet already running as process ${String(running("tablet1").pid)}`);
  });

  it("a release with another version inside is what /version says after bin/ was exchanged", async () => {
    const before = running("api1");
    await script("api1", "stop");
    expect(isAlive(before)).toBe(false);
    const archive = lab.archives.find(({ version }) => version === "0.9.3")?.path ?? "";
    await run("tar", ["-xzf", archive, "-C", node("api1").directory, "--strip-components=1", "openmldb-0.9.3-linux/bin"]);
    expect(await script("api1", "start")).toContain("Start apiserver success");
    expect((await status(lab.directory)).nodes.find(({ name }) => name === "api1")?.version).toMatch(/^0\.9\.3/);
  });

  it("stop kills at once and looks at nothing; the registration stays, and a start meanwhile fails with -110 and exit code 0", async () => {
    const before = running("tablet1");
    const stopped = await script("tablet1", "stop");
    expect(stopped).toContain("Stop tablet success");
    expect(isAlive(before)).toBe(false);
    expect(existsSync(bin("tablet1", "tablet.pid"))).toBe(false);
    expect(await registered("tablet1")).toBe(true);
    expect(await script("tablet1", "start")).toMatch(/Starting tablet/);
    await client.until("the tablet has ended itself", () => Promise.resolve(processOfNode(node("tablet1")) === null), 5000);
    expect(readFileSync(join(node("tablet1").directory, "logs/tablet.ERROR"), "utf8")).toContain("-110");
    await client.until("the registration is gone", async () => !(await registered("tablet1")), 10_000);
    expect(await script("tablet1", "start")).toContain("Start tablet success");
    await client.until("tablet1 is registered", () => registered("tablet1"), 10_000);
  });

  it("start that fails prints it and exits 0, and writes no pid file", async () => {
    await script("api1", "stop");
    const flags = join(node("api1").directory, "conf/apiserver.flags");
    const right = readFileSync(flags, "utf8");
    writeFileSync(flags, right.replace(/^--zk_cluster=.*$/m, "--zk_cluster=127.0.0.1:1"));
    expect(await script("api1", "start")).toContain("Start apiserver failed!");
    expect(existsSync(bin("api1", "apiserver.pid"))).toBe(false);
    writeFileSync(flags, right);
    await client.until("it has ended", () => Promise.resolve(processOfNode(node("api1")) === null), 20_000);
    expect(await script("api1", "start")).toContain("Start apiserver success");
  });

  it("mon: starts the component again, writes both pid files, leaves its child when it is killed itself (OM-5, OM-6, OM-7)", async () => {
    await script("ns2", "stop");
    await client.until("ns2 has left the election", async () => (await leaderLocks()) === 1, 10_000);
    expect(await script("ns2", "start", "mon")).toContain("Start nameserver success");
    const mon = running("ns2", "mon");
    const first = running("ns2");
    expect(pidIn(bin("ns2", "nameserver.pid"))).toBe(mon.pid);
    expect(pidIn(bin("ns2", "nameserver.pid.child"))).toBe(first.pid);
    await inject(lab.directory, { kind: "kill", node: "ns2", what: "component" });
    await client.until("mon has started it again", () => Promise.resolve((processOfNode(node("ns2"))?.pid ?? first.pid) !== first.pid), 10_000);
    const second = running("ns2");
    expect(pidIn(bin("ns2", "nameserver.pid.child"))).toBe(second.pid);

    await inject(lab.directory, { kind: "kill", node: "ns2", what: "mon" });
    await client.until("mon is gone", () => Promise.resolve(!isAlive(mon)), 2000);
    expect(isAlive(second)).toBe(true);
    const stopped = await script("ns2", "stop");
    expect(stopped).toContain("After mon stopped, component is still alive, kill it");
    expect(stopped).toContain("Stop nameserver success(mon mode)");
    await client.until("the child is gone", () => Promise.resolve(!isAlive(second)), 2000);
    expect(await script("ns2", "start", "mon")).toContain("Start nameserver success");
  });

  it("stop of a component under mon ends both", async () => {
    const [mon, child] = [running("ns2", "mon"), running("ns2")];
    expect(await script("ns2", "stop")).toMatch(/Stop nameserver success\(mon mode\)/);
    await client.until("both are gone", () => Promise.resolve(!isAlive(mon) && !isAlive(child)), 2000);
    expect([existsSync(bin("ns2", "nameserver.pid")), existsSync(bin("ns2", "nameserver.pid.child"))]).toEqual([false, false]);
    expect(await script("ns2", "start")).toContain("Start nameserver success");
  });

  it("SIGINT ends with exit code 0 when requests under way are answered", async () => {
    const before = running("api1");
    process.kill(before.pid, "SIGINT");
    // `kill -0` of the script finds it until somebody has reaped it.
    await client.until("it has ended", () => Promise.resolve(!existsSync(`/proc/${String(before.pid)}`)), 5000);
    expect(readFileSync(join(node("api1").directory, "logs/apiserver.INFO"), "utf8")).toContain("SIGINT: requests under way are answered");
    // Its pid file is still there, with the pid of nobody.
    expect(await script("api1", "start")).toContain("Start apiserver success");
  });

  it("expire-session: the tablet is offline for the nameserver until it has registered again", async () => {
    await inject(lab.directory, { kind: "expire-session", node: "tablet2" });
    expect(await registered("tablet2")).toBe(false);
    await client.until("tablet2 is registered again", () => registered("tablet2"), 20_000);
  });

  it("lose-reply: the effect is there, the answer is not", async () => {
    const leader = await client.leader();
    const name = lab.nodes.find(({ endpoint }) => endpoint === leader)?.name ?? "";
    await inject(lab.directory, { kind: "lose-reply", node: name, path: "CreateDatabase", count: 1 });
    expect(await client.call(leader ?? "", "NameServer/CreateDatabase", { db: "lost_reply" })).toBeNull();
    const { db = [] } = await client.ask<{ readonly code: number; readonly db?: readonly string[] }>("ShowDatabase");
    expect(db).toContain("lost_reply");
  });

  it("load: what was acknowledged is there, and slow replication shows in the followers' offsets", async () => {
    for (const { name } of nodesOf(lab, "tablet")) await inject(lab.directory, { kind: "slow-replication", node: name, to: "*", perSecond: 0 });
    const load = await startLoad(lab.directory, { perSecond: 100 });
    await client.until("a follower is behind", async () => (await worstLag()) >= 5, 20_000);
    await inject(lab.directory, { kind: "clear" });
    await client.until("it catches up", async () => (await worstLag()) < 5, 20_000);
    const { figures, lost } = await load.stop();
    expect(figures.acknowledged).toBeGreaterThan(20);
    expect([lost, figures.unknown]).toEqual([0, 0]);
  });

  it("down ends every process, also those whose pid file is gone", async () => {
    rmSync(bin("tablet1", "tablet.pid"), { force: true });
    const before = processesBelow(lab.directory).length;
    expect(await down(lab.directory)).toBe(before);
    expect(processesBelow(lab.directory)).toEqual([]);
  });
});

const leaderLocks = async (): Promise<number> => (await ephemerals()).filter((path) => path.startsWith("/openmldb/leader/")).length;

interface Statuses {
  readonly code: number;
  readonly all_table_status?: readonly { readonly tid: number; readonly pid: number; readonly offset: number; readonly mode: string }[];
}
/** Of all partitions, in entries: the leader's offset less the follower's. */
async function worstLag(): Promise<number> {
  const rows = await Promise.all(
    nodesOf(lab, "tablet").map(
      async ({ endpoint }) => (await client.call<Statuses>(endpoint, "TabletServer/GetTableStatus", {}))?.all_table_status ?? [],
    ),
  );
  const followers = rows.flat().filter(({ mode }) => mode === "kTableFollower");
  const leaders = rows.flat().filter(({ mode }) => mode === "kTableLeader");
  return Math.max(
    0,
    ...leaders.map(({ tid, pid, offset }) => offset - (followers.find((one) => one.tid === tid && one.pid === pid)?.offset ?? offset)),
  );
}
