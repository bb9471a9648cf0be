import { hasEnded } from "./run-store.ts";
import type { Run, RunStatus } from "./run.ts";

const seconds = (ms: number): number => Math.floor(ms / 1_000);

/** The public record (facts 3.2): times in seconds; `terminate` is not in it. */
export function recordOf(run: Run): Readonly<Record<string, unknown>> {
  const times = { start: run.start, end: run.end, suspend: run.suspend, resume: run.resume, stopping: run.stopping };
  const known = Object.entries(times).flatMap(([name, ms]) => (ms === null ? [] : [[name, seconds(ms)] as const]));
  const cluster = run.status === "PENDING" ? "PROVISIONING" : hasEnded(run) ? "DEPROVISIONED" : "PROVISIONED";
  return {
    runid: run.id,
    starting: seconds(run.starting),
    ...Object.fromEntries(known),
    status: run.status,
    properties: { runtimeArgs: JSON.stringify(run.args), ...run.children },
    cluster: { status: cluster, ...(run.end !== null && cluster === "DEPROVISIONED" ? { end: seconds(run.end) } : {}), numNodes: 0 },
    profile: { profileName: "native", namespace: "system", entity: "PROFILE" },
  };
}

const RUNNING: ReadonlySet<RunStatus> = new Set<RunStatus>(["RUNNING", "SUSPENDED", "RESUMING", "STOPPING"]);
/** ProgramStatus of a program's runs: a run that is STOPPING or SUSPENDED counts as RUNNING (facts 0.3). */
export function statusOf(runs: readonly Run[]): "RUNNING" | "STARTING" | "STOPPED" {
  if (runs.some(({ status }) => RUNNING.has(status))) return "RUNNING";
  return runs.some(({ status }) => status === "PENDING" || status === "STARTING") ? "STARTING" : "STOPPED";
}
