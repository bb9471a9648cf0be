// A tablet that died and came back while leaders are moved has loaded nothing, and with auto_failover off nobody loads it (facts 3.3): whoever switched it off does.
import { concerns, isActive, type Observation, type PartitionView } from "./observation.ts";

/** Endpoints of registered tablets that hold none of what the nameserver says is alive there, of these partitions. Pure. */
export function restartedTablets({ operations }: Pick<Observation, "operations">, views: readonly PartitionView[]): readonly string[] {
  const found = views
    .filter(({ partition }) => !operations.some((operation) => isActive(operation) && concerns(partition, operation)))
    .flatMap(({ replicas }) => replicas.filter(({ alive, healthy, own }) => alive && healthy && own === "absent"));
  return [...new Set(found.map(({ endpoint }) => endpoint))].toSorted();
}
