// The gate between two hosts. The tutorial asks for `state != "COMPLETE"` alone, which passes while chunks have one replica only (facts 0.2): here every chunk is
// COMPLETE, has all its replicas, of equal versions, no replica waits for recovery by its data node's own word, nothing is queued, and that several times in
// a row. The controller counts; the table of chunks is never pulled. An empty answer passes, an unreachable server is waited for, a strange answer is asked about.
import type { Look } from "../../../model/driver.ts";
import { operation } from "../../../planner/kit.ts";
import type { DdChunks, DdFacts, DdRecovery } from "../facts.ts";
import { askLeader, replicasInRecovery, type ClusterWord } from "../observe-cluster.ts";
import type { OpenedCluster } from "../open-cluster.ts";
import { withStableChunks } from "../prediction.ts";
import type { StepParams } from "../step-names.ts";
import { isUnknownFunction, Malformed } from "../wire/errors.ts";
import { integerIn, rowsOf } from "../wire/read-value.ts";
import * as scripts from "../wire/scripts.ts";
import { effectTimeoutMs } from "../wire/wire-rpc.ts";
import { chunkAdvice } from "./chunk-advice.ts";
import { tell } from "./recovery.ts";

export interface ChunkWord {
  readonly chunks: DdChunks;
  readonly recovery: DdRecovery;
  readonly unresolvedTransactions: number | null;
  readonly replicasInRecovery: number | null;
  /** Data nodes that the leader does not count as alive. */
  readonly absent: readonly string[];
}
/** Rows over all replicas; `unequal`: tablets of one chunk and one version whose replicas do not have as many rows. */
export type ReplicaRows = { readonly tablets: number; readonly replicas: number; readonly rows: number; readonly unequal: number };
export type StableProof = {
  readonly chunks: number;
  readonly constructing: number;
  readonly overReplicated: number;
  readonly polls: number;
  /** Null: not compared, and why. */
  readonly rows: ReplicaRows | null;
  readonly rowsWhy: string;
};
export interface ChunkQuestions {
  /** Null: no controller leads. */
  ask(): Promise<ChunkWord | null>;
  rows(): Promise<ReplicaRows | null>;
}

/** Strange answers in a row before a person is asked. */
const enoughStrange = 3;
/** Nothing is queued, and chunks stay as they are, milliseconds: an aborted task does not start again by itself, others may still be found. */
const abortedMs = 60_000;
const idleMs = 10 * 60_000;
/** Tasks wait and none is under way, milliseconds: from then on it is said what may be behind it, or recovery is resumed; and so long is waited after that. */
const stillMs = 5_000;
const resumedMs = 60_000;
/** Above that the controller would have to collect too much to compare rows. */
const mostTablets = 1_000_000;

interface Progress {
  well: number;
  askedAt: number;
  strange: number;
  /** Since when chunks are sick and nothing is queued; null: not so. */
  idleSince: number | null;
  /** Since when chunks are sick or tasks wait, and no task is under way; null: not so. */
  stillSince: number | null;
  /** Since when replicas of one version do not have as many rows; null: not so. */
  rowsSince: number | null;
  said: string;
}
const fresh = (): Progress => ({
  well: 0,
  askedAt: Number.NEGATIVE_INFINITY,
  strange: 0,
  idleSince: null,
  stillSince: null,
  rowsSince: null,
  said: "the first answer",
});

export const chunksStableOperation = (cluster: OpenedCluster, questions: ChunkQuestions = askedOf(cluster)) => {
  let progress = fresh();
  return operation<DdFacts, StepParams["chunksStable"], null, { readonly resumedAt: number }>("chunksStable", {
    fenced: "host",
    settleMs: effectTimeoutMs,
    answersSettle: true,
    async look({ polls, everyMs, resumes }, { receipt }, { now }): Promise<Look> {
      if (now - progress.askedAt < everyMs) return { is: "waiting", for: progress.said };
      progress.askedAt = now;
      const verdict = await judge(questions, progress, polls, now);
      if (verdict.is !== "waiting") {
        progress = fresh();
        return verdict;
      }
      progress.said = verdict.for;
      const still = progress.stillSince === null ? 0 : now - progress.stillSince;
      const due = resumes === true && still >= stillMs && (receipt === null || now - receipt.resumedAt >= resumedMs);
      return due ? { is: "open", why: verdict.for } : verdict;
    },
    // Only of a gate that `resumes` a look is ever open.
    async act(_, __, context) {
      await tell(cluster, "resumeRecovery()", context);
      return { resumedAt: context.now };
    },
    predict: (facts) => withStableChunks(facts),
  });
};

async function judge(questions: ChunkQuestions, progress: Progress, polls: number, now: number): Promise<Look> {
  const before = progress.well;
  progress.well = 0;
  let word: ChunkWord | null;
  try {
    word = await questions.ask();
    progress.strange = 0;
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    progress.strange += 1;
    if (progress.strange < enoughStrange) return { is: "waiting", for: error.message };
    return { is: "unclear", known: [error.message], unknown: ["whether every chunk is whole: this is neither an answer nor the lack of one"] };
  }
  if (word === null) return { is: "waiting", for: "a controller to lead: nobody can be asked about chunks" };
  const sick = sicknesses(word);
  if (sick.length > 0) return judgeSick(word, sick, progress, now);
  progress.idleSince = null;
  progress.stillSince = null;
  progress.well = before + 1;
  if (progress.well < polls) return { is: "waiting", for: `every chunk is whole: seen ${String(progress.well)} of ${String(polls)} times in a row` };
  return judgeRows(questions, word, progress, { polls, now });
}

