// Stop, start, and wait until it serves.
import type { Look } from "../../../model/driver.ts";
import { Refused, StillwaterError, Unreachable } from "../../../model/errors.ts";
import { operation } from "../../../planner/kit.ts";
import { awaitIn } from "./await-in.ts";
import { structureOf, nowOf, nodeNames, withNow, type PgFacts } from "../facts.ts";
import { hostAfter } from "../host-snapshot.ts";
import type { PgNode, RoleRow, Servers } from "../servers.ts";
import { compareLsn, lsnToNumber, type Lsn } from "../lsn.ts";
import { steps, type ReadyParams, type StartParams, type StopParams } from "../steps.ts";
import { parseVersion } from "../version.ts";
import { beforeStart } from "./rejoin.ts";
import { exitArgv, startArgv, stopArgv } from "./on-host.ts";

const onHostOptions = { timeoutMs: 15_000 };

/** What a fast stop can ship to a standby in a moment. */
const FAR_BEHIND_BYTES = 64n * 1024n * 1024n;
type Receiving = { readonly streaming: boolean; readonly received: Lsn | null; readonly heldBack: boolean };
/** Before 14 a server does not say that a query holds its replay back, only that it is paused. */
const receivingSql = `select exists (select from pg_stat_wal_receiver where status = 'streaming') as streaming, pg_last_wal_receive_lsn()::text as received,
 case when pg_is_in_recovery() then pg_is_wal_replay_paused() else false end or exists (select from pg_stat_activity
  where backend_type = 'startup' and (wait_event_type in ('Lock', 'BufferPin') or wait_event like 'RecoveryConflict%')) as "heldBack"`;

/** Why the standby cannot take over now; null: it can. */
async function notReady(servers: Servers, primary: string, standby: string): Promise<string | null> {
  const [{ position }, receiving] = await Promise.all([
    servers.sql.one<{ readonly position: Lsn }>(primary, "select pg_current_wal_lsn()::text as position", [], { name: "position" }),
    servers.sql.one<Receiving>(standby, receivingSql, [], { name: "receiving" }),
  ]);
  if (!receiving.streaming) return `${standby} to stream from ${primary} again`;
  const behind = receiving.received === null ? null : lsnToNumber(position) - lsnToNumber(receiving.received);
  if (behind === null || behind > FAR_BEHIND_BYTES)
    return `${standby} to catch up (${behind === null ? "nothing received" : `${behind.toString()} B behind`})`;
  // What is not replayed cannot be promoted: nobody would serve writes until whatever holds it back has ended.
  if (receiving.heldBack) return `${standby} to go on replaying: a query there, or a pause, holds it back`;
  return null;
}

export const stopOperation = (servers: Servers) =>
  operation<PgFacts, StopParams>("stop", {
    fenced: "host",
    settleMs: 1_000,
    async look({ node, takesOver }) {
      const snapshot = await servers.handed(node);
      const { process, control } = snapshot;
      if (process === null) {
        servers.seen.give(node, snapshot);
        return { is: "done", proof: { state: control?.state ?? "unknown", position: control?.checkpointEnd ?? null } };
      }
      if (process.phase === "stopping") return { is: "waiting", for: `${node} to end its sessions, its checkpoint and its archiver` };
      const missing = takesOver === undefined ? null : await notReady(servers, node, takesOver);
      return missing === null ? { is: "open" } : { is: "waiting", for: `${missing}; ${node} is not stopped before that, and goes on serving writes` };
    },
    async act({ node }, _, context) {
      const server = servers.node(node);
      const service = servers.service(node);
      servers.seen.forget(node);
      await context.send(server.host.name, async (fence) => {
        await service?.stop(fence);
        const sent = servers.now();
        const result =
          service === null ? await server.host.run(fence, stopArgv(server), onHostOptions) : await server.host.query(exitArgv(server), onHostOptions);
        if (service === null && result.code !== 0)
          throw new Refused(`pg_ctl stop of ${node}: ${result.stderr.trim()}`, { code: "SW3004", object: node });
        const after = hostAfter(result, server.host, server);
        if (after !== null) servers.seen.give(node, servers.seen.dated(after.seen, sent + after.afterMs));
      });
      return null;
    },
    undo: ({ node, together }) => [steps.start("start", { node, ...(together ? { together } : {}) }), steps.wake("wake", { node })],
    predict: (facts, { node, together }) =>
      together ? facts : withNow(facts, node, { state: "down", up: false, role: null, streaming: false, running: null }),
  });

async function lastLog(server: PgNode): Promise<string> {
  const tail = await server.host.query(["tail", "-n", "4", server.logFile]);
  return tail.code === 0 ? tail.stdout.trim().split("\n").join(" | ") : "";
}

/** Null: it does not accept connections. */
async function roleIfServing(servers: Servers, node: string): Promise<RoleRow | null> {
  try {
    return await servers.role(node);
  } catch (error) {
    if (error instanceof Unreachable) return null;
    throw error;
  }
}

/** Of a node that serves as a primary: null while no other does. */
function besideAnother(node: string, other: string | null): Look | null {
  if (other === null) return null;
  return {
    is: "unclear",
    known: [`${node} serves as a primary, and so does ${other}`],
    unknown: ["which of them the clients write to: stop the other, and let it come back as a standby"],
  };
}

