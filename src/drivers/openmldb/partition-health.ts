// What is wrong with a partition, in the vendor's words where it has some. Pure.
import { leaderOf, type OmFacts, type OmPartition, type OmReplica } from "./facts.ts";

/** Nothing can be written or read through it. */
export const isBroken = (partition: OmPartition): boolean => {
  const leader = leaderOf(partition);
  return leader === null || leader.own === null || leader.own.mode !== "leader";
};

/** Entries that a follower lacks of its leader; negative: it has more, and they have diverged. Null: one of both is not loaded. */
export function behind(partition: OmPartition, replica: OmReplica): number | null {
  const leader = leaderOf(partition);
  return leader?.own == null || replica.own === null ? null : leader.own.offset - replica.own.offset;
}

/** A follower this far behind is not merely in the middle of replicating: what the nameserver itself calls caught up (facts 0.3). */
export const lagLimit = 100_000;

/** One text for each thing; empty: the partition is well. A lag below the limit is no sickness under load. */
export function sicknesses(partition: OmPartition): readonly string[] {
  const leader = leaderOf(partition);
  const others = partition.replicas.filter((replica) => replica !== leader);
  return [...(leader === null ? ["no alive leader"] : ofLeader(leader)), ...others.flatMap((replica) => ofFollower(partition, replica))];
}
function ofLeader({ endpoint, own }: OmReplica): readonly string[] {
  if (own === null) return [`leader ${endpoint} has not loaded it, or does not answer`];
  if (own.mode !== "leader") return [`${endpoint} leads by the metadata, and says that it follows`];
  return own.state === "kTableNormal" || own.state === "kMakingSnapshot" ? [] : [`leader ${endpoint} is in state ${own.state}`];
}
function ofFollower(partition: OmPartition, replica: OmReplica): readonly string[] {
  const { endpoint, alive, own } = replica;
  const found: string[] = [];
  if (!alive) found.push(`replica ${endpoint} is not alive`);
  if (own === null) found.push(`${endpoint} has not loaded it, or does not answer`);
  else if (own.mode === "leader") found.push(`${endpoint} says that it leads, against the metadata`);
  else if (own.state !== "kTableNormal" && own.state !== "kMakingSnapshot") found.push(`${endpoint} is in state ${own.state}`);
  const lag = behind(partition, replica);
  if (lag !== null && lag < 0) found.push(`${endpoint} has ${String(-lag)} entries more than its leader: they have diverged`);
  if (lag !== null && lag > lagLimit) found.push(`${endpoint} is ${String(lag)} entries behind`);
  return found;
}

/** `db.table/pid`, as the error texts name it. */
export const partitionName = ({ table, pid }: OmPartition): string => `${table}/${String(pid)}`;

export const partitionsOn = (facts: OmFacts, endpoint: string): readonly OmPartition[] =>
  Object.values(facts.now.partitions).filter(({ replicas }) => replicas.some((replica) => replica.endpoint === endpoint));
export const ledBy = (facts: OmFacts, endpoint: string): readonly OmPartition[] =>
  Object.values(facts.now.partitions).filter((partition) => leaderOf(partition)?.endpoint === endpoint);