function sicknesses({ chunks, recovery, unresolvedTransactions, replicasInRecovery: replicas, absent }: ChunkWord): readonly string[] {
  const counted: readonly (readonly [number, string])[] = [
    [chunks.recovering, "chunks RECOVERING"],
    [chunks.underReplicated, "chunks with fewer replicas than dfsReplicationFactor"],
    [chunks.unequal, "chunks with replicas of unequal version, or corrupted"],
    [replicas ?? 0, "replicas in recovery by their data node's own word"],
    [recovery.waiting + recovery.inProgress, "recovery tasks waiting or under way"],
    [unresolvedTransactions ?? 0, "unresolved transactions"],
  ];
  return [...absent.map((node) => `${node} is not alive`), ...counted.flatMap(([count, what]) => (count > 0 ? [`${String(count)} ${what}`] : []))];
}

function judgeSick({ chunks, recovery }: ChunkWord, sick: readonly string[], progress: Progress, now: number): Look {
  const wrong = chunks.recovering + chunks.underReplicated + chunks.unequal;
  const idle = recovery.waiting + recovery.inProgress === 0 && wrong > 0;
  progress.idleSince = idle ? (progress.idleSince ?? now) : null;
  progress.stillSince = recovery.inProgress === 0 && wrong + recovery.waiting > 0 ? (progress.stillSince ?? now) : null;
  const since = progress.idleSince === null ? 0 : now - progress.idleSince;
  const stuck = since >= idleMs || (recovery.aborted > 0 && since >= abortedMs);
  const still = progress.stillSince === null ? 0 : now - progress.stillSince;
  const held =
    recovery.waiting > 0 && still >= resumedMs
      ? `; none is under way since ${String(Math.round(still / 1_000))} s: somebody may have called suspendRecovery(); resumeRecovery() on every controller lets them go on`
      : "";
  if (!stuck) return { is: "waiting", for: `${sick.join(", ")}${held}` };
  const aborted = recovery.aborted > 0 ? [`${String(recovery.aborted)} recovery tasks were aborted (five tries each)`] : [];
  return {
    is: "unclear",
    known: [...sick, ...aborted, `nothing is queued since ${String(Math.round(since / 1_000))} s`, ...chunkAdvice(chunks)],
    unknown: ["which replica is the right one"],
  };
}

async function judgeRows(
  questions: ChunkQuestions,
  { chunks }: ChunkWord,
  progress: Progress,
  { polls, now }: { readonly polls: number; readonly now: number },
): Promise<Look> {
  const many = chunks.total > mostTablets;
  const rows = many || chunks.total === 0 ? null : await questions.rows();
  if (rows !== null && rows.unequal > 0) {
    progress.well = 0;
    progress.rowsSince ??= now;
    const what = `${String(rows.unequal)} tablets whose replicas have the same version and not as many rows`;
    if (now - progress.rowsSince < idleMs) return { is: "waiting", for: what };
    // No recovery heals it: by their versions these replicas are equal.
    const since = Math.round((now - progress.rowsSince) / 1_000);
    return {
      is: "unclear",
      known: [`${what}, at every count since ${String(since)} s`, "ops::checkChunkReplicas(DATABASE, TABLE, CHUNK) names the columns that differ"],
      unknown: ["which replica is the right one"],
    };
  }
  progress.rowsSince = null;
  const { total, constructing, overReplicated } = chunks;
  const rowsWhy =
    rows !== null ? "" : many ? `more than ${String(mostTablets)} chunks` : total === 0 ? "there is no chunk" : "this release cannot count them";
  const proof: StableProof = { chunks: total, constructing, overReplicated, polls, rows, rowsWhy };
  return { is: "done", proof };
}

/** The real questions, to the controller that leads and to every data node. */
export function askedOf(cluster: OpenedCluster): ChunkQuestions {
  const datanodes = cluster.nodes.filter(({ role }) => role === "datanode").map(({ name }) => name);
  const factor = async (leader: string): Promise<number> => Number((await cluster.rpc.call(leader, "getConfig", ["dfsReplicationFactor"])) ?? 2);
  return {
    async ask() {
      const word: ClusterWord | null = await askLeader(cluster, factor, (alias) => cluster.aliased(alias)?.hostName ?? null);
      if (word === null) return null;
      const { chunks, recovery, unresolvedTransactions, rows } = word;
      const absent = datanodes.filter((name) => rows.get(name)?.alive !== true);
      return { chunks, recovery, unresolvedTransactions, replicasInRecovery: await replicasInRecovery(cluster, datanodes), absent };
    },
    async rows() {
      const leader = await cluster.rpc.leader();
      try {
        const [row] = rowsOf(leader, "rows of replicas", await cluster.rpc.script(leader, scripts.replicaRows, 60_000), ["tablets", "unequal"]);
        const count = (column: string): number => (row === undefined ? 0 : (integerIn(row, column) ?? 0));
        return { tablets: count("tablets"), replicas: count("replicas"), rows: count("rowCount"), unequal: count("unequal") };
      } catch (error) {
        if (isUnknownFunction(error)) return null;
        throw error;
      }
    },
  };
}
