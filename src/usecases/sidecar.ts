// The worker's side of the process that carries the probe and the watchdog of a run.
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { isDead } from "../journal/process-identity.ts";
import type { Holder, RunRecord } from "../journal/store.ts";
import { StillwaterError } from "../model/errors.ts";
import type { ProbeBucket } from "../model/picture.ts";
import type { ContinuityVerdict } from "../model/report.ts";
import type { Watched } from "../model/watch.ts";
import { startDetached } from "./detached-process.ts";
import type { Workspace } from "./workspace.ts";

/** What the sidecar of a run was started with: kept, so that a resume starts the same again. Where things are is taken from whoever starts it. */
export interface SidecarSettings {
  readonly version: 1;
  readonly probe: boolean;
  readonly run: number;
  /** Which run of that number this is: a journal that was lost and begun anew counts from 1 again. Absent: written by an older release. */
  readonly journal?: string;
  readonly createdAt?: number;
  readonly stateDirectory: string;
  readonly clusterFile: string;
  readonly operator: string;
}
/** What it leaves when the run has finished and everything was read again. `verdict` null: no probe ran. */
export interface Conclusion {
  readonly version: 1;
  readonly verdict: ContinuityVerdict | null;
  readonly series: readonly ProbeBucket[];
  readonly partitions: readonly string[];
  /** What was watched beside the probe; absent: nothing, or an older release wrote it. */
  readonly watched?: Watched | null;
}
/** Written once at the start: the probe is acknowledged everywhere, or the reason why it is not. */
export type Readiness = { readonly ready: true } | { readonly ready: false; readonly why: string };

export const sidecarFiles = {
  settings: "sidecar.json",
  /** Held by the one that lives: see `lockForLife`. */
  lock: "sidecar.lock",
  /** Identity of the process, as a `Holder`. */
  process: "sidecar.process.json",
  readiness: "sidecar.ready.json",
  conclusion: "continuity.json",
  /** The conclusion before the probe's records are removed. */
  judged: "continuity.judged.json",
  log: "sidecar.log",
} as const;

/** Whole or not at all: the other process never reads half a file, and neither does anybody after a power cut. Error SW4002: the disk is full. */
export async function writeWhole(file: string, value: unknown): Promise<void> {
  const unfinished = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(unfinished, `${JSON.stringify(value)}\n`, { mode: 0o600, flush: true });
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    if (error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT"))
      throw new StillwaterError("SW4002", "The run's directory cannot be written: the disk is full", { object: file, cause: error });
    throw error;
  }
}
/** Null: not there, or damaged: whoever needs it makes it again. */
export async function readWhole<T>(file: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as T;
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof Error && "code" in error && error.code === "ENOENT")) return null;
    throw error;
  }
}

const READY_WITHIN_MS = 30_000;
const READY_POLL_MS = 50;
/** Each look reads three files. What follows is a report that waits for nothing but this. */
const CONCLUDED_POLL_MS = 100;

/**
 * Starts the sidecar of a run, or finds the one that lives, and waits until the probe is acknowledged on every partition and its control is in
 * place. `probe` null: as it was at the start of the run. Error SW5001, before anything was changed; after a resume a probe that cannot start is
 * only reported as not measured, because going on is safer than standing still half-way.
 */
export async function startSidecar(workspace: Workspace, record: RunRecord, request: { readonly probe: boolean | null }): Promise<void> {
  const directory = workspace.runDirectory(record.id);
  const journal = (await workspace.store()).id;
  const earlier = await earlierSettings(workspace, record, journal);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeWhole(join(directory, sidecarFiles.settings), {
    version: 1,
    probe: earlier?.probe ?? ((request.probe ?? true) && (await workspace.definition()).continuity.enabled),
    run: record.id,
    journal,
    createdAt: record.createdAt,
    stateDirectory: workspace.stateDirectory,
    clusterFile: workspace.clusterFile,
    operator: workspace.operator,
  } satisfies SidecarSettings);
  // What has been judged is not judged again: its records may be gone by now.
  if ((await readWhole<Conclusion>(join(directory, sidecarFiles.conclusion))) !== null) return;
  const readiness = await readySidecar(directory);
  if (readiness.ready || request.probe === null) return;
  // Without a probe it is the watchdog that could not start: nobody would put anything back if this process died.
  throw new StillwaterError("SW5001", `The ${request.probe ? "probe" : "watchdog"} could not start: ${readiness.why}`, { object: record.cluster });
}

