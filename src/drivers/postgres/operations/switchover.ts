// The controlled switchover. Between the stop of the old primary and the promotion stands nothing that could be done before or after.
import type { Json } from "../../../model/json.ts";
import { Refused, Unreachable } from "../../../model/errors.ts";
import type { Item } from "../../../model/step.ts";
import { operation } from "../../../planner/kit.ts";
import { canTakeOver, nodeNames, nowOf, withNow, type PgFacts } from "../facts.ts";
import { HandOver } from "../hand-over.ts";
import type { ServerOnHost } from "../host-snapshot.ts";
import { historyFile, parseHistory } from "../history.ts";
import { byPosition, type Inspector } from "../inspect.ts";
import { compareLsn, lsnToNumber, type Lsn } from "../lsn.ts";
import type { Servers } from "../servers.ts";
import { slotNameOf } from "../slots.ts";
import { steps, type MoveParams, type OnNode, type PromoteParams, type SlotParams } from "../steps.ts";
import { awaitIn } from "./await-in.ts";
import { leftSlots } from "./left-slot.ts";

/** Streaming standbys that could take over at once, those that run the wanted release first, then the most advanced. */
export function candidates(facts: PgFacts, leaving: string, version: string | null): readonly string[] {
  const able = nodeNames(facts).filter((node) => node !== leaving && canTakeOver(nowOf(facts, node)));
  const rank = (node: string): number => (version !== null && nowOf(facts, node).running !== version ? 1 : 0);
  return byPosition(facts, able).toSorted((a, b) => rank(a) - rank(b));
}

export function switchover(facts: PgFacts, leaving: string, version: string | null): readonly Item[] | null {
  const holdsTraffic = facts.structure.holdsTraffic === true;
  const [to, ...rest] = candidates(facts, leaving, version);
  if (to === undefined) return null;
  const others = nodeNames(facts).filter((node) => node !== leaving && node !== to && nowOf(facts, node).up);
  const usesSlots = [to, ...others].some((node) => nowOf(facts, node).follows?.slot != null);
  // A primary follows nobody, but comes back with the slot that its files name: another one would hold the log for a reader that never comes.
  const named = (node: string): string | null => (node === leaving ? nowOf(facts, node).slotName : (nowOf(facts, node).follows?.slot ?? null));
  const slotOf = (node: string): string | null => named(node) ?? (usesSlots ? slotNameOf(node) : null);
  const slots = [leaving, ...others].flatMap((node) => {
    const name = slotOf(node);
    return name === null || nowOf(facts, to).slots.some((slot) => slot.name === name) ? [] : [name];
  });
  // A candidate that this standby's own lag would make wait is not kept waiting: `rest` is only the order of the others.
  const following = [...rest, ...others.filter((node) => !rest.includes(node))];
  return [
    ...slots.map((name) => steps.slot(`slot ${name}`, { on: to, name, wanted: true })),
    steps.checkpoint(`checkpoint ${leaving}`, { node: leaving }),
    ...(holdsTraffic ? [steps.traffic("hold traffic", { paused: true })] : []),
    steps.stop(`stop ${leaving}`, { node: leaving, takesOver: to }),
    steps.promote(`promote ${to}`, { node: to, from: leaving }),
    ...(holdsTraffic ? [{ undo: "hold traffic" }] : []),
    ...following.map((node) => steps.follow(`${node} follows ${to}`, { node, to, slot: slotOf(node) })),
  ];
}

export const moveAwayOperation = (servers: Servers, inspector: Inspector) =>
  operation<PgFacts, MoveParams>("moveAway", {
    async look({ node, version }) {
      const leader = await servers.leader();
      if (leader === null) throw new Unreachable("no server is the primary", { object: servers.cluster });
      if (leader !== node) return { is: "done", proof: { primary: leader } };
      const into = switchover(await inspector.inspect(), node, version);
      return into === null ? { is: "waiting", for: `a standby that streams from ${node}` } : { is: "expand", into };
    },
    predict(facts, { node, version }) {
      if (nowOf(facts, node).role !== "primary") return facts;
      const [to] = candidates(facts, node, version);
      if (to === undefined) return facts;
      const down = withNow(facts, node, { state: "down", up: false, role: null, streaming: false, running: null });
      return withNow(down, to, { role: "primary", streaming: false, lagBytes: null, standbySignal: false });
    },
  });

