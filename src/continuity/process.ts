// The probe as a process of its own: what the sidecar calls. Killed at any moment, it is simply called again and goes on with the same log.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { ContinuityClient } from "../model/continuity.ts";
import { StillwaterError } from "../model/errors.ts";
import { ClockPair, systemClock } from "./clock.ts";
import { probeFiles, readWhole, removeFile, writeWhole } from "./files.ts";
import { AttemptLog } from "./log.ts";
import { Probe } from "./probe.ts";
import type { ProbeStatus } from "./status.ts";

export interface RunProbeOptions {
  readonly client: ContinuityClient;
  readonly options: {
    /** The probe's name, kept in the log. */
    readonly name: string;
    /** Attempts per second. */
    readonly rate: number;
    /** Default: the client's own, or 2,000. */
    readonly deadlineMs?: number;
    readonly maximumInFlight?: number;
    readonly liveRecords?: number;
  };
  /** The probe's own: log, status, markers. Made when absent. */
  readonly directory: string;
  /** False leaves the positive control out: the verdict can never be `pass` then. */
  readonly control?: boolean;
  /** Ends the probe like SIGTERM and the `stop` file do. */
  readonly signal?: AbortSignal;
  /** Whether to listen for SIGTERM and SIGINT. Default true. */
  readonly signals?: boolean;
}

const heartbeatMs = 250;
const knownSchema = z.object({ partitions: z.array(z.string()).min(1), control: z.number().nullable() });

/**
 * Probes until it is told to stop, then waits for the attempts in flight. The client stays open. A cluster that does not answer at first is tried again
 * for as long as it takes: `status.json` says why, see `awaitReady`. Error SW5001 when another probe is alive in this directory.
 */
export async function runProbe(run: RunProbeOptions): Promise<void> {
  const { client, options, directory, control = true } = run;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = (name: string): string => join(directory, name);
  refuseASecondProbe(directory);
  removeFile(file(probeFiles.ready));

  const clock = systemClock();
  const clocks = new ClockPair(clock);
  const log = new AttemptLog({ directory, name: options.name, wallAtZero: clocks.wallAtZero });
  const stop = stopping(run, file(probeFiles.stop));
  const { signal } = stop;
  let probe: Probe | null = null;
  let state: ProbeStatus["state"] = "starting";
  let problem: string | null = null;
  let ready = false;

  const beat = (): void => {
    const { at, wall } = clocks.read();
    log.append([{ is: "clocks", at, wall }]);
    const figures = probe?.figures;
    const { perSecond, p99Ms } = figures?.recent(at) ?? { perSecond: 0, p99Ms: null };
    const status: ProbeStatus = {
      version: 1,
      pid: process.pid,
      generation: log.generation,
      state,
      ready,
      at: wall,
      attempts: figures?.attempts ?? 0,
      acknowledged: figures?.acknowledged ?? 0,
      refused: figures?.refused ?? 0,
      unknown: figures?.unknown ?? 0,
      unsent: figures?.unsent ?? 0,
      inFlight: probe?.inFlight ?? 0,
      rate: perSecond,
      p99Ms,
      longestGapMs: Math.round(figures?.longestGapMs(at) ?? 0),
      holes: { count: figures?.holes ?? 0, ms: Math.round(figures?.holesMs ?? 0) },
      memory: process.resourceUsage().maxRSS * 1024,
      cpuMs: Math.round((process.cpuUsage().user + process.cpuUsage().system) / 1000),
      lastProblem: probe?.blindSince == null ? (figures?.lastProblem ?? problem) : "the probe's log cannot be written",
    };
    try {
      writeWhole(file(probeFiles.status), status);
    } catch (error) {
      // The same full disk keeps the log from being written, which the verdict learns as a hole; a heartbeat that stops is seen by itself.
      problem = String(error);
    }
  };
  const heart = setInterval(() => {
    if (existsSync(file(probeFiles.stop))) stop.now();
    beat();
  }, heartbeatMs);
  beat();

  try {
    const say = (what: string): void => {
      problem = what;
    };
    let known = knownSchema.safeParse(readWhole(file(probeFiles.known))).data ?? null;
    if (known === null) {
      const partitions = await untilDone({ signal, say, act: () => prepared(client) });
      if (partitions !== null) known = { partitions: [...partitions], control: null };
    }
    if (known !== null && !signal.aborted) {
      probe = new Probe({ ...options, client, log, clock, partitions: known.partitions });
      probe.start();
      if (control && known.control === null) known = { ...known, control: await plant({ client, probe, log, signal, say }) };
      writeWhole(file(probeFiles.known), known);
      state = "running";
      probe.pace();
      const { partitions } = known;
      const reached = probe;
      while (!signal.aborted && !ready) {
        if (partitions.every((partition) => reached.figures.acknowledgedOn(partition) > 0)) {
          ready = true;
          writeWhole(file(probeFiles.ready), { version: 1, at: clocks.read().wall, partitions, control: known.control });
          beat();
        }
        await pauseUnless(signal, 10);
      }
      await stop.told;
      state = "stopping";
      await probe.stop();
    }
  } finally {
    clearInterval(heart);
    stop.ignore();
    log.append([{ is: "ended", at: clocks.read().at }]);
    state = "stopped";
    beat();
    log.close();
    removeFile(file(probeFiles.pid));
  }
}

