// The probe as others see it while it runs: its heartbeat, and whether it is ready.
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { StillwaterError } from "../model/errors.ts";
import { probeFiles, readWhole } from "./files.ts";

const statusSchema = z.object({
  version: z.literal(1),
  pid: z.number(),
  generation: z.number(),
  state: z.enum(["starting", "running", "stopping", "stopped"]),
  ready: z.boolean(),
  /** Milliseconds since 1970: when this was written. */
  at: z.number(),
  /** Of this process; the log has the whole run. */
  attempts: z.number(),
  acknowledged: z.number(),
  refused: z.number(),
  unknown: z.number(),
  unsent: z.number(),
  inFlight: z.number(),
  /** Attempts in the last full second. */
  rate: z.number(),
  /** Of the last seconds. */
  p99Ms: z.number().nullable(),
  longestGapMs: z.number(),
  holes: z.object({ count: z.number(), ms: z.number() }),
  /** Peak resident memory in bytes; processor time in ms. */
  memory: z.number(),
  cpuMs: z.number(),
  lastProblem: z.string().nullable(),
});
export type ProbeStatus = z.infer<typeof statusSchema>;

/** A heartbeat older than this comes from a probe that stands still. */
const staleAfterMs = 2000;

export interface StatusView extends ProbeStatus {
  /** The heartbeat has stopped though the probe did not say that it ended. */
  readonly stale: boolean;
}

/** Null: there is no probe in the directory, or its status is from another release. */
export function readStatus(directory: string, now: number = Date.now()): StatusView | null {
  const parsed = statusSchema.safeParse(readWhole(join(directory, probeFiles.status)));
  if (!parsed.success) return null;
  const { state, at, pid } = parsed.data;
  return { ...parsed.data, stale: state !== "stopped" && (now - at > staleAfterMs || !lives(pid)) };
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It lives, and belongs to somebody else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Resolves once the probe's control is done and every partition has acknowledged a write. Error SW5001 with the probe's last problem after `withinMs`. */
export async function awaitReady(directory: string, withinMs: number, signal?: AbortSignal): Promise<StatusView> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const status = readStatus(directory);
    if (status !== null && status.ready && !status.stale) return status;
    if (performance.now() >= deadline) {
      throw new StillwaterError("SW5001", "the probe did not get ready", {
        object: directory,
        why: [
          status === null ? "its process gave no sign of life" : `it is ${status.state}${status.stale ? ", and its heartbeat has stopped" : ""}`,
          ...(status?.lastProblem == null ? [] : [status.lastProblem]),
        ],
      });
    }
    await pause(20, undefined, signal === undefined ? {} : { signal });
  }
}