/** Where the log ends: read before the act, so that the shutdown checkpoint has little left to write. */
export const checkpointOperation = (servers: Servers) =>
  operation<PgFacts, OnNode, { readonly position: Lsn }>("checkpoint", {
    // Sent late by a frozen orchestrator it does no harm, so it counts as fenced.
    fenced: "compare-and-set",
    prepare: async ({ node }) => servers.sql.one<{ position: Lsn }>(node, "select pg_current_wal_lsn()::text as position"),
    async look({ node }, { before }) {
      const { control } = await servers.onHost(node);
      return compareLsn(control?.checkpoint ?? null, before.position) >= 0
        ? { is: "done", proof: { checkpoint: control?.checkpoint ?? null } }
        : { is: "open" };
    },
    async act({ node }, _, context) {
      await context.send(null, async ({ signal }) => servers.sql.effect(node, "checkpoint", [], signal));
      return null;
    },
  });

type Shutdown = {
  /** End of the old primary's log: behind its shutdown checkpoint record. */
  readonly shutdown: Lsn;
  readonly timeline: number;
  readonly systemIdentifier: string;
};
interface CandidateRow {
  readonly recovery: boolean;
  readonly received: Lsn | null;
  readonly replayed: Lsn | null;
  readonly system: string;
  readonly started: string;
}
const candidateSql = `select pg_is_in_recovery() as recovery, pg_last_wal_receive_lsn()::text as received, pg_last_wal_replay_lsn()::text as replayed,
 (select system_identifier::text from pg_control_system()) as system, extract(epoch from pg_postmaster_start_time())::text as started`;

/** In which life of the server the promotion was asked for: a server that is started again has forgotten it. */
type Asked = { readonly started: string };

/** Why it cannot be promoted yet; null: it has replayed all of the old primary's log. What is not replayed yet may be held back for any time. */
function lacks(node: string, from: string, { received, replayed }: CandidateRow, shutdown: Lsn): string | null {
  if (compareLsn(replayed, shutdown) >= 0) return null;
  if (compareLsn(received, shutdown) < 0)
    return `${node} to have received the shutdown position ${shutdown} of ${from}; it has ${received ?? "nothing"}`;
  return `${node} to have replayed the shutdown position ${shutdown} of ${from}; it is at ${replayed ?? "nothing"}: a query there, or a pause, holds it back`;
}

export const promoteOperation = (servers: Servers) => {
  const handOver = new HandOver<ServerOnHost>(servers.now);
  return operation<PgFacts, PromoteParams, Shutdown, Asked | null>("promote", {
    fenced: "host",
    // A promotion that was asked for, and whose answer was lost, cannot be seen until it is done.
    settleMs: 5_000,
    async prepare({ from }) {
      const { process, control } = handOver.give(from, servers.seen.take(from) ?? (await handOver.ask(() => servers.onHost(from))));
      if (process !== null) throw new Unreachable(`${from} still runs`, { object: from });
      if (control === null || control.state !== "shut down")
        throw new Unreachable(`${from} did not stop in order (${control?.state ?? "no control file"}): where its log ends is not known`, {
          object: from,
          remedy: "Abort: it is started again as the primary. Nothing was promoted.",
        });
      return { shutdown: control.checkpointEnd, timeline: control.timeline, systemIdentifier: control.systemIdentifier };
    },
    async look({ node, from }, { before, receipt }) {
      const [row, old, other] = await Promise.all([
        servers.sql.one<CandidateRow>(node, candidateSql, [], { name: "candidate" }),
        handOver.take(from) ?? servers.onHost(from),
        servers.leader(from, node),
      ]);
      if (other !== null)
        return {
          is: "unclear",
          known: [`${other} serves as the primary`, `${node} ${row.recovery ? "is still a standby" : "serves as a primary, too"}`],
          unknown: [`who has promoted ${other}, and whether it has all that ${from} had: if it shall lead, abort, and let ${node} follow it`],
        };
      if (!row.recovery) return { is: "done", proof: await proofOf(servers, node, from, before) };
      if (receipt !== null && receipt.started === row.started)
        return { is: "waiting", for: `the promotion of ${node}, which was asked for; only a restart of ${node} would end it` };
      if (old.process !== null) return { is: "waiting", for: `${from} to be stopped: somebody has started it again` };
      if (row.system !== before.systemIdentifier) return { is: "waiting", for: `${node} to be of the same system as ${from}` };
      const missing = lacks(node, from, row, before.shutdown);
      return missing === null ? { is: "open" } : { is: "waiting", for: missing };
    },
    async act({ node }, _, context) {
      const server = servers.node(node);
      let asked: Asked | null = null;
      await context.send(server.host.name, async (fence) => {
        const result = await server.host.run(fence, [`${server.installation}/bin/pg_ctl`, "promote", "-s", "-W", "-D", server.dataDirectory]);
        if (result.code !== 0) throw new Refused(`pg_ctl promote of ${node}: ${result.stderr.trim()}`, { code: "SW3004", object: node });
        await awaitIn(fence, async () => {
          const { recovery, started } = await servers.role(node);
          asked ??= { started };
          return !recovery;
        });
      });
      return asked;
    },
  });
};

