import type { NodeRow } from "../cluster-files.ts";
import { ServerError } from "../node.ts";

export interface PlacementRequest {
  readonly candidates: readonly NodeRow[];
  readonly count: number;
  /** dfsReplicaReliabilityLevel. 0: the same host is allowed; 1: never; 2: spread if resources allow. */
  readonly level: number;
  readonly random: () => number;
}

/** Aliases for the replicas of a new chunk. Error when level 1 has too few hosts, or there are too few nodes. */
export function placeReplicas({ candidates, count, level, random }: PlacementRequest): readonly string[] {
  const shuffled = candidates.map((row) => ({ row, at: random() })).sort((a, b) => a.at - b.at);
  const chosen: NodeRow[] = [];
  const take = (may: (row: NodeRow) => boolean): void => {
    for (const { row } of shuffled) if (chosen.length < count && !chosen.includes(row) && may(row)) chosen.push(row);
  };
  if (level !== 0) take((row) => !chosen.some(({ host }) => host === row.host));
  if (level !== 1) take(() => true);
  if (chosen.length < count) throw new ServerError(`Not enough data nodes for ${String(count)} replicas: ${String(chosen.length)} can be used.`);
  return chosen.map(({ alias }) => alias);
}
