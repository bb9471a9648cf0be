// What a leader change lost, from recorded replies of ShowTable and GetTableStatus alone (facts 4.1, 4.3). Imports nothing.

/** One reply, as it came. GetTableStatus without tid and pid: a partition that is not in it is not loaded. */
export interface Recorded {
  /** Milliseconds since 1970; recordings are in this order. */
  readonly at: number;
  /** Who answered. */
  readonly endpoint: string;
  readonly rpc: "ShowTable" | "GetTableStatus";
  readonly reply: unknown;
}
/** What a client kept of one row. `partition` is `TID/PID`. */
export interface ClientRow {
  readonly key: string;
  readonly partition: string;
  readonly outcome: "acknowledged" | "unknown";
}
export interface LeaderChange {
  /** `TID/PID`. */
  readonly partition: string;
  readonly term: number;
  readonly from: string;
  readonly to: string;
  /** When the metadata first showed it; milliseconds since 1970. */
  readonly at: number;
  /** The last offset that the new leader shares with the old one. */
  readonly shared: number;
  /** The highest offset of the old leader before it was demoted; null: it was never read after the change. */
  readonly old: number | null;
  /** Offsets that only the old leader had: first and last; null: none. */
  readonly lost: { readonly first: number; readonly last: number } | null;
  /** Followers that were ahead of the new leader: they skip its next entries without a look (facts 4.2). */
  readonly ahead: readonly { readonly endpoint: string; readonly offset: number }[];
}
export interface Comparison {
  readonly partition: string;
  readonly lostOffsets: number;
  readonly missingAcknowledged: number;
  /** Rows without an answer that are not there: they may have been among the lost offsets. */
  readonly missingUnknown: number;
  readonly agrees: boolean;
}

interface Meta {
  readonly endpoint: string;
  readonly leads: boolean;
  readonly alive: boolean;
}
interface Metadata {
  readonly at: number;
  readonly metas: readonly Meta[];
  readonly terms: readonly { readonly term: number; readonly offset: number }[];
}
interface Reading {
  readonly at: number;
  readonly offset: number;
  /** `absent`: the tablet answered, and has not loaded it. */
  readonly is: "leader" | "follower" | "absent";
}

/** Every leader change that the recordings show, in the order in which they show it. */
export function leaderChanges(recordings: readonly Recorded[]): readonly LeaderChange[] {
  const metadata = new Map<string, Metadata[]>();
  const readings = new Map<string, Reading[]>();
  for (const each of recordings) (each.rpc === "ShowTable" ? noteMetadata : noteReadings)(each, metadata, readings);
  const changes = [...metadata].flatMap(([partition, seen]) => {
    const of = (endpoint: string): readonly Reading[] => readings.get(`${partition} ${endpoint}`) ?? [];
    return changesOf(partition, seen, of);
  });
  return changes.sort((a, b) => a.at - b.at);
}

export const lostOffsets = (change: LeaderChange): number => (change.lost === null ? 0 : change.lost.last - change.lost.first + 1);

/** Per partition: the offsets that changes lost, against the rows that the client misses. `present`: the keys that can be read at the end. */
export function compareWithClient(changes: readonly LeaderChange[], rows: readonly ClientRow[], present: ReadonlySet<string>): readonly Comparison[] {
  const missing = rows.filter((row) => !present.has(row.key));
  const partitions = new Set([...changes.map((change) => change.partition), ...missing.map((row) => row.partition)]);
  return [...partitions].sort().map((partition) => {
    const lost = changes.filter((change) => change.partition === partition).reduce((sum, change) => sum + lostOffsets(change), 0);
    const count = (outcome: ClientRow["outcome"]): number => missing.filter((row) => row.partition === partition && row.outcome === outcome).length;
    const acknowledged = count("acknowledged");
    const unknown = count("unknown");
    return {
      partition,
      lostOffsets: lost,
      missingAcknowledged: acknowledged,
      missingUnknown: unknown,
      agrees: acknowledged <= lost && lost <= acknowledged + unknown,
    };
  });
}

function changesOf(partition: string, seen: readonly Metadata[], readingsOf: (endpoint: string) => readonly Reading[]): readonly LeaderChange[] {
  const changes: LeaderChange[] = [];
  const first = seen[0];
  if (!first) return changes;
  let leader = leaderOf(first);
  let terms = first.terms.length;
  /** When the present leader became it, and when it was last seen to be. */
  let began = first.at;
  let since = first.at;
  seen.forEach((now, i) => {
    const to = leaderOf(now);
    const added = now.terms.slice(terms).at(-1);
    if (to === null) return;
    if (leader !== null && to !== leader && added !== undefined) {
      const until = seen.slice(i + 1).find((later) => later.terms.length > now.terms.length)?.at ?? Infinity;
      changes.push(changeOf(partition, { term: added, from: leader, to, began, since, at: now.at, until }, now, readingsOf));
    }
    if (to !== leader) began = since;
    leader = to;
    since = now.at;
    terms = now.terms.length;
  });
  return changes;
}