/** The history file of the new timeline says where the old one was left: what the new primary had replayed when it took over. */
async function proofOf(servers: Servers, node: string, from: string, before: Shutdown): Promise<Json> {
  const server = servers.node(node);
  const { timeline } = await servers.sql.one<{ timeline: number }>(
    node,
    "select ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int as timeline",
  );
  const text = await server.host.readText(`${server.dataDirectory}/pg_wal/${historyFile(timeline)}`);
  const left = text === null ? null : (parseHistory(text).get(before.timeline) ?? null);
  const received = left !== null && lsnToNumber(left) >= lsnToNumber(before.shutdown);
  return { from, to: node, shutdown: before.shutdown, left, leftTimeline: before.timeline, timeline, received };
}

export const slotOperation = (servers: Servers) =>
  operation<PgFacts, SlotParams, { readonly existed: boolean }>("slot", {
    fenced: "compare-and-set",
    settleMs: 2_000,
    prepare: async ({ on, name }) => ({ existed: (await slotRow(servers, on, name)) !== null }),
    async look({ on, name, wanted }) {
      const row = await slotRow(servers, on, name);
      if ((row !== null) === wanted) return { is: "done" };
      return row?.active ? { is: "waiting", for: `slot ${name} on ${on} to be left by its reader` } : { is: "open" };
    },
    async act({ on, name, wanted }, _, context) {
      const sql = wanted ? "select pg_create_physical_replication_slot($1, true)" : "select pg_drop_replication_slot($1)";
      await context.send(null, async ({ signal }) => servers.sql.effect(on, sql, [name], signal, 1_500));
      return null;
    },
    undo: ({ on, name, wanted }, { existed }) => (existed === wanted ? [] : [steps.slot("put back", { on, name, wanted: !wanted })]),
  });

async function slotRow(servers: Servers, on: string, name: string): Promise<{ readonly active: boolean } | null> {
  const rows = await servers.sql.read<{ active: boolean }>(
    on,
    "select active from pg_replication_slots where slot_name = $1 and slot_type = 'physical'",
    [name],
    {
      name: "slot",
    },
  );
  return rows[0] ?? null;
}

/**
 * A standby keeps no slots of this topology, and no failover slots from when it was the primary: nobody reads them, and they would hold back its log for
 * ever. Slots of strangers are left alone.
 */
export const tidyOperation = (servers: Servers) =>
  operation<PgFacts, OnNode>("tidy", {
    async look({ node }) {
      const { recovery } = await servers.role(node);
      if (!recovery) return { is: "done" };
      const ours = await ownSlotNames(servers);
      const rows = await servers.sql.read<{ name: string }>(
        node,
        "select slot_name as name from pg_replication_slots where slot_type = 'physical' and not active and not temporary",
      );
      const stale = rows.filter(({ name }) => ours.has(name)).map(({ name }) => steps.slot(`drop ${name}`, { on: node, name, wanted: false }));
      const left = (await leftSlots(servers, node)).map((name) => steps.leftSlot(`drop ${name}`, { node, name }));
      return stale.length + left.length === 0 ? { is: "done" } : { is: "expand", into: [...stale, ...left] };
    },
  });

async function ownSlotNames(servers: Servers): Promise<ReadonlySet<string>> {
  const told = await Promise.all(
    servers.nodes.map(async ({ name }) =>
      servers.sql.one<{ name: string }>(name, "select current_setting('primary_slot_name') as name", [], { name: "slotname" }),
    ),
  );
  return new Set([...servers.nodes.map(({ name }) => slotNameOf(name)), ...told.map(({ name }) => name)]);
}
