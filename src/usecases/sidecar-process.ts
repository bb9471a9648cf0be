// Probe and watchdog of one run. Ends when the run has finished and the verdict is written, or when nobody has come back for a long time.
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { checkRecords, type CheckResult } from "../continuity/check.ts";
import { readLog } from "../continuity/log-reader.ts";
import { watchedFile, Watcher } from "../continuity/watching/watcher.ts";
import { runProbe } from "../continuity/process.ts";
import { seriesOf } from "../continuity/series.ts";
import { awaitReady } from "../continuity/status.ts";
import { summarise } from "../continuity/summary.ts";
import { judgeContinuity } from "../continuity/verdict.ts";
import { thisHolder } from "../journal/process-identity.ts";
import { lockForLife } from "../journal/sqlite/process-lock.ts";
import type { RunRecord } from "../journal/store.ts";
import type { ContinuityClient } from "../model/continuity.ts";
import { StillwaterError } from "../model/errors.ts";
import { isUndo } from "../model/step.ts";
import type { Watched, Watches } from "../model/watch.ts";
import { riskWindows } from "../report/windows.ts";
import { alertOperator } from "./alert.ts";
import { isOfRun, readWhole, sidecarFiles, writeWhole, type Conclusion, type Readiness, type SidecarSettings } from "./sidecar.ts";
import { Watchdog, type Watch } from "./watchdog.ts";
import { openWorkspace, type Workspace } from "./workspace.ts";

const LOOK_EVERY_MS = 200;
/** A run that nobody works on for so long is not probed any further: the log would grow for ever. A resume starts the probe again. */
const ABANDONED_MS = 15 * 60_000;
/** A run that was stopped in order is probed longer: a pause over lunch must not leave its windows unmeasured. */
const STANDING_MS = 4 * 3_600_000;
const PROBE_READY_MS = 25_000;
const DRAIN_MS = 10_000;

const say = (text: string): void => {
  process.stderr.write(`${new Date().toISOString()} ${text}\n`);
};
const messageOf = (error: unknown): string => {
  if (error instanceof StillwaterError) return [error.message, ...error.why].join("; ");
  return error instanceof Error ? error.message : String(error);
};

/**
 * The only one of its run: whoever starts one cannot see another that was started a moment before, and two would judge the run twice, the second one
 * when the first has removed the records. The one that comes second ends at once; whoever waits for it hears the first one.
 */
export async function sidecar(directory: string): Promise<void> {
  const settings = await readWhole<SidecarSettings>(join(directory, sidecarFiles.settings));
  if (!settings) throw new StillwaterError("SW9999", "The sidecar was started without its settings.", { object: directory });
  const lock = lockForLife(join(directory, sidecarFiles.lock));
  if (lock === null) return say("another sidecar of this run lives: this one is not needed");
  try {
    await introduce(directory);
    await liveWith(directory, settings);
  } finally {
    lock.release();
  }
}

/** In this order: what was told before is its forerunner's, and must be gone when its own name can be read. */
async function introduce(directory: string): Promise<void> {
  await rm(join(directory, sidecarFiles.readiness), { force: true });
  await writeWhole(join(directory, sidecarFiles.process), thisHolder("sidecar"));
}

async function liveWith(directory: string, settings: SidecarSettings): Promise<void> {
  const workspace = openWorkspace(settings);
  try {
    const record = await (await workspace.store()).run(settings.run);
    if (!record) throw new StillwaterError("SW1004", `There is no run ${settings.run}.`);
    await new Sidecar(workspace, record, directory, settings.probe).live();
  } catch (error) {
    say(`failed: ${messageOf(error)}`);
    await tell(directory, { ready: false, why: messageOf(error) });
    throw error;
  } finally {
    await workspace.close();
  }
}

const tell = (directory: string, readiness: Readiness): Promise<void> => writeWhole(join(directory, sidecarFiles.readiness), readiness);

/** Nobody works on the run. */
type Left = Extract<Watch, { readonly since: number }>;

/** The life of the process, from its start to its end. Exported for its tests. */
export class Sidecar {
  readonly #workspace: Workspace;
  readonly #record: RunRecord;
  readonly #directory: string;
  readonly #probes: boolean;
  readonly #stop = new AbortController();
  #client: ContinuityClient | null = null;
  #probing: Promise<void> = Promise.resolve();
  #watches: Watches | null = null;
  #watcher: Watcher | null = null;

