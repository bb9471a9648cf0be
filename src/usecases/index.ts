// The public TypeScript API: one function for each verb of the command line.
export { openWorkspace, type Workspace, type WorkspaceOptions, type WorkspaceParts } from "./workspace.ts";
export { systems } from "./registry.ts";
export { initCluster } from "./init.ts";
export { inspectCluster, type Inspection } from "./inspect.ts";
export { checkCluster, type Checked } from "./check.ts";
export { planCluster, type Planned, type PlanningRequest } from "./plan.ts";
export { loadPlan, listPlans } from "./plan-files.ts";
export { applyPlan } from "./apply.ts";
export { abortRun, answerStep, resumeRun } from "./resume.ts";
export { rollbackPlan } from "./rollback.ts";
export type { RunObserver, RunOutcome, RunResult } from "./run-types.ts";
export { statusOf, type Status } from "./status.ts";
export { watchRun, type WatchSnapshot } from "./watch.ts";
export type { RunView } from "./run-view.ts";
export { pauseRun } from "./pause.ts";
export { historyOf, type History } from "./history.ts";
export { readReport, renderReport, writeReportFile, type ReportFormat } from "./report.ts";
