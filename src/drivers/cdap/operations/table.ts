// Every operation of this driver, by the name that plans have for it.
import type { AnyOperation } from "../../../model/driver.ts";
import { operationTable } from "../../../planner/kit.ts";
import type { CdapFacts } from "../facts.ts";
import type { Sight } from "../observe/sight.ts";
import type { CdapCluster } from "../open-cluster.ts";
import type { StepName } from "../step-names.ts";
import { backup } from "./backup.ts";
import { copyCheckpoints } from "./copy-checkpoints.ts";
import { deskOf } from "./desk.ts";
import { drain } from "./drain.ts";
import { awaitReplacement, loadSystemArtifacts, platformReady, replacePlatform } from "./platform.ts";
import { deployAgain, redeployPipeline } from "./redeploy-pipeline.ts";
import { restoreDefinitions } from "./restore-definitions.ts";
import { startPrograms } from "./start-programs.ts";
import { stopPrograms } from "./stop-programs.ts";
import { stopRuns } from "./stop-runs.ts";
import { enableSchedules, suspendListed, suspendSchedules } from "./suspend-schedules.ts";
import { upgradeApps, upgradeBatch } from "./upgrade-apps.ts";
import { verifyApps } from "./verify-apps.ts";

export function operationsOf(cluster: CdapCluster, sight: Sight): Readonly<Record<string, AnyOperation<CdapFacts>>> {
  const desk = deskOf(cluster, sight);
  const named = [
    suspendSchedules(desk),
    suspendListed(desk),
    enableSchedules(desk),
    drain(desk),
    stopRuns(desk),
    stopPrograms(desk),
    startPrograms(desk),
    backup(desk),
    restoreDefinitions(desk),
    awaitReplacement(desk),
    replacePlatform(desk),
    platformReady(desk),
    loadSystemArtifacts(desk),
    upgradeApps(desk),
    upgradeBatch(desk),
    copyCheckpoints(desk),
    redeployPipeline(desk),
    deployAgain(desk),
    verifyApps(desk),
  ] as const;
  const table = operationTable<CdapFacts>(...named);
  // Every name that plans may have is there: the compiler knows the names, this the table.
  return table satisfies Readonly<Partial<Record<StepName, AnyOperation<CdapFacts>>>>;
}