  constructor(workspace: Workspace, record: RunRecord, directory: string, probes: boolean) {
    this.#workspace = workspace;
    this.#record = record;
    this.#directory = directory;
    this.#probes = probes;
  }

  async live(): Promise<void> {
    try {
      await this.#untilOver();
    } finally {
      await this.#client?.close();
      await this.#watches?.close();
    }
  }

  async #untilOver(): Promise<void> {
    const watchdog = new Watchdog(this.#workspace, this.#record, say);
    const finished = (await watchdog.look()).is === "finished";
    if (finished) await tell(this.#directory, { ready: true });
    else await this.#begin();
    for (;;) {
      // Whoever removes the run's directory has no more use for it: a process that nobody can find must not write on, least of all into another run's.
      if (!(await this.#isOurs())) return;
      const watch = await watchdog.look().catch((error: unknown) => {
        say(`the watchdog could not look: ${messageOf(error)}`);
        return null;
      });
      if (watch?.is === "finished") return this.#conclude();
      if (watch !== null && this.#isLongAgo(watch)) {
        if (!this.#stop.signal.aborted) {
          await this.#drain();
          // That takes its time: whoever has come meanwhile counts on a watchdog.
          continue;
        }
        // The watchdog stays as long as something is left that it may still put back.
        if (watch.is === "standing" || watch.over) return;
      }
      await delay(LOOK_EVERY_MS);
    }
  }

  #isLongAgo(watch: Watch): watch is Left {
    if (watch.is !== "orphaned" && watch.is !== "standing") return false;
    return this.#workspace.now() - watch.since > (watch.is === "orphaned" ? ABANDONED_MS : STANDING_MS);
  }

  async #isOurs(): Promise<boolean> {
    const settings = await readWhole<SidecarSettings>(join(this.#directory, sidecarFiles.settings));
    return settings !== null && isOfRun(settings, this.#record, (await this.#workspace.store()).id);
  }

  /** That there is no probe must not leave the cluster without a watchdog. */
  async #begin(): Promise<void> {
    try {
      await this.#open();
      this.#startWatching();
      await this.#startProbe();
    } catch (error) {
      say(`no probe: ${messageOf(error)}`);
      await tell(this.#directory, { ready: false, why: messageOf(error) });
    }
  }
  async #open(): Promise<void> {
    if (!this.#probes || this.#client || this.#watches) return;
    const { continuity } = await this.#workspace.definition();
    const driver = await this.#workspace.driver();
    this.#client = (await driver.continuity?.({ definition: continuity, name: `run${this.#record.id}`, turns: this.#record.plan.turns })) ?? null;
    this.#watches ??= (await driver.watches?.(`run${this.#record.id}`)) ?? null;
  }
  #startWatching(): void {
    if (!this.#watches) return;
    this.#watcher = this.#watching(this.#watches);
    this.#watcher.start();
  }
  #watching(watches: Watches): Watcher {
    return new Watcher({
      watches,
      file: join(this.#directory, watchedFile),
      now: () => this.#workspace.now(),
      say,
      deliver: ({ key, at, object, what, watch, policy, why }) =>
        alertOperator(this.#workspace, { plan: this.#record.plan.hash, is: "watched", watch, key, at, object, what, policy, why }),
    });
  }

  async #startProbe(): Promise<void> {
    if (!this.#client) return tell(this.#directory, { ready: true });
    const { continuity } = await this.#workspace.definition();
    this.#probing = runProbe({
      client: this.#client,
      options: { name: `run${this.#record.id}`, rate: continuity.rate },
      directory: this.#directory,
      signal: this.#stop.signal,
      signals: false,
    });
    const failed = this.#probing.then(
      () => "the probe ended before it was ready",
      (error: unknown) => messageOf(error),
    );
    const ready = awaitReady(this.#directory, PROBE_READY_MS).then(
      () => null,
      (error: unknown) => messageOf(error),
    );
    const why = await Promise.race([ready, failed]);
    await tell(this.#directory, why === null ? { ready: true } : { ready: false, why });
  }

  async #drain(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    await this.#watcher?.stop();
    const outcome = await Promise.race([
      this.#probing.then(
        () => "done",
        (error: unknown) => `the probe failed: ${messageOf(error)}`,
      ),
      // What is in flight has the client's own time to end.
      delay(DRAIN_MS + (this.#client?.deadlineMs ?? 0), "the probe did not stop in time", { ref: false }),
    ]);
    if (outcome !== "done") say(outcome);
  }

  /**
   * Judged once. The verdict is kept beside its place while the probe's records are removed: a sidecar that dies in between finds it there, and does not
   * take records that are gone for lost ones.
   */
  async #conclude(): Promise<void> {
    const file = (name: string): string => join(this.#directory, name);
    if ((await readWhole<Conclusion>(file(sidecarFiles.conclusion))) !== null) return;
    // Without it nothing can be judged: whoever waits starts another sidecar, and says "not measured" when that cannot either.
    await this.#open();
    let conclusion = await readWhole<Conclusion>(file(sidecarFiles.judged));
    if (conclusion === null) {
      const judged = this.#client ? await this.#judge(this.#client) : { version: 1 as const, verdict: null, series: [], partitions: [] };
      conclusion = { ...judged, watched: await this.#watchedToTheEnd() };
      await writeWhole(file(sidecarFiles.judged), conclusion);
    }
    // What was lost is evidence: then the records stay for whoever looks for the cause.
    if (conclusion.verdict?.verdict !== "fail")
      await this.#client?.cleanUp().catch((error: unknown) => say(`the probe's table could not be removed: ${messageOf(error)}`));
    await rename(file(sidecarFiles.judged), file(sidecarFiles.conclusion));
  }

  /** A sidecar that came only to conclude has watched nothing itself: what its forerunner saw is handed over and told all the same. */
  async #watchedToTheEnd(): Promise<Watched | null> {
    if (!this.#watches) return null;
    if (!this.#client) await this.#awaitQuiet(await this.#rejoinedAt());
    return (this.#watcher ?? this.#watching(this.#watches)).finish();
  }
  async #rejoinedAt(): Promise<number> {
    const entries = await (await this.#workspace.store()).read(this.#record.id, 0);
    return entries.findLast(({ event }) => event.is === "finished")?.at ?? this.#workspace.now();
  }

  /** The cluster is probed on until the first read begins, so that the time after the run is measured too. */
  async #judge(client: ContinuityClient): Promise<Conclusion> {
    const { continuity } = await this.#workspace.definition();
    const entries = await (await this.#workspace.store()).read(this.#record.id, 0);
    const rejoinedAt = entries.findLast(({ event }) => event.is === "finished")?.at ?? this.#workspace.now();
    await this.#awaitQuiet(rejoinedAt);
    await this.#drain();
    const partitions = await client.partitions().catch(() => []);
    const windows = riskWindows(this.#record.plan, entries, partitions.length > 0 ? partitions : ["all"]);
    const directory = this.#directory;
    const atEnd = await checkRecords({ client, directory });
    const left = rejoinedAt + continuity.verifyAfterS * 1000 - this.#workspace.now();
    if (left > 0) await delay(left);
    const afterwards: CheckResult = await checkRecords({ client, directory });
    const verdict = judgeContinuity({
      summary: await summarise(readLog(directory), windows),
      atEnd,
      afterwards,
      rejoinedAt,
      verifyAfterS: continuity.verifyAfterS,
      minAcks: continuity.minAcks,
      route: client.route,
      clocks: (await client.clocks?.().catch(() => [])) ?? [],
      durability: await client.durability().catch((error: unknown) => `not known: ${messageOf(error)}`),
      // From the plan, not from the journal: a run whose windows cannot be told must not pass for that.
      nothingAtRisk: !this.#record.plan.turns.some((turn) =>
        turn.items.some((item) => !isUndo(item) && (item.phase === "move" || item.phase === "stop")),
      ),
    });
    const { buckets } = await seriesOf(readLog(directory), { maximumBuckets: 6_000 });
    return { version: 1, verdict, series: buckets, partitions };
  }

  /** Some acknowledgements after the last step, so that `after` has a figure. */
  async #awaitQuiet(rejoinedAt: number): Promise<void> {
    const until = rejoinedAt + 500;
    if (this.#workspace.now() < until) await delay(until - this.#workspace.now());
  }
}