/** A journal that was lost and begun anew has another run of the same number, and so of the same directory. */
export const isOfRun = (settings: SidecarSettings, record: RunRecord, journal: string): boolean =>
  settings.run === record.id && (settings.journal ?? journal) === journal && (settings.createdAt ?? record.createdAt) === record.createdAt;

/** What this run's sidecar was started with before. The directory of another run of the same number, of a journal that is gone, is set aside. */
async function earlierSettings(workspace: Workspace, record: RunRecord, journal: string): Promise<SidecarSettings | null> {
  const directory = workspace.runDirectory(record.id);
  const earlier = await readWhole<SidecarSettings>(join(directory, sidecarFiles.settings));
  if (earlier === null || isOfRun(earlier, record, journal)) return earlier;
  // Its verdict would be taken for ours.
  await rename(directory, `${directory}.before-${record.createdAt}`);
  return null;
}

/**
 * The process that carries the probe and the watchdog, or null when it is dead. One on another machine is nobody's here: the directory was moved or
 * copied, and this machine needs a watchdog of its own.
 */
export async function livingSidecar(directory: string): Promise<Holder | null> {
  const identity = await identityIn(directory);
  return identity && livesHere(identity) ? identity : null;
}
const identityIn = (directory: string): Promise<Holder | null> => readWhole<Holder>(join(directory, sidecarFiles.process));
const livesHere = (identity: Holder): boolean => identity.host === hostname() && !isDead(identity);

/**
 * What the sidecar that lives has told, started when there is none. One that was started by somebody else and has not written its name yet cannot be
 * seen: then ours ends at once, and it is that one that tells.
 */
async function readySidecar(directory: string): Promise<Readiness> {
  const identity = await identityIn(directory);
  if (identity && livesHere(identity)) return awaitReadiness(directory, null);
  await startDetached("sidecar-main", directory, join(directory, sidecarFiles.log));
  return awaitReadiness(directory, identity);
}

/** `forerunner`: who is gone, and whose word does not count. */
async function awaitReadiness(directory: string, forerunner: Holder | null): Promise<Readiness> {
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    // The name first: whoever writes his own has removed what was told before him.
    const identity = await identityIn(directory);
    const told =
      identity === null || isDeepStrictEqual(identity, forerunner) ? null : await readWhole<Readiness>(join(directory, sidecarFiles.readiness));
    if (told) return told;
    if (Date.now() > deadline)
      return { ready: false, why: `no answer of its process within ${READY_WITHIN_MS / 1000} s; see ${join(directory, sidecarFiles.log)}` };
    await delay(READY_POLL_MS);
  }
}

/** Waits for what the sidecar of a finished run found. A sidecar that died is started again: it concludes from the log. Null: it could not conclude in time. */
export async function awaitConclusion(workspace: Workspace, record: RunRecord, withinMs: number): Promise<Conclusion | null> {
  const directory = workspace.runDirectory(record.id);
  const deadline = Date.now() + withinMs;
  let restarts = 0;
  for (;;) {
    const conclusion = await readWhole<Conclusion>(join(directory, sidecarFiles.conclusion));
    if (conclusion) return conclusion;
    if (Date.now() > deadline) return null;
    if (!(await livingSidecar(directory))) {
      if (restarts++ === 2) return null;
      await readySidecar(directory);
    }
    await delay(CONCLUDED_POLL_MS);
  }
}
