// Prechecks that ask the cluster (facts 5.4); read-only.
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import type { DdFacts } from "../facts.ts";
import type { OpenedCluster } from "../open-cluster.ts";

export const examine = (_cluster: OpenedCluster, _facts: DdFacts, _goal: Goal): Promise<readonly Check[]> => Promise.resolve([]);
