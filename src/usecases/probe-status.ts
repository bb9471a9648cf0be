import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Workspace } from "./workspace.ts";

/** The probe's live figures, as its process writes them to the run's directory. */
export interface ProbeStatus {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Attempts per second. */
  readonly rate: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  readonly longestGapMs: number | null;
  readonly p99Ms: number | null;
}

/** Null while there is none, or while it is being replaced. Shown, never decided upon. */
export async function readProbeStatus(workspace: Workspace, run: number): Promise<ProbeStatus | null> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(join(workspace.runDirectory(run), "status.json"), "utf8"));
  } catch {
    // Absent before the probe started and after `--no-probe`; half a file cannot be told from none, and the next look is a moment away.
    return null;
  }
  if (typeof content !== "object" || content === null) return null;
  const fields = content as Readonly<Record<string, unknown>>;
  const number = (key: string): number | null => (typeof fields[key] === "number" ? fields[key] : null);
  return {
    at: number("at") ?? 0,
    rate: number("rate") ?? 0,
    acknowledged: number("acknowledged") ?? 0,
    refused: number("refused") ?? 0,
    unknown: number("unknown") ?? 0,
    longestGapMs: number("longestGapMs") ?? number("longestWriteGapMs"),
    p99Ms: number("p99Ms"),
  };
}
