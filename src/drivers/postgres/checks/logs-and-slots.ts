// What a switchover or a restart would lose, hold up or fill.
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import { canTakeOver, nodeNames, nowOf, primaries, structureOf, withNow, type PgFacts, type SlotFacts } from "../facts.ts";
import { chosenMode, needsRestart, touchesPrimary } from "../planning/modes.ts";
import { syncLease } from "../planning/lease.ts";
import { age, blocker, orPassed, passed, size, warning } from "./check-kit.ts";

/** WAL that an idle slot may hold before it is worth a word. */
const idleSlotBytes = 64 * 1024 * 1024;

export function movingChecks(facts: PgFacts, goal: Goal): readonly Check[] {
  if (!needsRestart(facts, goal)) return [];
  return [
    ...delayedOnly(facts, goal),
    ...logicalSlots(facts, goal),
    ...idleSlots(facts),
    ...room(facts, goal),
    ...synchronous(facts, goal),
    ...archiver(facts),
    ...transactions(facts),
  ];
}

const moves = (facts: PgFacts, goal: Goal): boolean => chosenMode(facts, goal) === "zero-downtime";

/** The only one that could take over replays late: a restart in place instead is felt for longer, so it is the operator's to choose. */
function delayedOnly(facts: PgFacts, goal: Goal): readonly Check[] {
  const late = nodeNames(facts).filter((node) => nowOf(facts, node).streaming && nowOf(facts, node).delayed);
  if (late.length === 0 || !touchesPrimary(facts, goal)) return [];
  if (nodeNames(facts).some((node) => canTakeOver(nowOf(facts, node)))) return [];
  const atOnce = late.reduce((changed, node) => withNow(changed, node, { delayed: false }), facts);
  if (chosenMode(atOnce, goal) !== "zero-downtime") return [];
  return [
    blocker("delayed", late.join(", "), "replays late on purpose (recovery_min_apply_delay), and no other standby could take over", {
      remedy: "Set recovery_min_apply_delay = 0 there for the time of the run; or restart the primary in its place: --mode semi-downtime.",
      price: "the primary restarts in its place: no writes from its stop until it has started",
    }),
  ];
}

function logicalSlots(facts: PgFacts, goal: Goal): readonly Check[] {
  const [primary] = primaries(facts);
  if (primary === undefined || !moves(facts, goal)) return [];
  const found = nowOf(facts, primary)
    .slots.filter((slot) => slot.kind === "logical" && !slot.temporary)
    .flatMap((slot): readonly Check[] => {
      const others = nodeNames(facts).filter((node) => node !== primary);
      const missing = others.flatMap((node) => {
        const what = notSynchronised(nowOf(facts, node).slots.find((each) => each.kind === "logical" && each.name === slot.name));
        return what === null ? [] : [`${node}: ${what}`];
      });
      if (slot.failover && missing.length === 0) return [passed("logical-slot", slot.name, `failover slot, synchronised to ${others.join(", ")}`)];
      const why = slot.failover ? ` (failover slot; ${missing.join("; ")})` : "";
      const consumer = slot.consumer ?? (slot.active ? "an active consumer" : "a consumer that is not connected");
      const database = slot.database === null ? "" : ` of database ${slot.database}`;
      return [
        blocker(
          "logical-slot",
          slot.name,
          `logical slot${database} on ${primary}, read by ${consumer} (plugin ${slot.plugin ?? "?"}): the switchover would lose it and its position${why}`,
          {
            remedy: slot.failover
              ? failoverRemedy
              : "17 and later: make it a failover slot (failover = true, sync_replication_slots = on on the standbys). Otherwise its consumer must be stopped, its slot dropped and made again; or restart the primary in its place: --mode semi-downtime.",
            price: `changes between the consumer's last read and its new start are not delivered; it may have to copy its tables anew`,
          },
        ),
      ];
    });
  return orPassed(found, "logical-slot", primary, "no logical slot would be lost");
}

/** Why the copy on a standby could not go on as the slot of a new primary; null: it could. What the server itself asks for: synced, kept, and whole. */
function notSynchronised(copy: SlotFacts | undefined): string | null {
  if (copy === undefined) return "it has none";
  if (!copy.synced) return "its own slot of that name is not synchronised";
  if (copy.temporary) return "not synchronised to the end yet";
  if (copy.invalidated !== null) return `invalidated (${copy.invalidated})`;
  return copy.walStatus === "lost" ? "its log is lost" : null;
}
const failoverRemedy =
  "Needed on each standby: sync_replication_slots = on, hot_standby_feedback = on, a dbname in primary_conninfo. A copy that is not at its end yet gets there once the consumer has read on. Or restart the primary in its place: --mode semi-downtime.";

