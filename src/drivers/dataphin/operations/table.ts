// Every operation of this driver by its name.
import type { AnyOperation, Look } from "../../../model/driver.ts";
import { operation, operationTable, type NamedOperation } from "../../../planner/kit.ts";
import type { DpCluster } from "../cluster.ts";
import type { DpFacts } from "../facts.ts";
import { steps } from "../steps.ts";
import type { ManagerParams, ShutDownParams, StepParams } from "../step-names.ts";
import { resumeDispatchOperation, stopDispatchOperation } from "./dispatch.ts";
import { killInstancesOperation } from "./kill-instances.ts";
import { killing, listRunningOperation } from "./list-running.ts";
import { commandAgainOperation, managerOperation } from "./manager.ts";
import { applicationDown, applicationRestored, consoleClosed, consoleOpen, type Observation } from "./observe.ts";
import { paced } from "./paced.ts";
import { pauseNodesOperation, resumeNodesOperation } from "./pause-nodes.ts";
import { rerunInstancesOperation } from "./rerun-instances.ts";
import { ledgerOf, runningIn } from "./work.ts";

const invisible = async (): Promise<Observation> => ({ is: "invisible" });
const restored = (cluster: DpCluster) => ({ observe: ({ version }: ManagerParams) => applicationRestored(cluster, version) });

export const operationsOf = (cluster: DpCluster): Readonly<Record<string, AnyOperation<DpFacts>>> =>
  operationTable<DpFacts>(...all(cluster).map(paced));

const all = (cluster: DpCluster): readonly NamedOperation<DpFacts, never>[] => [
  pauseNodesOperation(cluster),
  resumeNodesOperation(cluster),
  listRunningOperation(cluster),
  killInstancesOperation(cluster),
  rerunInstancesOperation(cluster),
  managerOperation(cluster, "selectVersion", { observe: invisible }),
  managerOperation(cluster, "enterMaintenance", {
    observe: () => consoleClosed(cluster),
    undo: (params: ManagerParams) => [steps.leaveMaintenance("leave", params)],
  }),
  managerOperation(cluster, "leaveMaintenance", { observe: () => consoleOpen(cluster) }),
  stopDispatchOperation(cluster),
  resumeDispatchOperation(cluster),
  managerOperation(cluster, "shutDown", {
    observe: () => applicationDown(cluster),
    // Started since the list was empty, by hand or by somebody who resumed dispatch.
    first: async (params: ShutDownParams) => killing(await ledgerOf(cluster, await runningIn(cluster, params.projects)), params),
  }),
  managerOperation(cluster, "backupDatabase", { observe: invisible }),
  managerOperation(cluster, "preUpgrade", { observe: invisible }),
  managerOperation(cluster, "upgradeApplication", restored(cluster)),
  // Afterwards it must still be what it was before: an update that breaks the application is no update.
  managerOperation(cluster, "updateData", restored(cluster)),
  commandAgainOperation(cluster),
  verifyResultOperation(cluster),
  consoleAccessibleOperation(cluster),
];

const verifyResultOperation = (cluster: DpCluster) =>
  operation<DpFacts, StepParams["verifyResult"]>("verifyResult", {
    async look({ version }): Promise<Look> {
      const observed = await applicationRestored(cluster, version);
      return observed.is === "holds" ? { is: "done", proof: { seen: observed.evidence } } : { is: "waiting", for: wordsOf(observed) };
    },
  });
const consoleAccessibleOperation = (cluster: DpCluster) =>
  operation<DpFacts, StepParams["consoleAccessible"]>("consoleAccessible", {
    async look(): Promise<Look> {
      const observed = await consoleOpen(cluster);
      return observed.is === "holds" ? { is: "done", proof: { seen: observed.evidence } } : { is: "waiting", for: wordsOf(observed) };
    },
  });
const wordsOf = (observed: Observation): string => (observed.is === "not yet" ? observed.why : "an observation");
