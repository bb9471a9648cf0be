// What became of an application's rows: its own log against what every replica holds (facts 5.1). Imports nothing.

/** What a client kept of one row. */
export interface ClientRow {
  readonly key: string;
  readonly partition: string;
  /** `unknown`: no answer came, or an error behind which it may have been stored. */
  readonly outcome: "acknowledged" | "refused" | "unknown";
  /** How often it was sent: behind an I/O error the vendor's API sends again. */
  readonly sent: number;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
  readonly answeredAt: number | null;
}
/** The keys of one chunk as one node has them, with repetitions. */
export interface ReplicaRows {
  readonly partition: string;
  readonly chunk: string;
  readonly node: string;
  readonly keys: readonly string[];
}
export interface RowVerdict {
  readonly acknowledged: number;
  /** Acknowledged, and missing on a replica of its partition, or without any. */
  readonly lost: readonly string[];
  /** Stored more than once although it was sent once. */
  readonly duplicatedByServer: readonly string[];
  /** Stored more than once, and sent more than once: what the vendor's API does. */
  readonly duplicatedByClient: readonly string[];
  /** Replicas of one chunk that hold other rows than the first. */
  readonly unequal: readonly string[];
  /** Stored, and sent by nobody. */
  readonly foreign: readonly string[];
  /** The longest time without an acknowledgement of a partition while its writer wanted to write, milliseconds. */
  readonly longestStallMs: number;
  /** When it began; milliseconds since 1970. */
  readonly stallBegan: number;
  readonly stalledPartition: string;
}

export function judgeRows(client: readonly ClientRow[], replicas: readonly ReplicaRows[]): RowVerdict {
  const byKey = new Map(client.map((row) => [row.key, row]));
  const counts = replicas.map((replica) => ({ ...replica, counted: countsOf(replica.keys) }));
  const lost: string[] = [];
  const acknowledged = client.filter(({ outcome }) => outcome === "acknowledged");
  for (const { key, partition } of acknowledged) {
    const own = counts.filter((replica) => replica.partition === partition);
    const missing = own.filter(({ counted }) => !counted.has(key));
    if (own.length === 0) lost.push(`${key}: no replica of partition ${partition}`);
    else if (missing.length > 0) lost.push(`${key}: not on ${missing.map(({ node }) => node).join(", ")}`);
  }
  const repeated = new Set(counts.flatMap(({ counted }) => [...counted].flatMap(([key, times]) => (times > 1 ? [key] : []))));
  const resent = (key: string): boolean => (byKey.get(key)?.sent ?? 0) > 1;
  const chunks = new Map<string, (typeof counts)[number][]>();
  for (const each of counts) chunks.set(each.chunk, [...(chunks.get(each.chunk) ?? []), each]);
  return {
    acknowledged: acknowledged.length,
    lost,
    duplicatedByServer: [...repeated].filter((key) => !resent(key)),
    duplicatedByClient: [...repeated].filter(resent),
    unequal: [...chunks].flatMap(([chunk, [first, ...others]]) =>
      others.flatMap((other) => (first !== undefined && !same(first.counted, other.counted) ? [`${chunk}: ${first.node} and ${other.node}`] : [])),
    ),
    foreign: [...new Set(counts.flatMap(({ keys }) => keys.filter((key) => !byKey.has(key))))],
    ...longestStall(client),
  };
}

function countsOf(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
const same = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean =>
  a.size === b.size && [...a].every(([key, times]) => b.get(key) === times);

/** Between two acknowledgements of a partition; the first one counts from the first row that was sent. */
function longestStall(client: readonly ClientRow[]): Pick<RowVerdict, "longestStallMs" | "stallBegan" | "stalledPartition"> {
  const last = new Map<string, number>();
  for (const { partition, sentAt } of client) last.set(partition, Math.min(last.get(partition) ?? sentAt, sentAt));
  const answers = client
    .flatMap(({ partition, outcome, answeredAt }) => (outcome === "acknowledged" && answeredAt !== null ? [{ partition, answeredAt }] : []))
    .toSorted((a, b) => a.answeredAt - b.answeredAt);
  let [longestStallMs, stallBegan, stalledPartition] = [0, 0, ""];
  for (const { partition, answeredAt } of answers) {
    const before = last.get(partition) ?? answeredAt;
    if (answeredAt - before > longestStallMs) [longestStallMs, stallBegan, stalledPartition] = [answeredAt - before, before, partition];
    last.set(partition, answeredAt);
  }
  return { longestStallMs, stallBegan, stalledPartition };
}
