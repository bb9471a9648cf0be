// What the controller that leads says of the whole cluster. One question at a time: several at once on several controllers can hang them (facts 1.3).
import { Unreachable } from "../../model/errors.ts";
import { isAtLeast } from "./compatibility/version.ts";
import type { DdChunks, DdRecovery } from "./facts.ts";
import type { OpenedCluster } from "./open-cluster.ts";
import type { Value } from "./rpc.ts";
import { isUnknownFunction, Malformed, ServerRefused } from "./wire/errors.ts";
import { integerIn, integerOf, rowsOf, textIn, textOf, type Row } from "./wire/read-value.ts";
import * as scripts from "./wire/scripts.ts";

/** Milliseconds: millions of chunks are gone through. */
const aggregateTimeoutMs = 60_000;
const mostExamples = 5;

/** A node as the leader sees it. */
export interface LeadersRow {
  readonly alive: boolean;
  readonly runningJobs: number | null;
  readonly connections: number | null;
  readonly diskFreeBytes: number | null;
}
export interface ClusterWord {
  /** Name of the controller that leads. */
  readonly leader: string;
  /** By name in the cluster file; a node that the leader does not list is absent. */
  readonly rows: ReadonlyMap<string, LeadersRow>;
  readonly chunks: DdChunks;
  readonly recovery: DdRecovery;
  /** Null: its release does not tell. */
  readonly unresolvedTransactions: number | null;
}

/** Null: no controller leads. `hostOf`: the machine of the node with that alias; null: the cluster file does not have it. */
export async function askLeader(
  cluster: OpenedCluster,
  replicationFactor: (leader: string) => Promise<number>,
  hostOf: (alias: string) => string | null,
): Promise<ClusterWord | null> {
  for (let attempt = 1; ; attempt++) {
    const leader = await leaderOrNull(cluster);
    if (leader === null) return null;
    try {
      return await ask(cluster, leader, await replicationFactor(leader), hostOf);
    } catch (error) {
      // Another one leads since we asked.
      const moved = error instanceof ServerRefused && error.tag === "NotLeader";
      if (!moved || attempt > 2) throw error;
    }
  }
}

/** Null: every controller that could be asked says that none leads, or none could be asked. */
async function leaderOrNull(cluster: OpenedCluster): Promise<string | null> {
  try {
    return await cluster.rpc.leader();
  } catch (error) {
    // A user who is refused would be told that nobody leads.
    if (error instanceof Unreachable && !(error instanceof ServerRefused)) return null;
    throw error;
  }
}

async function ask(cluster: OpenedCluster, leader: string, factor: number, hostOf: (alias: string) => string | null): Promise<ClusterWord> {
  const version = textOf(leader, "version()", await cluster.rpc.call(leader, "version")).split(/\s/)[0] ?? "";
  const script = (text: string): Promise<Value> => cluster.rpc.script(leader, text, aggregateTimeoutMs);
  const rows = await leadersRows(cluster, leader, version);
  const chunks = { ...(await chunksOf(leader, script, factor, hostOf)), written: await writtenSoFar(cluster, leader, "without probes") };
  const tasks = rowsOf(leader, "getRecoveryTaskStatus()", await script(scripts.recoveryTasks), ["tasks", "Status", "TaskType"]);
  return { leader, rows, chunks, recovery: recoveryOf(tasks), unresolvedTransactions: await unresolved(leader, script, version) };
}

async function leadersRows(cluster: OpenedCluster, leader: string, version: string): Promise<ReadonlyMap<string, LeadersRow>> {
  // Before 2.00.7 controllers are not listed (facts 2).
  const all = isAtLeast(version, "2.00.7");
  const answer = await cluster.rpc.call(leader, "getClusterPerf", all ? [true] : []);
  const found = new Map<string, LeadersRow>();
  for (const row of rowsOf(leader, "getClusterPerf()", answer, ["name", "state"])) {
    const node = cluster.aliased(textIn(row, "name") ?? "");
    if (node === null) continue;
    found.set(node.name, {
      alive: integerIn(row, "state") === 1,
      runningJobs: integerIn(row, "runningJobs"),
      connections: integerIn(row, "connectionNum"),
      diskFreeBytes: integerIn(row, "diskFreeSpace"),
    });
  }
  return found;
}

