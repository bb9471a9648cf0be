// Maintenance of one node with the public TypeScript API: make it free, do what you must, put everything back.
// node examples/drain.ts CLUSTER_FILE NODE
import { applyPlan, openWorkspace, planMaintenance } from "../src/usecases/index.ts";

const [clusterFile = "cluster.yaml", node = ""] = process.argv.slice(2);
const workspace = openWorkspace({ clusterFile, stateDirectory: `${clusterFile}.state` });
try {
  for (const is of ["drain", "restore"] as const) {
    const { plan } = await planMaintenance(workspace, { is, node, options: { "single-replica": "allow-unavailable" } });
    for (const { id, title } of plan.turns) console.log(`${is}: ${title ?? id}`);
    const { run, outcome } = await applyPlan(workspace, { plan, probe: true }, { entry: () => undefined, progress: () => undefined });
    if (outcome.is !== "succeeded") throw new Error(`run ${run}: ${JSON.stringify(outcome)}`);
    if (is === "drain") console.log(`${node} leads nothing now: here its machine would be worked on`);
  }
} finally {
  await workspace.close();
}
