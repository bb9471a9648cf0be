// Failover slots that a former primary brings back as a standby (17 and later). They hold its log, and while they are there the server does not keep the
// copies of the new primary's slots of the same names.
import { operation } from "../../../planner/kit.ts";
import type { PgFacts } from "../facts.ts";
import type { Servers } from "../servers.ts";
import type { LeftSlotParams } from "../steps.ts";

/** Through JSON: older releases have no such columns. A standby cannot make such a slot, so it is from the time when the node was the primary. */
const left = `slot_type = 'logical' and not temporary and coalesce((to_jsonb(s) ->> 'failover')::bool, false)
 and not coalesce((to_jsonb(s) ->> 'synced')::bool, false) and pg_is_in_recovery()`;

interface LeftSlot {
  readonly name: string;
  readonly active: boolean;
}
const leftOn = (servers: Servers, node: string): Promise<readonly LeftSlot[]> =>
  servers.sql.read<LeftSlot>(node, `select slot_name as name, active from pg_replication_slots s where ${left}`);

/** Only those that the primary has too, and whole: otherwise the one that is left may be the only place that knows where its reader was. */
export async function leftSlots(servers: Servers, node: string): Promise<readonly string[]> {
  const found = (await leftOn(servers, node)).filter(({ active }) => !active).map(({ name }) => name);
  const leader = found.length === 0 ? null : await servers.leader();
  if (leader === null) return [];
  const rows = await servers.sql.read<{ readonly name: string }>(
    leader,
    `select slot_name as name from pg_replication_slots s where slot_type = 'logical' and not temporary and slot_name = any($1)
     and (to_jsonb(s) ->> 'failover')::bool and to_jsonb(s) ->> 'invalidation_reason' is null and wal_status is distinct from 'lost'`,
    [found],
  );
  const kept = new Set(rows.map(({ name }) => name));
  return found.filter((name) => kept.has(name));
}

export const leftSlotOperation = (servers: Servers) =>
  operation<PgFacts, LeftSlotParams>("leftSlot", {
    fenced: "compare-and-set",
    settleMs: 2_000,
    async look({ node, name }) {
      const slot = (await leftOn(servers, node)).find((each) => each.name === name);
      if (slot === undefined) return { is: "done" };
      return slot.active ? { is: "waiting", for: `slot ${name} on ${node} to be left by its reader` } : { is: "open" };
    },
    async act({ node, name }, _, context) {
      const sql = `select pg_drop_replication_slot(slot_name) from pg_replication_slots s where slot_name = $1 and ${left}`;
      await context.send(null, async ({ signal }) => servers.sql.effect(node, sql, [name], signal, 1_500));
      return null;
    },
  });