interface Switch {
  readonly term: { readonly term: number; readonly offset: number };
  readonly from: string;
  readonly to: string;
  /** Last metadata before the old leader became it. */
  readonly began: number;
  /** Last metadata before the change, first after it, first after the next one. */
  readonly since: number;
  readonly at: number;
  readonly until: number;
}
function changeOf(
  partition: string,
  { term, from, to, began, since, at, until }: Switch,
  now: Metadata,
  readingsOf: (endpoint: string) => readonly Reading[],
): LeaderChange {
  // The recorded maximum may belong to another follower where the candidate was named: then the new leader's own first reading is lower (facts 0.4).
  const promoted = readingsOf(to).find((reading) => reading.is === "leader" && reading.at >= since);
  const shared = Math.min(term.offset - 1, promoted?.offset ?? Infinity);
  const old = lastOwn(
    readingsOf(from).filter((reading) => reading.at >= began && reading.at < until),
    at,
  );
  const others = now.metas.filter((meta) => meta.alive && meta.endpoint !== to && meta.endpoint !== from);
  const ahead = others.flatMap(({ endpoint }) => {
    const offset = readingsOf(endpoint).findLast((reading) => reading.at <= at)?.offset ?? 0;
    return promoted !== undefined && offset > promoted.offset ? [{ endpoint, offset }] : [];
  });
  return {
    partition,
    term: term.term,
    from,
    to,
    at,
    shared,
    old,
    lost: old !== null && old > shared ? { first: shared + 1, last: old } : null,
    ahead,
  };
}
/**
 * The old leader's last own offset: it grows while it believes that it leads, and stands still from its demotion until the new leader replicates to it. So
 * the first reading as a follower after it led is the last one that counts; none, once it was not loaded in between; and what it says after it was made
 * leader again belongs to the next change.
 */
function lastOwn(readings: readonly Reading[], at: number): number | null {
  let own: number | null = null;
  let before: Reading["is"] | null = null;
  for (const { at: when, is, offset } of readings) {
    if (is === "absent" && own !== null) return own;
    if (is === "leader") own = offset;
    if (is === "follower" && own !== null) {
      if (before === "leader") own = Math.max(own, offset);
      if (when >= at) return own;
    }
    before = is;
  }
  return own;
}
const leaderOf = ({ metas }: Metadata): string | null => metas.find((meta) => meta.leads && meta.alive)?.endpoint ?? null;

type Rows = readonly Readonly<Record<string, unknown>>[];
const rowsOf = (value: unknown, key: string): Rows => {
  const rows = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  return Array.isArray(rows) ? (rows as Rows) : [];
};
const numberOf = (value: unknown): number => (typeof value === "number" ? value : 0);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

function noteMetadata({ at, reply }: Recorded, metadata: Map<string, Metadata[]>): void {
  for (const table of rowsOf(reply, "table_info"))
    for (const partition of rowsOf(table, "table_partition")) {
      const key = `${numberOf(table["tid"])}/${numberOf(partition["pid"])}`;
      // Unset fields have their proto's default (facts 2.1): alive unless it says otherwise.
      const metas = rowsOf(partition, "partition_meta").map((meta) => ({
        endpoint: textOf(meta["endpoint"]),
        leads: meta["is_leader"] === true,
        alive: meta["is_alive"] !== false,
      }));
      const terms = rowsOf(partition, "term_offset").map((each) => ({ term: numberOf(each["term"]), offset: numberOf(each["offset"]) }));
      listOf(metadata, key).push({ at, metas, terms });
    }
}
function noteReadings({ at, endpoint, reply }: Recorded, _: unknown, readings: Map<string, Reading[]>): void {
  const loaded = new Set<string>();
  for (const row of rowsOf(reply, "all_table_status")) {
    if (row["state"] === "kTableLoading" || row["state"] === "kTableUndefined") continue;
    const key = `${numberOf(row["tid"])}/${numberOf(row["pid"])} ${endpoint}`;
    loaded.add(key);
    listOf(readings, key).push({ at, offset: numberOf(row["offset"]), is: row["mode"] === "kTableLeader" ? "leader" : "follower" });
  }
  for (const [key, list] of readings) if (key.endsWith(` ${endpoint}`) && !loaded.has(key)) list.push({ at, offset: 0, is: "absent" });
}
function listOf<T>(map: Map<string, T[]>, key: string): T[] {
  const list = map.get(key) ?? [];
  map.set(key, list);
  return list;
}