function idleSlots(facts: PgFacts): readonly Check[] {
  const found = nodeNames(facts).flatMap((node) =>
    nowOf(facts, node).slots.flatMap((slot): readonly Check[] => {
      if (slot.walStatus === "lost" || slot.walStatus === "unreserved")
        return [warning("slot-wal", slot.name, `slot on ${node}: its log is ${slot.walStatus} (max_slot_wal_keep_size); its reader must start anew`)];
      if (slot.active || slot.temporary || slot.synced || (slot.keepsBytes ?? 0) < idleSlotBytes) return [];
      return [
        warning("idle-slot", slot.name, `${slot.kind} slot on ${node} is idle and holds ${size(slot.keepsBytes ?? 0)} of WAL`, {
          remedy: `If nobody will come back for it: select pg_drop_replication_slot('${slot.name}').`,
        }),
      ];
    }),
  );
  const limited = nodeNames(facts).filter((node) => !["-1", undefined].includes(structureOf(facts, node).settings["max_slot_wal_keep_size"]));
  return [
    ...orPassed(found, "idle-slot", "cluster", "no slot holds WAL for a reader that is gone"),
    ...limited.map((node) =>
      warning(
        "slot-limit",
        node,
        `max_slot_wal_keep_size is ${structureOf(facts, node).settings["max_slot_wal_keep_size"] ?? ""} MB: a standby that is down while more is written must be copied anew`,
      ),
    ),
  ];
}

/** Every node may become the primary: it needs a slot and a sender for each of the others. */
function room(facts: PgFacts, goal: Goal): readonly Check[] {
  if (!moves(facts, goal)) return [];
  const others = nodeNames(facts).length - 1;
  const limit = (node: string, name: string): number => Number(structureOf(facts, node).settings[name] ?? facts.now.catalogue[name]?.[6] ?? 10);
  const found = nodeNames(facts).flatMap((node): readonly Check[] => {
    const used = nowOf(facts, node).slots.length;
    const slots = limit(node, "max_replication_slots");
    const senders = limit(node, "max_wal_senders");
    const wrong: Check[] = [];
    if (nowOf(facts, node).role === "standby" && used + others > slots)
      wrong.push(
        blocker("room", node, `max_replication_slots is ${String(slots)}, ${String(used)} used, ${String(others)} more needed as primary`, {
          remedy: "Raise it first: stillwater plan --set max_replication_slots=...",
        }),
      );
    if (others > senders)
      wrong.push(
        blocker("room", node, `max_wal_senders is ${String(senders)}, ${String(others)} standbys would follow it`, { remedy: "Raise it first." }),
      );
    return wrong;
  });
  return orPassed(found, "room", "cluster", "every node has room for slots and senders as a primary");
}

function synchronous(facts: PgFacts, goal: Goal): readonly Check[] {
  const mode = chosenMode(facts, goal);
  if (mode === null) return [];
  const lease = syncLease(facts, goal, mode);
  const [primary] = primaries(facts);
  const names = primary === undefined ? "" : nowOf(facts, primary).syncNames;
  if (lease === null)
    return [
      passed(
        "synchronous",
        primary ?? "cluster",
        names === "" ? "asynchronous: no commit waits for a standby" : `synchronous_standby_names = ${names}: enough standbys stay while one is down`,
      ),
    ];
  const shown = [...new Set(Object.values(lease.values))].map((value) => (value === "" ? "'' (commits wait for nobody)" : value)).join(" / ");
  return [
    warning(
      "synchronous",
      primary ?? "cluster",
      `synchronous_standby_names = ${names} would block every commit while a standby is down: a lease lowers it to ${shown} for the run`,
      {
        remedy: "The original is journaled and put back at the end, at an abort and after a crash.",
        price: lease.off
          ? "if the primary is lost for good during the run, commits of that time that had not reached a standby are lost"
          : "during the run a commit waits for fewer standbys than it did",
      },
    ),
  ];
}

function archiver(facts: PgFacts): readonly Check[] {
  const [primary] = primaries(facts);
  const now = primary === undefined ? null : nowOf(facts, primary).archiver;
  if (primary === undefined || now === null || now.mode === "off") return [passed("archiver", primary ?? "cluster", "archive_mode is off")];
  if (now.failing)
    return [
      blocker(
        "archiver",
        primary,
        `the archiver fails (last: ${now.lastFailed ?? "?"}), ${String(now.waiting)} files wait: a stop would wait for it, and the archive would have a hole at the switchover`,
        {
          remedy: "Mend archive_command or archive_library first; see pg_stat_archiver and the log.",
          price: "point-in-time recovery over the switchover may be impossible",
        },
      ),
    ];
  if (now.waiting > 16)
    return [
      warning("archiver", primary, `${String(now.waiting)} files wait to be archived: the stop waits for them`, {
        remedy: "Wait until the archiver has caught up.",
      }),
    ];
  return [passed("archiver", primary, `archives, ${String(now.waiting)} files wait`)];
}

function transactions(facts: PgFacts): readonly Check[] {
  const [primary] = primaries(facts);
  if (primary === undefined) return [];
  const now = nowOf(facts, primary);
  const prepared = now.prepared.map((each) =>
    warning("prepared", primary, `prepared transaction ${each.gid} since ${age(each.ageS)}: it survives the switchover and keeps its locks`, {
      remedy: "Its transaction manager must find it on the new primary; or commit or roll it back now.",
    }),
  );
  const long = now.long.map((each) =>
    warning(
      "long-transaction",
      primary,
      `transaction of ${each.who} (pid ${String(each.pid)}) since ${age(each.ageS)} (${each.state}) would be cut off`,
      {
        remedy: "Wait for it, or end it: the stop rolls it back.",
      },
    ),
  );
  return [
    ...orPassed(prepared, "prepared", primary, "no prepared transaction"),
    ...orPassed(long, "long-transaction", primary, "no transaction is older than a minute"),
  ];
}
