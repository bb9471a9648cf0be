// Reads everything back, through the authoritative path and from each replica, and compares it with the log. Its result is data: kept in a file, judged later.
import { setTimeout as pause } from "node:timers/promises";
import type { ContinuityClient, ReplicaCount } from "../model/continuity.ts";
import { controlState, withoutControls, type ControlState } from "./control.ts";
import { deviations, repeats, type Deviation } from "./deviations.ts";
import { historyOf, type History } from "./history.ts";
import { readLog } from "./log-reader.ts";

/** One read of all records against the log; the control is not among the figures. */
export interface ReadResult {
  /** Records that were found. */
  readonly records: number;
  /** Acknowledged operations without effect, and the records that they belong to. */
  readonly lost: number;
  readonly lostRecords: number;
  readonly corrupted: number;
  readonly duplicated: number;
  /** Rows beyond the first of a record that the client had sent again: at-least-once, not a fault of the cluster. */
  readonly repeated: number;
  readonly control: ControlState;
  /** The first of them. */
  readonly examples: readonly Deviation[];
}

export interface CheckResult {
  readonly version: 1;
  /** Milliseconds since 1970: the reads happened in between. */
  readonly startedAt: number;
  readonly finishedAt: number;
  /** How much of the log the reads were compared with. */
  readonly attempts: number;
  readonly acknowledged: number;
  /** Null: it could not be read, see `problems`. */
  readonly authoritative: ReadResult | null;
  readonly replicas: readonly (ReadResult & { readonly replica: string })[];
  /** Replicas whose records cannot be read, by what they count. Null: the client does not count, or could not. */
  readonly counts: readonly ReplicaCount[] | null;
  /** Replicas that did not answer, or did not catch up in time. Null: the client cannot say which ones there should be. */
  readonly replicasMissing: readonly string[] | null;
  /** Records that the authoritative path lost, and a replica still has. They are among its `lost` too. */
  readonly replicaOnly: number;
  /** What a read failed with. */
  readonly problems: readonly string[];
}

export interface CheckOptions {
  readonly client: ContinuityClient;
  readonly directory: string;
  /** The probe still writes: what it was told after the read began counts as unknown, and replicas are not counted. */
  readonly live?: boolean;
  /** How long a read that fails is tried again. Default 30,000. */
  readonly withinMs?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Throws only for a log that cannot be read (SW4003, the file system's errors): what the cluster refuses is in the result. */
export async function checkRecords({ client, directory, live = false, withinMs = 30_000, now = Date.now }: CheckOptions): Promise<CheckResult> {
  const startedAt = now();
  const problems: string[] = [];
  const outcomes = live ? (await historyOf(readLog(directory))).outcomes : Infinity;
  const deadline = startedAt + withinMs;
  const authoritative = await patiently("the authoritative read", () => client.readAuthoritative(), { deadline, now, problems });
  const replicas = await patiently("the replica read", () => client.readReplicas(), { deadline: Math.max(deadline, now()), now, problems });
  const expected = client.replicas === undefined ? null : await patiently("the list of replicas", () => listed(client), { deadline, now, problems });
  const counts =
    live || client.countReplicas === undefined
      ? null
      : await patiently("counting on the replicas", async () => (await client.countReplicas?.()) ?? [], {
          deadline: Math.max(deadline, now()),
          now,
          problems,
        });
  // Read last: a record that was written meanwhile is known then.
  const history = await historyOf(readLog(directory), outcomes);
  const main = authoritative === null ? null : deviations(history, authoritative);
  const lost = (main ?? []).filter(({ what, record }) => what === "lost" && !history.isControl(record)).map(({ record }) => record);
  // Only after a loss: what a replica that has not caught up lacks says nothing, what it still has may be all that is left.
  const lagging =
    lost.length === 0 || client.readLaggingReplicas === undefined
      ? null
      : await patiently("the read of the lagging replicas", async () => await client.readLaggingReplicas?.(), { deadline, now, problems });
  const onlyThere = new Set<number>();
  const replicaResults: (ReadResult & { readonly replica: string })[] = [];
  for (const [replica, found] of [...(replicas ?? []), ...(lagging ?? [])]) {
    const list = deviations(history, found);
    const wrong = new Set(list.map(({ record }) => record));
    for (const record of lost) if (!wrong.has(record)) onlyThere.add(record);
    if (replicas?.has(replica) === true) replicaResults.push({ replica, ...result(history, found, list) });
  }
  return {
    version: 1,
    startedAt,
    finishedAt: now(),
    attempts: history.attempts,
    acknowledged: history.acknowledged,
    authoritative: authoritative === null || main === null ? null : result(history, authoritative, main),
    replicas: replicaResults,
    counts,
    replicasMissing: expected === null ? null : expected.filter((name) => replicas?.has(name) !== true),
    replicaOnly: onlyThere.size,
    problems,
  };
}

async function listed(client: ContinuityClient): Promise<readonly string[]> {
  return (await client.replicas?.()) ?? [];
}

const maximumExamples = 20;

function result(history: History, found: ReadonlyMap<string, string>, list: readonly Deviation[]): ReadResult {
  const real = withoutControls(history, list);
  const lost = real.filter(({ what }) => what === "lost");
  return {
    records: found.size,
    lost: lost.reduce((sum, { operations }) => sum + operations, 0),
    lostRecords: lost.length,
    corrupted: real.filter(({ what }) => what === "corrupted").length,
    duplicated: real.filter(({ what }) => what === "duplicated").length,
    repeated: repeats(history, found),
    control: controlState(history, list),
    examples: real.slice(0, maximumExamples),
  };
}

interface Patience {
  readonly deadline: number;
  readonly now: () => number;
  readonly problems: string[];
}

/** Tries again until the deadline: right after a run a node may still refuse for a moment. Null, and a problem, after that. */
async function patiently<T>(what: string, read: () => Promise<T>, { deadline, now, problems }: Patience): Promise<T | null> {
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (now() >= deadline) {
        problems.push(`${what} failed: ${error instanceof Error ? error.message : String(error)}`);
        return null;
      }
      await pause(200);
    }
  }
}
