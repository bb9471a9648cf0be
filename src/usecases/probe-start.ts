// `probe start` and `probe stop`: a probe without a plan, in a process of its own.
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { probeFiles } from "../continuity/files.ts";
import { readStatus, type StatusView } from "../continuity/status.ts";
import { StillwaterError } from "../model/errors.ts";
import { startDetached } from "./detached-process.ts";
import { findProbe, nextPlace, probePlaceFiles, type ProbeFailure, type ProbePlace } from "./probe-places.ts";
import { clusterName } from "./runs.ts";
import { readWhole, writeWhole } from "./sidecar.ts";
import type { Workspace } from "./workspace.ts";

export interface StartedProbe {
  readonly cluster: string;
  readonly probe: number;
  readonly pid: number;
  /** Attempts per second; 0: features are watched instead, and `partitions` are their names. */
  readonly rate: number;
  readonly partitions: readonly string[];
  readonly route: string;
  /** Where its records are. */
  readonly directory: string;
}

const POLL_MS = 20;

/** How its process is started and how long it may take to be ready; tests have their own. */
export interface Launch {
  /** Returns its pid. */
  readonly launch: (directory: string) => Promise<number>;
  readonly readyWithinMs: number;
}
const detached: Launch = {
  launch: (directory) => startDetached("probe-main", directory, join(directory, probePlaceFiles.log)),
  readyWithinMs: 30_000,
};

/**
 * Starts a probe and returns once it is acknowledged on every partition and its control is in place. Errors SW5001 (it cannot start; nothing of it is
 * left running), SW5004 (one runs already), and those of the cluster file.
 */
export async function startProbe(
  workspace: Workspace,
  request: { readonly cluster?: string; readonly rate?: number } = {},
  { launch, readyWithinMs }: Launch = detached,
): Promise<StartedProbe> {
  const cluster = await clusterName(workspace, request.cluster ?? null);
  const { continuity, system } = await workspace.definition();
  const driver = await workspace.driver();
  if (driver.continuity === undefined && driver.watches === undefined)
    throw new StillwaterError("SW5001", `The driver of ${system} has no client that a probe could use.`, {
      object: cluster,
      remedy: "There is nothing to do about it here.",
    });
  if (driver.continuity === undefined && request.rate !== undefined)
    throw new StillwaterError("SW1001", `${system} is watched: no records are written, and each feature is tried at a pace of its own.`, {
      object: "--rate",
    });
  // A system whose clients write no records is watched, each feature at a pace of its own.
  const rate = driver.continuity === undefined ? 0 : (request.rate ?? continuity.rate);
  const place = await nextPlace(workspace, {
    version: 1,
    cluster,
    name: `alone_${randomBytes(4).toString("hex")}`,
    rate,
    stateDirectory: workspace.stateDirectory,
    clusterFile: workspace.clusterFile,
    operator: workspace.operator,
    startedAt: workspace.now(),
  });
  const client = await driver.continuity?.({ definition: continuity, name: place.settings.name });
  const route = client?.route ?? cluster;
  await client?.close();
  const pid = await launch(place.directory);
  await awaitStart(place, { pid, route, readyWithinMs });
  const ready = await readWhole<{ readonly partitions: readonly string[] }>(join(place.directory, probeFiles.ready));
  return { cluster, probe: place.settings.probe, pid, rate, partitions: ready?.partitions ?? [], route, directory: place.directory };
}

interface Starting {
  readonly pid: number;
  readonly route: string;
  readonly readyWithinMs: number;
}
async function awaitStart({ directory, settings }: ProbePlace, { pid, route, readyWithinMs }: Starting): Promise<void> {
  const deadline = performance.now() + readyWithinMs;
  for (;;) {
    const failure = await readWhole<ProbeFailure>(join(directory, probePlaceFiles.failure));
    if (failure !== null) throw notStarted(failure.why);
    const status = readStatus(directory);
    if (status?.ready === true) return;
    if (performance.now() >= deadline || (status === null ? false : status.stale)) {
      // It would go on trying for ever, and nobody would look at it.
      await tellToStop(directory);
      throw notStarted([
        status === null ? `its process ${String(pid)} gave no sign of life` : `it is ${status.state} after ${String(readyWithinMs / 1000)} s`,
        ...(status?.lastProblem == null ? [] : [status.lastProblem]),
      ]);
    }
    await delay(POLL_MS);
  }
  function notStarted(why: readonly string[]): StillwaterError {
    return new StillwaterError("SW5001", `The probe of ${settings.cluster} could not start.`, {
      object: route,
      why,
      remedy: `Mend what is named; its log is ${join(directory, probePlaceFiles.log)}.`,
    });
  }
}

export interface StoppedProbe {
  readonly cluster: string;
  readonly probe: number;
  /** Attempts per second; 0: features were watched instead. */
  readonly rate: number;
  /** `ended`: it was stopped now; `had ended`: before; `was killed`: its process is gone and did not say that it ended. */
  readonly how: "ended" | "had ended" | "was killed";
  readonly status: StatusView | null;
  readonly directory: string;
}

const tellToStop = async (directory: string): Promise<void> => writeFile(join(directory, probeFiles.stop), "", { mode: 0o600 });

/** Longer than any attempt of a client. */
const STOP_WITHIN_MS = 60_000;

/** Ends a probe and waits until every attempt in flight has its outcome; `discard` then removes its records from the cluster, without a verdict. Errors SW5005 (there is none), SW5006 (it does not end). */
export async function stopProbe(
  workspace: Workspace,
  request: { readonly cluster?: string; readonly probe?: number; readonly discard?: boolean } = {},
): Promise<StoppedProbe> {
  const place = await findProbe(workspace, { cluster: request.cluster ?? null, probe: request.probe ?? null });
  if (request.discard === true && place.settings.rate === 0)
    throw new StillwaterError("SW1001", `Probe ${String(place.settings.probe)} of ${place.settings.cluster} watches: it has no records to remove.`, {
      object: "--discard",
      remedy: "Leave the flag out.",
    });
  const stopped = await ended(workspace, place);
  if (request.discard === true) await discard(workspace, place);
  return stopped;
}

async function ended(workspace: Workspace, { settings, directory, status, pid }: ProbePlace): Promise<StoppedProbe> {
  const { cluster, probe, rate } = settings;
  if (pid === null) return { cluster, probe, rate, how: status?.state === "stopped" ? "had ended" : "was killed", status, directory };
  await tellToStop(directory);
  const deadline = performance.now() + STOP_WITHIN_MS;
  for (;;) {
    const now = await findProbe(workspace, { cluster, probe });
    if (now.pid === null)
      return { cluster, probe, rate, how: now.status?.state === "stopped" ? "ended" : "was killed", status: now.status, directory };
    if (performance.now() >= deadline)
      throw new StillwaterError("SW5006", `Probe ${String(probe)} of ${cluster} does not end: it is process ${String(pid)}.`, {
        object: directory,
      });
    await delay(POLL_MS);
  }
}

/** Said before it is done: records that are being removed must not be taken for lost ones. */
async function discard(workspace: Workspace, { directory, settings }: ProbePlace): Promise<void> {
  const { continuity } = await workspace.definition();
  const client = await (await workspace.driver()).continuity?.({ definition: continuity, name: settings.name });
  if (client === undefined) return;
  try {
    await writeWhole(join(directory, probePlaceFiles.discarded), { at: workspace.now() });
    await client.cleanUp();
  } finally {
    await client.close();
  }
}