async function prepared(client: ContinuityClient): Promise<readonly string[]> {
  await client.prepare();
  const partitions = await client.partitions();
  if (partitions.length === 0) throw new StillwaterError("SW5001", "the cluster has no partition that the probe could write to");
  return partitions;
}

interface Trying {
  readonly signal: AbortSignal;
  readonly say: (problem: string) => void;
}

/** Null: told to stop before it was done. */
async function untilDone<T>({ signal, say, act }: Trying & { readonly act: () => Promise<T> }): Promise<T | null> {
  for (let waitMs = 50; !signal.aborted; waitMs = Math.min(waitMs * 2, 1000)) {
    try {
      return await act();
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
      await pauseUnless(signal, waitMs);
    }
  }
  return null;
}

/** An acknowledged record, removed behind the probe's back. A record whose removal may or may not have happened is given up, and another one is made. */
async function plant({
  client,
  probe,
  log,
  signal,
  say,
}: Trying & { readonly client: ContinuityClient; readonly probe: Probe; readonly log: AttemptLog }): Promise<number | null> {
  return await untilDone({
    signal,
    say,
    act: async () => {
      const { record, key, outcome } = await probe.insert(0, (planted) => ({ is: "control", step: "planted", record: planted }));
      if (outcome.is !== "acknowledged") throw new Error(`the control record was not acknowledged: ${outcome.why}`);
      await client.removeBehindTheProbe(key);
      log.append([{ is: "control", step: "removed", record }]);
      return record;
    },
  });
}

async function pauseUnless(signal: AbortSignal, ms: number): Promise<void> {
  try {
    await pause(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

export function stopping(
  run: Pick<RunProbeOptions, "signal" | "signals">,
  stopFile: string,
): { readonly signal: AbortSignal; readonly told: Promise<void>; now(): void; ignore(): void } {
  const controller = new AbortController();
  const told = new Promise<void>((resolve) => {
    controller.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  const now = (): void => controller.abort();
  if (run.signal?.aborted === true || existsSync(stopFile)) now();
  run.signal?.addEventListener("abort", now, { once: true });
  if (run.signals !== false) for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, now);
  const ignore = (): void => {
    run.signal?.removeEventListener("abort", now);
    for (const name of ["SIGTERM", "SIGINT"] as const) process.off(name, now);
  };
  return { signal: controller.signal, told, now, ignore };
}

/** Start time of a process in clock ticks; null: no such process, or a system without /proc. */
function startOf(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}

const identity = z.object({ pid: z.number(), start: z.string().nullable() });

/** The process of the probe that is alive in this directory; null: there is none. */
export function livingProbe(directory: string): number | null {
  const held = identity.safeParse(readWhole(join(directory, probeFiles.pid))).data;
  return held !== undefined && held.start !== null && startOf(held.pid) === held.start ? held.pid : null;
}

/** Two probes would use the same sequences for different writes. */
export function refuseASecondProbe(directory: string): void {
  const living = livingProbe(directory);
  const path = join(directory, probeFiles.pid);
  if (living !== null && living !== process.pid)
    throw new StillwaterError("SW5001", `a probe is alive in this directory: pid ${String(living)}`, { object: path });
  writeFileSync(path, JSON.stringify({ pid: process.pid, start: startOf(process.pid) }));
}
