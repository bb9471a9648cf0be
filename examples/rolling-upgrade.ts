// A rolling upgrade with the public TypeScript API: plan, apply, report.
// node examples/rolling-upgrade.ts CLUSTER_FILE VERSION ARTEFACT
import { applyPlan, openWorkspace, planCluster, readReport } from "../src/usecases/index.ts";

const [clusterFile = "cluster.yaml", version = "", artefact = ""] = process.argv.slice(2);
const workspace = openWorkspace({ clusterFile, stateDirectory: `${clusterFile}.state` });
try {
  const { plan } = await planCluster(workspace, { version, artefact });
  for (const row of plan.impact) console.log(`will be felt: ${row.feature} ${row.effect} for about ${row.expectedMs} ms`);

  const { run, outcome } = await applyPlan(
    workspace,
    { plan, probe: true },
    {
      entry: ({ event }) => {
        if (event.is === "done") console.log(`done: ${event.step}`);
      },
      progress: () => undefined,
    },
  );
  if (outcome.is !== "succeeded") throw new Error(`run ${run}: ${JSON.stringify(outcome)}`);

  const report = await readReport(workspace, { run });
  console.log(report.sentence);
  process.exitCode = report.verdict === "pass" ? 0 : 1;
} finally {
  await workspace.close();
}
