// What a competent administrator's script does, with the server's own tools: the baseline of `npm run bench -- postgres`. It shares nothing with
// Stillwater but the cluster under test and the client that measures both: preparations are made before the primary stops, nothing sleeps.
import { execFile } from "node:child_process";
import { readFile, rename, symlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { Client } from "pg";
import type { DemoCluster, DemoNode } from "../src/drivers/postgres/demo/demo-cluster.ts";
import { startLoad, type LoadOptions } from "../src/drivers/postgres/demo/load.ts";

export interface Measured {
  /** Longest time between two acknowledged writes of the application. */
  readonly longestWriteGapMs: number;
  /** Longest silence of each node towards a reader of its own. */
  readonly perNode: readonly { readonly node: string; readonly unavailableMs: number }[];
  /** The action alone, without the load's start and the reading at the end. */
  readonly wallMs: number;
  readonly acknowledged: number;
  /** Acknowledged rows that are not on the primary at the end. */
  readonly lost: number;
  readonly refused: number;
  /** Rows whose connection broke before the answer. */
  readonly unknown: number;
  /** The measuring process's own longest pause: what the gaps are exact to. */
  readonly ownPauseMs: number;
}

/** Runs an action on a cluster under load and says what the application felt: the same client and route whatever the action is. */
export async function underLoad(cluster: DemoCluster, action: () => Promise<unknown>, options: LoadOptions = {}): Promise<Measured> {
  const load = await startLoad(cluster, { watch: true, ...options });
  try {
    await pause(500);
    const started = performance.now();
    await action();
    const wallMs = Math.round(performance.now() - started);
    await pause(500);
    const result = await load.stop();
    return {
      longestWriteGapMs: result.longestGapMs,
      perNode: result.nodes.map(({ node, unavailableMs }) => ({ node, unavailableMs })),
      wallMs,
      acknowledged: result.acknowledged,
      lost: result.lost.length,
      refused: result.refused,
      unknown: result.unknown,
      ownPauseMs: result.ownPauseMs,
    };
  } catch (error) {
    load.kill();
    throw error;
  }
}

/** Standbys first, then a controlled switchover; the new release is laid out on every node before anything is stopped. The cluster must be in its first state. */
export async function bareUpgrade(cluster: DemoCluster, options: LoadOptions = {}): Promise<Measured> {
  for (const { name } of cluster.nodes) await cluster.layNewRelease(name);
  return underLoad(cluster, () => roll(cluster), options);
}

async function roll(cluster: DemoCluster): Promise<void> {
  const release = cluster.releases.to;
  const [primary, candidate, ...others] = await inRoleOrder(cluster);
  for (const standby of [...others, candidate]) {
    await restart(standby, release);
    await streams(cluster, primary, [standby]);
  }
  await switchOver(cluster, { primary, candidate, others, release });
}

interface Switch {
  readonly primary: DemoNode;
  readonly candidate: DemoNode;
  readonly others: readonly DemoNode[];
  /** What the old primary gets while it is down; null: nothing. */
  readonly release: string | null;
}

async function switchOver(cluster: DemoCluster, { primary, candidate, others, release }: Switch): Promise<void> {
  const followers = [primary, ...others];
  const [onPrimary, onCandidate, ...onOthers] = await Promise.all([primary, candidate, ...others].map((node) => connect(cluster, node)));
  if (onPrimary === undefined || onCandidate === undefined) throw new Error("a primary and a candidate are needed");
  // All that can be done while the primary still serves: slots on the candidate, the old primary's new setting, and a checkpoint so that the shutdown's is short.
  for (const { name } of followers) await onCandidate.query("select pg_create_physical_replication_slot($1, true)", [name]);
  await onPrimary.query(`alter system set primary_conninfo = '${connectionTo(cluster, candidate, primary)}'`);
  await onPrimary.query(`alter system set primary_slot_name = '${primary.name}'`);
  await onPrimary.query("checkpoint");
  await onPrimary.end();

  await pgCtl(primary, "stop", "-m", "fast");
  const end = await shutdownPosition(primary);
  await eventually(`${candidate.name} has received ${end.toString(16)}`, async () => {
    const { rows } = await onCandidate.query<{ got: string }>("select (pg_last_wal_receive_lsn() - '0/0'::pg_lsn)::text as got");
    return BigInt(rows[0]?.got ?? 0) > end;
  });
  await onCandidate.query("select pg_promote(true, 30)");

  await Promise.all(
    others.map(async (other, index) => {
      await onOthers[index]?.query(`alter system set primary_conninfo = '${connectionTo(cluster, candidate, other)}'`);
      await onOthers[index]?.query("select pg_reload_conf()");
    }),
  );
  if (release !== null) await swap(primary, release);
  await asOwner(primary, "touch", [join(primary.dataDirectory, "standby.signal")]);
  await pgCtl(primary, "start", "-l", primary.logFile);
  await streams(cluster, candidate, followers);
  // Slots of the former primary would hold back its log for ever.
  const former = await connect(cluster, primary);
  await former.query("select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active");
  await Promise.all([former, onCandidate, ...onOthers].map((client) => client.end()));
}

async function restart(node: DemoNode, release: string): Promise<void> {
  await pgCtl(node, "stop", "-m", "fast");
  await swap(node, release);
  await pgCtl(node, "start", "-l", node.logFile);
}

/** Another link, renamed over the old one: there is no instant without a release. */
async function swap(node: DemoNode, release: string): Promise<void> {
  const next = `${node.installation}.next`;
  await symlink(join("releases", release), next);
  await rename(next, node.installation);
}

const execute = promisify(execFile);
async function asOwner(node: DemoNode, command: string, args: readonly string[]): Promise<void> {
  await execute(command, [...args], { cwd: "/", ...(node.user === null ? {} : { uid: node.user.uid, gid: node.user.gid }) });
}
async function pgCtl(node: DemoNode, verb: string, ...args: readonly string[]): Promise<void> {
  await asOwner(node, join(node.installation, "bin", "pg_ctl"), [verb, "-D", node.dataDirectory, "-w", "-s", ...args]);
}

async function connect(cluster: DemoCluster, node: DemoNode): Promise<Client> {
  const client = new Client(cluster.connection(node.name));
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/** Primary first. */
async function inRoleOrder(cluster: DemoCluster): Promise<[DemoNode, DemoNode, ...DemoNode[]]> {
  const roles = await Promise.all(
    cluster.nodes.map(async (node) => {
      const client = await connect(cluster, node);
      const { rows } = await client.query<{ standby: boolean }>("select pg_is_in_recovery() as standby");
      await client.end();
      return { node, standby: rows[0]?.standby === true };
    }),
  );
  const [primary, candidate, ...others] = [...roles.filter((role) => !role.standby), ...roles.filter((role) => role.standby)].map(({ node }) => node);
  if (primary === undefined || candidate === undefined) throw new Error("a cluster of at least two nodes is needed");
  return [primary, candidate, ...others];
}

function connectionTo(cluster: DemoCluster, primary: DemoNode, standby: DemoNode): string {
  return `host=${primary.host} port=${String(primary.port)} user=${cluster.replicationUser} passfile=${standby.passFile} application_name=${standby.name}`;
}

/** Position of the shutdown checkpoint, from the control file; throws when the server was not shut down. */
async function shutdownPosition(node: DemoNode): Promise<bigint> {
  const control = await readFile(join(node.dataDirectory, "global", "pg_control"));
  if (control.readUInt32LE(16) !== 1) throw new Error(`${node.name} was not shut down cleanly`);
  return control.readBigUInt64LE(32);
}

async function streams(cluster: DemoCluster, primary: DemoNode, standbys: readonly DemoNode[]): Promise<void> {
  const client = await connect(cluster, primary);
  await eventually(`${standbys.map(({ name }) => name).join(", ")} stream from ${primary.name}`, async () => {
    const { rows } = await client.query<{ name: string }>("select application_name as name from pg_stat_replication where state = 'streaming'");
    return standbys.every(({ name }) => rows.some((row) => row.name === name));
  });
  await client.end();
}

async function eventually(what: string, condition: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 30_000; !(await condition()); await pause(5)) {
    if (performance.now() > end) throw new Error(`not after 30 s: ${what}`);
  }
}
