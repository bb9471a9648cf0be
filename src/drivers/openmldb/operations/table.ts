// Every operation of this driver by its name.
import type { AnyOperation } from "../../../model/driver.ts";
import { operationTable } from "../../../planner/kit.ts";
import type { OmCluster } from "../cluster.ts";
import type { OmFacts } from "../facts.ts";
import { autoFailoverOperation } from "./auto-failover.ts";
import { readBackOperation, setFlagsOperation } from "./configure.ts";
import { jobsOperation, nameserverLeadsOperation } from "./confirm.ts";
import { tabletFenceOperation, trafficOperation } from "./fences.ts";
import { backupOperation, swapOperation, unpackOperation, uploadOperation } from "./install.ts";
import { readyOperation, startOperation, stopOperation } from "./lifecycle.ts";
import { moveAwayOperation, moveBackOperation } from "./moving/away-and-back.ts";
import { guardLeadersOperation, settleLeadersOperation } from "./moving/guard.ts";
import { moveLeadersOperation } from "./moving/move-leaders.ts";
import { recoveredOperation, recoverOverOperation, recoverReplicasOperation } from "./recovering/recover.ts";
import { keepRowsOperation } from "./recovering/keep-rows.ts";
import { readProcess } from "../processes.ts";
import { addReplicaOperation, delReplicaOperation } from "./replicas.ts";

export const operationsOf = (cluster: OmCluster): Readonly<Record<string, AnyOperation<OmFacts>>> =>
  operationTable<OmFacts>(
    uploadOperation(cluster),
    unpackOperation(cluster),
    backupOperation(cluster),
    swapOperation(cluster, readProcess),
    setFlagsOperation(cluster),
    readBackOperation(cluster),
    autoFailoverOperation(cluster),
    guardLeadersOperation(),
    settleLeadersOperation(cluster),
    tabletFenceOperation(cluster),
    trafficOperation(cluster),
    moveAwayOperation(cluster),
    moveBackOperation(cluster),
    moveLeadersOperation(cluster),
    addReplicaOperation(cluster),
    delReplicaOperation(cluster),
    recoverReplicasOperation(cluster),
    recoveredOperation(cluster),
    keepRowsOperation(cluster),
    recoverOverOperation(cluster),
    stopOperation(cluster),
    startOperation(cluster),
    readyOperation(cluster),
    nameserverLeadsOperation(cluster),
    jobsOperation(cluster),
  );
