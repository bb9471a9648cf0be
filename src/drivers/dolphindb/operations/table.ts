// Every operation of this driver by its name.
import type { AnyOperation } from "../../../model/driver.ts";
import { operationTable } from "../../../planner/kit.ts";
import type { DdFacts } from "../facts.ts";
import type { OpenedCluster } from "../open-cluster.ts";
import { lifecycleOperations } from "./lifecycle.ts";
import { replaceOperation } from "./replace.ts";
import { stageOperation } from "./stage.ts";

export const operationsOf = (cluster: OpenedCluster): Readonly<Record<string, AnyOperation<DdFacts>>> =>
  operationTable<DdFacts>(...lifecycleOperations(cluster), stageOperation(cluster), replaceOperation(cluster));