/** As what the cluster needs now: a standby of the present primary, or the primary that it was. */
export const startOperation = (servers: Servers) => {
  /** Nodes that come up as the primary: who else leads is asked of the others together with their own role, for their standbys wait to be woken. */
  const leading = new Set<string>();
  return operation<PgFacts, StartParams, null, { readonly started: true }>("start", {
    fenced: "host",
    settleMs: 1_000,
    async look({ node }, { receipt }) {
      // What was seen to be down a moment ago does not answer, either.
      let seen = servers.seen.take(node);
      if (seen === null || seen.process !== null) {
        const [role, asked] = await Promise.all([roleIfServing(servers, node), leading.has(node) ? servers.leader(node) : undefined]);
        if (role?.recovery === true) return { is: "done", proof: { version: role.version, role: "standby" } };
        if (role !== null) {
          const other = asked === undefined ? await servers.leader(node) : asked;
          return besideAnother(node, other) ?? { is: "done", proof: { version: role.version, role: "primary" } };
        }
        seen = await servers.snapshot(node);
        if (seen.process !== null) return { is: "waiting", for: `${node} to accept connections (${seen.process.phase || "starting"})` };
      }
      const first = await beforeStart(servers, node, seen);
      if (first !== null) return first;
      if (seen.standbySignal) leading.delete(node);
      else leading.add(node);
      if (receipt === null) return { is: "open" };
      return { is: "open", why: `${node} ended after its start: ${await lastLog(servers.node(node))}` };
    },
    async act({ node }, _, context) {
      const server = servers.node(node);
      const service = servers.service(node);
      servers.seen.forget(node);
      await context.send(server.host.name, async (fence) => {
        if (service !== null) await service.start(fence);
        else {
          const result = await server.host.run(fence, startArgv(server), onHostOptions);
          if (result.code !== 0)
            throw new Refused(`pg_ctl start of ${node}: ${result.stderr.trim()} ${result.stdout.trim()}`, { code: "SW3004", object: node });
        }
        if (await awaitIn(fence, async () => (await servers.role(node)).version !== "")) return;
        // It may only need longer. One that has ended already will end again: the operator reads why now, not after a hundred starts.
        if (service === null && (await servers.onHost(node)).process === null)
          throw new StillwaterError("SW2106", `${node} ended after its start: ${await lastLog(server)}`, { object: node });
      });
      return { started: true };
    },
    undo: (params) => [steps.stop("stop", params)],
  });
};

interface StandbyRow {
  readonly version: string;
  readonly recovery: boolean;
  readonly started: string;
  readonly status: string | null;
  readonly replayed: Lsn | null;
}
const standbySql = `select current_setting('server_version') as version, pg_is_in_recovery() as recovery, pg_postmaster_start_time()::text as started,
 (select status from pg_stat_wal_receiver) as status, case when not pg_is_in_recovery() then null
 when current_setting('recovery_min_apply_delay') in ('0', '0ms') then pg_last_wal_replay_lsn() else pg_last_wal_receive_lsn() end::text as replayed`;

export const readyOperation = (servers: Servers) => {
  /** What the primary had when the standby was first seen after its start: later writes are no part of the promise. */
  const goals = new Map<string, Lsn>();
  return operation<PgFacts, ReadyParams>("ready", {
    async look({ node, version }) {
      const row = await servers.sql.one<StandbyRow>(node, standbySql, [], { name: "ready" });
      const running = parseVersion(row.version)?.text ?? row.version;
      if (version !== null && running !== version) return { is: "waiting", for: `${node} to run ${version}; it runs ${running}` };
      if (!row.recovery) return besideAnother(node, await servers.leader(node)) ?? { is: "done", proof: { version: running, role: "primary" } };
      const leader = await servers.leader();
      if (leader === null) return { is: "waiting", for: "a primary" };
      const key = `${node} ${row.started} ${leader}`;
      const seen = await servers.sql.one<{ position: Lsn; senders: number }>(
        leader,
        "select pg_current_wal_lsn()::text as position, (select count(*)::int from pg_stat_replication where state = 'streaming') as senders",
        [],
        { name: "leads" },
      );
      const goal = goals.get(key) ?? seen.position;
      goals.set(key, goal);
      if (row.status !== "streaming") return { is: "waiting", for: `${node} to stream from ${leader}` };
      if (seen.senders === 0) return { is: "waiting", for: `${leader} to stream to ${node}` };
      if (compareLsn(row.replayed, goal) < 0) return { is: "waiting", for: `${node} to replay ${goal}; it has ${row.replayed ?? "nothing"}` };
      goals.delete(key);
      return { is: "done", proof: { version: running, role: "standby", replayed: row.replayed } };
    },
    // Here and not at the start: an act that is predicted is preceded by a whole observation, and there a node is down.
    predict(facts, { node, version }) {
      const led = nodeNames(facts).some((other) => other !== node && nowOf(facts, other).up && nowOf(facts, other).role === "primary");
      const standby = led || nowOf(facts, node).standbySignal;
      return withNow(facts, node, {
        state: "serving",
        up: true,
        role: standby ? "standby" : "primary",
        streaming: standby,
        standbySignal: standby,
        running: version ?? structureOf(facts, node).installed,
        lagBytes: standby ? 0 : null,
      });
    },
  });
};
