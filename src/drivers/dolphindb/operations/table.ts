// Every operation of this driver by its name.
import type { AnyOperation } from "../../../model/driver.ts";
import { operationTable } from "../../../planner/kit.ts";
import type { DdFacts } from "../facts.ts";
import type { OpenedCluster } from "../open-cluster.ts";
import { backupOperation } from "./backup.ts";
import { lifecycleOperations } from "./lifecycle.ts";
import { nothingWrittenOperation } from "./nothing-written.ts";
import { replaceOperation } from "./replace.ts";
import { restoreBackupOperation } from "./restore-backup.ts";
import { settingsOperations } from "./settings.ts";
import { stageOperation } from "./stage.ts";

export const operationsOf = (cluster: OpenedCluster): Readonly<Record<string, AnyOperation<DdFacts>>> =>
  operationTable<DdFacts>(
    ...lifecycleOperations(cluster),
    stageOperation(cluster),
    backupOperation(cluster),
    replaceOperation(cluster),
    restoreBackupOperation(cluster),
    nothingWrittenOperation(cluster),
    ...settingsOperations(cluster),
  );
