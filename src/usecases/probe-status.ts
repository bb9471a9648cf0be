import { access } from "node:fs/promises";
import { join } from "node:path";
import type { Workspace } from "./workspace.ts";

/** The probe's live figures, as its process writes them to the run's directory. */
export interface ProbeStatus {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly state: "starting" | "running" | "stopping" | "stopped";
  /** Its heartbeat has stopped though it did not say that it ended. */
  readonly stale: boolean;
  /** Attempts in the last full second. */
  readonly rate: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  readonly longestGapMs: number;
  readonly p99Ms: number | null;
  readonly lastProblem: string | null;
}

/** Null while there is none. Shown, never decided upon. */
export async function readProbeStatus(workspace: Workspace, run: number): Promise<ProbeStatus | null> {
  const directory = workspace.runDirectory(run);
  try {
    await access(join(directory, "status.json"));
  } catch {
    // Before the probe started, and after `--no-probe`: nothing to load the reader for.
    return null;
  }
  const { readStatus } = await import("../continuity/status.ts");
  return readStatus(directory, workspace.now());
}
