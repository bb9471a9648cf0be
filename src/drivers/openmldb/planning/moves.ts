// Which leaders each tablet's turn moves, and how many moves that makes in all: counted by playing the turns. Pure.
import { leaderOf, type OmFacts, type OmPartition } from "../facts.ts";
import { partitionsOn } from "../partition-health.ts";
import type { Partition } from "../steps.ts";

export const partitionOf = (facts: OmFacts, { table, tid, pid }: OmPartition): Partition => {
  const [db = "", name = ""] = [facts.structure.tables[table]?.db, facts.structure.tables[table]?.name];
  return { db, name, tid, pid };
};
/** What this tablet alone has, none of its other replicas being outside the group that goes down with it. */
export const singleOn = (facts: OmFacts, endpoint: string, group: readonly string[] = [endpoint]): readonly OmPartition[] =>
  partitionsOn(facts, endpoint).filter(({ replicas }) => replicas.every((replica) => group.includes(replica.endpoint)));

export interface MoveCount {
  /** With every leader moved back at the end of its tablet's turn. */
  readonly each: number;
  /** With leaders left where they went. Those of single-replica tables go back in any case. */
  readonly never: number;
}

/** The tablets of a plan, those together that go down together. */
export const groupsOf = (tablets: readonly string[], size: number): readonly (readonly string[])[] =>
  Array.from({ length: Math.ceil(tablets.length / size) }, (_, index) => tablets.slice(index * size, (index + 1) * size));

/** `groups`: the tablets by endpoint, in the order of their turns; those of one group go down together. */
export function countMoves(facts: OmFacts, groups: readonly (readonly string[])[], single: "add-replica" | "allow-unavailable" | null): MoveCount {
  return { each: play(facts, groups, single, true), never: play(facts, groups, single, false) };
}

function play(facts: OmFacts, groups: readonly (readonly string[])[], single: "add-replica" | "allow-unavailable" | null, back: boolean): number {
  const partitions = Object.values(facts.now.partitions);
  const leader = new Map(partitions.map((partition) => [partition, leaderOf(partition)?.endpoint ?? null]));
  let moves = 0;
  for (const group of groups)
    for (const endpoint of group) {
      const moved = partitions.filter((partition) => leader.get(partition) === endpoint);
      for (const partition of moved) {
        const others = partition.replicas.filter((replica) => replica.endpoint !== endpoint && !group.includes(replica.endpoint) && replica.alive);
        if (others.length === 0) {
          // Its replica is added, led from there, and deleted again.
          if (single === "add-replica") moves += 2;
          continue;
        }
        moves += back ? 2 : 1;
        if (back) continue;
        const load = (each: string): number => [...leader.values()].filter((led) => led === each).length;
        const [heir] = others.toSorted((a, b) => load(a.endpoint) - load(b.endpoint) || (a.endpoint < b.endpoint ? -1 : 1));
        if (heir !== undefined) leader.set(partition, heir.endpoint);
      }
    }
  return moves;
}

/** Where an extra replica of each goes: the largest first, each to the healthy tablet with the most free memory. Null: there is no other tablet. */
export function placeExtras(facts: OmFacts, singles: readonly OmPartition[], group: readonly string[]): ReadonlyMap<OmPartition, string> | null {
  const free = new Map<string, number>();
  for (const [name, node] of Object.entries(facts.structure.nodes)) {
    const now = facts.now.nodes[name];
    if (node.role !== "tablet" || now === undefined || now.state !== "healthy" || group.includes(node.endpoint)) continue;
    free.set(node.endpoint, (now.maxMemoryBytes ?? Number.MAX_SAFE_INTEGER) - (now.memoryBytes ?? 0));
  }
  const placed = new Map<OmPartition, string>();
  for (const partition of singles.toSorted((a, b) => b.bytes - a.bytes)) {
    const holders = new Set(partition.replicas.map(({ endpoint }) => endpoint));
    const [best] = [...free].filter(([endpoint]) => !holders.has(endpoint)).toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    if (best === undefined) return null;
    placed.set(partition, best[0]);
    free.set(best[0], best[1] - partition.bytes);
  }
  return placed;
}