async function chunksOf(
  leader: string,
  script: (text: string) => Promise<Value>,
  factor: number,
  hostOf: (alias: string) => string | null,
): Promise<DdChunks> {
  const groups = rowsOf(leader, "chunks by state", await script(scripts.chunkGroups), ["chunks", "state", "replicaCount", "nodes"]).map((row) => ({
    chunks: integerIn(row, "chunks") ?? 0,
    state: textIn(row, "state"),
    replicaCount: integerIn(row, "replicaCount") ?? 0,
    aliases: (textIn(row, "nodes") ?? "").split(",").filter((alias) => alias !== ""),
  }));
  type Group = (typeof groups)[number];
  const sum = (of: (group: Group) => boolean): number => groups.reduce((total, group) => total + (of(group) ? group.chunks : 0), 0);
  const replicaCounts = [...new Set(groups.map(({ replicaCount }) => replicaCount))].filter((count) => count > 0).toSorted((a, b) => a - b);
  const unequal = replicaCounts.length === 0 ? 0 : integerOf(leader, "unequal chunks", await script(scripts.unequalChunks(replicaCounts)));
  const recovering = sum(({ state }) => state === "RECOVERING");
  const constructing = sum(({ state }) => state === "CONSTRUCTING");
  const wrongCount = sum(({ replicaCount }) => replicaCount !== factor);
  const stuck = recovering + constructing === 0 ? 0 : integerOf(leader, "stuck chunks", await script(scripts.stuckChunks));
  const examples: Row[] = [];
  const columns = ["chunkId", "file", "state", "replicaCount", "replicas"];
  if (recovering + wrongCount > 0)
    examples.push(...rowsOf(leader, "incomplete chunks", await script(scripts.incompleteExamples(factor, mostExamples)), columns));
  if (unequal > 0) examples.push(...rowsOf(leader, "unequal chunks", await script(scripts.unequalExamples(replicaCounts, mostExamples)), columns));
  return {
    total: sum(() => true),
    constructing,
    recovering,
    underReplicated: sum(({ replicaCount }) => replicaCount < factor),
    overReplicated: sum(({ replicaCount }) => replicaCount > factor),
    unequal,
    stuck,
    onOneHost: onOneHost(groups, hostOf),
    examples: distinct(examples.map(exampleOf)).slice(0, mostExamples),
  };
}

/** `CHUNKS:VERSIONS`; without those of probes, as `DdChunks.written` has it: what a probe has written nobody misses. */
export async function writtenSoFar(
  { rpc, probeDatabase }: Pick<OpenedCluster, "rpc" | "probeDatabase">,
  leader: string,
  of: "without probes" | "all",
): Promise<string> {
  const answer = await rpc.script(leader, scripts.writtenChunks(of === "all" ? null : probeDatabase), aggregateTimeoutMs);
  const [row] = rowsOf(leader, "chunks and their versions", answer, ["chunks", "versions"]);
  // The sum of versions may be larger than any number, and is a bigint then.
  const number = (column: string): string => {
    const value = row?.get(column) ?? 0;
    if (typeof value === "number" || typeof value === "bigint") return String(value);
    throw new Malformed(leader, `${column} of all chunks is no number`);
  };
  return `${number("chunks")}:${number("versions")}`;
}

/** Also a chunk with one replica alone: stopping its host takes it away all the same. */
function onOneHost(
  groups: readonly { readonly chunks: number; readonly aliases: readonly string[] }[],
  hostOf: (alias: string) => string | null,
): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const { chunks, aliases } of groups) {
    const hosts = new Set(aliases.map((alias) => hostOf(alias) ?? alias));
    const [only] = hosts;
    if (hosts.size === 1 && only !== undefined) found[only] = (found[only] ?? 0) + chunks;
  }
  return found;
}

function exampleOf(row: Row): DdChunks["examples"][number] {
  const state = textIn(row, "state") ?? "?";
  const replicas = (textIn(row, "replicas") ?? "").split(",").filter((each) => each !== "");
  const words = replicas.map((each) => {
    const [alias = "?", version = "?", corrupted] = each.split(":");
    return `${alias} version ${version}${corrupted === "1" ? " corrupted" : ""}`;
  });
  const what = `${state}, ${plural(integerIn(row, "replicaCount") ?? 0)}: ${words.length === 0 ? "none" : words.join(", ")}`;
  return { chunkId: textIn(row, "chunkId") ?? "?", file: textIn(row, "file") ?? "?", what };
}
const plural = (count: number): string => `${String(count)} replica${count === 1 ? "" : "s"}`;
const distinct = (examples: readonly DdChunks["examples"][number][]): readonly DdChunks["examples"][number][] => [
  ...new Map(examples.map((each) => [each.chunkId, each])).values(),
];

function recoveryOf(tasks: readonly Row[]): DdRecovery {
  const sum = (of: (status: string, type: string) => boolean): number =>
    tasks.reduce((total, row) => total + (of(textIn(row, "Status") ?? "", textIn(row, "TaskType") ?? "") ? (integerIn(row, "tasks") ?? 0) : 0), 0);
  return {
    waiting: sum((status) => status === "Waiting"),
    inProgress: sum((status) => status === "In-Progress"),
    aborted: sum((status) => status.startsWith("Abort")),
    loadRebalance: sum((status, type) => type === "LoadRebalance" && !status.startsWith("Abort")),
  };
}

/** getUnresolvedTxn() is there from 2.00.8 on (facts 2). */
async function unresolved(leader: string, script: (text: string) => Promise<Value>, version: string): Promise<number | null> {
  if (!isAtLeast(version, "2.00.8")) return null;
  return integerOf(leader, "unresolved transactions", await script(scripts.unresolvedTransactions));
}

/** What these data nodes say of their own chunks; null: the release of one cannot tell. Throws Unreachable when one does not answer: that is not none. */
export async function replicasInRecovery(cluster: OpenedCluster, nodes: readonly string[]): Promise<number | null> {
  const counts = await Promise.all(
    nodes.map(async (node) => {
      try {
        return integerOf(node, "replicas in recovery", await cluster.rpc.script(node, scripts.replicasInRecovery, aggregateTimeoutMs));
      } catch (error) {
        if (isUnknownFunction(error)) return null;
        throw error;
      }
    }),
  );
  return counts.reduce<number | null>((sum, count) => (sum === null || count === null ? null : sum + count), nodes.length === 0 ? null : 0);
}
