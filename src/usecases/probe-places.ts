// Where probes that run on their own are kept: `<state>/probes/<cluster>/<number>/`.
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { livingProbe } from "../continuity/process.ts";
import { readStatus, type StatusView } from "../continuity/status.ts";
import { StillwaterError } from "../model/errors.ts";
import type { ContinuityVerdict } from "../model/report.ts";
import { clusterName } from "./runs.ts";
import { readWhole, writeWhole } from "./sidecar.ts";
import type { Workspace } from "./workspace.ts";

/** What a probe was started with. */
export interface ProbeSettings {
  readonly version: 1;
  readonly cluster: string;
  readonly probe: number;
  /** Of its table in the cluster: made up, so that two probes of two machines never share one. */
  readonly name: string;
  /** Attempts per second. */
  readonly rate: number;
  readonly stateDirectory: string;
  readonly clusterFile: string;
  readonly operator: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}
/** Why it could not begin. */
export interface ProbeFailure {
  readonly why: readonly string[];
}
/** The last word about a probe that has ended. */
export interface KeptVerdict {
  readonly version: 1;
  readonly verdict: ContinuityVerdict;
  readonly latest: LatestRecord;
}
/** The last acknowledged record, against the time until which it was probed (ms since 1970). */
export interface LatestRecord {
  readonly acknowledgedAt: number | null;
  readonly probedUntil: number;
}

export const probePlaceFiles = {
  settings: "probe.json",
  failure: "probe.failed.json",
  log: "probe.log",
  /** Made when its records were removed from the cluster without a verdict. */
  discarded: "probe.discarded.json",
  verdict: "verdict.json",
  /** The verdict before the probe's records are removed. */
  judged: "verdict.judged.json",
} as const;

export interface ProbePlace {
  readonly settings: ProbeSettings;
  readonly directory: string;
  /** Null: its process has not written one. */
  readonly status: StatusView | null;
  /** Its process; null: it has none. */
  readonly pid: number | null;
}

const placeOf = (workspace: Workspace, cluster: string): string => join(workspace.stateDirectory, "probes", cluster);

async function numbers(workspace: Workspace, cluster: string): Promise<readonly number[]> {
  try {
    const names = await readdir(placeOf(workspace, cluster));
    return names
      .filter((name) => /^[1-9]\d{0,8}$/.test(name))
      .map(Number)
      .toSorted((a, b) => b - a);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw new StillwaterError("SW4001", `The probes' records cannot be read: ${error instanceof Error ? error.message : String(error)}.`, {
      object: placeOf(workspace, cluster),
      cause: error,
    });
  }
}

/** The probe of that number, or the newest one. Error SW5005. `cluster` null: the one of the cluster file. */
export async function findProbe(
  workspace: Workspace,
  request: { readonly cluster: string | null; readonly probe: number | null },
): Promise<ProbePlace> {
  const cluster = await clusterName(workspace, request.cluster);
  const [newest] = await numbers(workspace, cluster);
  const number = request.probe ?? newest;
  const place = number === undefined ? null : await readPlace(workspace, cluster, number);
  if (place !== null) return place;
  throw new StillwaterError(
    "SW5005",
    request.probe === null ? `There is no probe of ${cluster}.` : `There is no probe ${String(request.probe)} of ${cluster}.`,
    {
      object: placeOf(workspace, cluster),
    },
  );
}

async function readPlace(workspace: Workspace, cluster: string, number: number): Promise<ProbePlace | null> {
  const directory = join(placeOf(workspace, cluster), String(number));
  const settings = await readWhole<ProbeSettings>(join(directory, probePlaceFiles.settings));
  if (settings === null) return null;
  return { settings, directory, status: readStatus(directory, workspace.now()), pid: livingProbe(directory) };
}

/** A probe that was started a moment ago and whose process has not said anything yet. */
const startingForMs = 10_000;
async function isStarting(workspace: Workspace, { directory, settings, status }: ProbePlace): Promise<boolean> {
  if (status !== null || workspace.now() - settings.startedAt > startingForMs) return false;
  return (await readWhole<ProbeFailure>(join(directory, probePlaceFiles.failure))) === null;
}

/** A directory for the next probe. Error SW5004: one runs already, or is just being started. */
export async function nextPlace(workspace: Workspace, settings: Omit<ProbeSettings, "probe">): Promise<ProbePlace> {
  const { cluster } = settings;
  const [newest] = await numbers(workspace, cluster);
  const last = newest === undefined ? null : await readPlace(workspace, cluster, newest);
  if (last !== null && last.pid !== null)
    throw new StillwaterError("SW5004", `Probe ${String(last.settings.probe)} of ${cluster} runs already, as process ${String(last.pid)}.`, {
      object: last.directory,
    });
  const starting = (number: number): StillwaterError =>
    new StillwaterError("SW5004", `Probe ${String(number)} of ${cluster} is just being started.`, { object: placeOf(workspace, cluster) });
  if (last !== null && (await isStarting(workspace, last))) throw starting(last.settings.probe);
  const probe = (newest ?? 0) + 1;
  const directory = join(placeOf(workspace, cluster), String(probe));
  try {
    await mkdir(placeOf(workspace, cluster), { recursive: true, mode: 0o700 });
    await mkdir(directory, { mode: 0o700 });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") throw starting(probe);
    throw new StillwaterError("SW4001", `There is no place for the probe's records: ${error instanceof Error ? error.message : String(error)}.`, {
      object: directory,
      cause: error,
    });
  }
  const complete: ProbeSettings = { ...settings, probe };
  await writeWhole(join(directory, probePlaceFiles.settings), complete);
  return { settings: complete, directory, status: null, pid: null };
}
