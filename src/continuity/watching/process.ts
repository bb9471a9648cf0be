// Watches as a process of their own, for a system whose clients write no records: what `probe start` runs there.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Watched, Watches } from "../../model/watch.ts";
import { probeFiles, removeFile, writeWhole } from "../files.ts";
import { refuseASecondProbe, stopping } from "../process.ts";
import type { ProbeStatus } from "../status.ts";
import { watchedFile, Watcher } from "./watcher.ts";

export interface RunWatchingOptions {
  readonly watches: Watches;
  /** Its own: what was seen, status, markers. Made when absent. */
  readonly directory: string;
  readonly deliver: (event: Watched["events"][number]) => Promise<void>;
  readonly say: (text: string) => void;
  /** Whether to listen for SIGTERM and SIGINT. Default true. */
  readonly signals?: boolean;
}
const heartbeatMs = 250;
/** Whoever stops the probe waits a minute. */
const handOverMs = 40_000;

/** Watches until it is told to stop. Error SW5001 when another probe is alive in this directory. */
export async function runWatching({ watches, directory, deliver, say, signals }: RunWatchingOptions): Promise<void> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = (name: string): string => join(directory, name);
  refuseASecondProbe(directory);
  removeFile(file(probeFiles.ready));
  const watcher = new Watcher({ watches, file: file(watchedFile), now: Date.now, deliver, say, handOverMs });
  const stop = stopping(signals === undefined ? {} : { signals }, file(probeFiles.stop));
  let state: ProbeStatus["state"] = "running";
  const beat = (): void => {
    // Whoever asks at once for how it stands finds something to read.
    const ready =
      existsSync(file(watchedFile)) && watches.features.every(({ feature }) => watcher.seen.features.some((seen) => seen.feature === feature));
    try {
      writeWhole(file(probeFiles.status), statusOf(watcher.seen, { state, ready }));
    } catch (error) {
      // A full disk: the heartbeat that stops is seen by itself.
      say(error instanceof Error ? error.message : String(error));
    }
  };
  const heart = setInterval(() => {
    if (existsSync(file(probeFiles.stop))) stop.now();
    beat();
  }, heartbeatMs);
  try {
    writeWhole(file(probeFiles.ready), { version: 1, at: Date.now(), partitions: watches.features.map(({ feature }) => feature), control: null });
    watcher.start();
    beat();
    await stop.told;
    state = "stopping";
    await watcher.finish();
  } finally {
    clearInterval(heart);
    stop.ignore();
    state = "stopped";
    beat();
    removeFile(file(probeFiles.pid));
  }
}

function statusOf({ features }: Watched, { state, ready }: Pick<ProbeStatus, "state" | "ready">): ProbeStatus {
  const sum = (of: "tries" | "works" | "refused" | "failed"): number => features.reduce((all, feature) => all + feature[of], 0);
  const outages = features.flatMap((feature) => feature.outages.map(({ from, to }) => (to ?? Date.now()) - from));
  const { user, system } = process.cpuUsage();
  return {
    version: 1,
    pid: process.pid,
    generation: 1,
    state,
    ready,
    at: Date.now(),
    attempts: sum("tries"),
    acknowledged: sum("works"),
    refused: sum("refused"),
    unknown: sum("failed"),
    unsent: 0,
    inFlight: 0,
    rate: 0,
    p99Ms: null,
    longestGapMs: Math.max(0, ...outages),
    holes: { count: 0, ms: features.reduce((all, { holesMs }) => all + holesMs, 0) },
    memory: process.resourceUsage().maxRSS * 1024,
    cpuMs: Math.round((user + system) / 1000),
    lastProblem: null,
  };
}
