// The operations around a host's stop and start.
import type { DdFacts } from "../facts.ts";
import type { OpenedCluster } from "../open-cluster.ts";
import type { NamedOperation } from "../../../planner/kit.ts";
import { chunksStableOperation } from "./chunks-stable.ts";
import { drainOperation } from "./drain.ts";
import { readyOperation } from "./ready.ts";
import { resumeRecoveryOperation, suspendRecoveryOperation } from "./recovery.ts";
import { restoreRestartingOperation, stopRestartingOperation } from "./restart-interval.ts";
import { StartLimit } from "./start-limit.ts";
import { startDataNodesOperation } from "./start-data-nodes.ts";
import { startNodesOperation } from "./start-nodes.ts";
import { stopDataNodesOperation } from "./stop-data-nodes.ts";
import { stopNodesOperation } from "./stop-nodes.ts";
import { holdUnitsOperation, releaseUnitsOperation } from "./units.ts";

export const lifecycleOperations = (cluster: OpenedCluster): readonly NamedOperation<DdFacts, never>[] => {
  const limit = new StartLimit();
  return [
    suspendRecoveryOperation(cluster),
    resumeRecoveryOperation(cluster),
    stopRestartingOperation(cluster),
    restoreRestartingOperation(cluster),
    holdUnitsOperation(cluster),
    releaseUnitsOperation(cluster),
    drainOperation(cluster),
    stopDataNodesOperation(cluster),
    stopNodesOperation(cluster),
    startNodesOperation(cluster, limit),
    startDataNodesOperation(cluster, limit),
    readyOperation(cluster, limit),
    chunksStableOperation(cluster),
  ];
};
