// Apply, resume and abort from the command line: shows the run while this process works on it, and hears Ctrl-C.
import type { Desired, Progress, RunRecord, Store } from "../../usecases/run-types.ts";
import type { JournalEntry } from "../../model/event.ts";
import { readProbeStatus, type ProbeStatus } from "../../usecases/probe-status.ts";
import type { RunObserver, RunResult } from "../../usecases/run-types.ts";
import { RunTracker, type RunView } from "../../usecases/run-view.ts";
import type { Context } from "../context.ts";
import { asStillwaterError } from "../render/error.ts";
import { clean } from "../render/text.ts";
import { askAtTerminal } from "./ask.ts";
import { show, type Shown } from "./follow.ts";

/** The operator wants to leave at once. */
export class Left extends Error {}

/** Runs `work` with an observer that shows what happens. Rejects with Left after a second Ctrl-C: the caller must end the process then. */
export async function showWork(context: Context, cluster: string, work: (observer: RunObserver) => Promise<RunResult>): Promise<RunResult> {
  const store = await context.workspace.store();
  let leave: (reason: Left) => void = () => undefined;
  const left = new Promise<never>((_, reject) => {
    leave = reject;
  });
  left.catch(() => undefined);
  const worker = new Worker(context, store, cluster);
  const stopListening = context.io.onInterrupt(() => {
    if (worker.interrupted()) leave(new Left());
  });
  try {
    return await Promise.race([work(worker), left]);
  } finally {
    stopListening();
    await worker.end();
  }
}

class Worker implements RunObserver {
  readonly #context: Context;
  readonly #store: Store;
  readonly #cluster: string;
  readonly #shown: Shown;
  readonly #timer: NodeJS.Timeout;
  #fresh: JournalEntry[] = [];
  #progress: Progress | null = null;
  #tracker: RunTracker | null = null;
  #finding: Promise<void> | null = null;
  #begun: RunRecord | null = null;
  #probe: ProbeStatus | null = null;
  #interrupts = 0;
  #desired: Desired = "run";

  constructor(context: Context, store: Store, cluster: string) {
    this.#context = context;
    this.#store = store;
    this.#cluster = cluster;
    this.#shown = show(context, {
      text: "[p] pause  [a] abort  [d] details",
      pressed: (key) => {
        if (key === "p") void this.#ask("pause", "pausing: what is under way finishes, nothing new begins");
        if (key === "a") void this.#ask("abort", "aborting: everything temporary is put back");
      },
    });
    this.#timer = setInterval(() => void this.#readProbe(), 1000);
    this.#timer.unref();
  }

  begun(record: RunRecord): void {
    this.#begun = record;
  }
  entry(entry: JournalEntry): void {
    this.#fresh.push(entry);
    this.#finding ??= this.#find().catch((thrown: unknown) => {
      // Only shown: the work goes on without, and the next entry tries again.
      this.#finding = null;
      this.#shown.notice(`the run cannot be shown: ${clean(asStillwaterError(thrown).message)}`);
    });
    this.#show();
  }
  progress(progress: Progress): void {
    this.#progress = progress;
    if (this.#tracker === null) return;
    this.#shown.progress(progress);
    this.#show();
  }

  /** True when it is time to leave at once. */
  interrupted(): boolean {
    this.#interrupts++;
    if (this.#interrupts > 1) return true;
    void this.#ask("pause", "pausing: what is under way finishes, nothing new begins; Ctrl-C again leaves");
    return false;
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#finding;
    await this.#readProbe();
    this.#shown.end();
  }

  async #find(): Promise<void> {
    const record = this.#begun;
    if (record === null) return;
    const tracker = new RunTracker(record);
    // A run that goes on has entries from before this process.
    const first = this.#fresh[0]?.n ?? 1;
    tracker.add((await this.#store.read(record.id, 0)).filter((entry) => entry.n < first));
    this.#tracker = tracker;
    this.#show();
  }

  #show(): void {
    const tracker = this.#tracker;
    if (tracker === null) return;
    const entries = this.#fresh;
    this.#fresh = [];
    tracker.add(entries);
    this.#shown.see({ record: tracker.record, view: () => this.#view(tracker), probe: this.#probe, entries });
  }
  #view(tracker: RunTracker): RunView {
    const now = this.#context.workspace.now();
    // It is this very process that works: nothing need be asked of the journal.
    const holder = { operator: "", host: "", pid: process.pid, startTicks: 0, bootId: "", verb: "" };
    return tracker.view({
      progress: this.#progress,
      signal: { desired: this.#desired, by: "", reason: "" },
      claim: { cluster: this.#cluster, epoch: 0, holder, since: now, until: now },
      holderIs: "alive",
      now,
    });
  }

  async #readProbe(): Promise<void> {
    if (this.#tracker === null) return;
    try {
      this.#probe = await readProbeStatus(this.#context.workspace, this.#tracker.record.id);
    } catch {
      // Only shown: what was read last stays, and the next second tries again.
    }
    this.#show();
  }

  async #ask(desired: "pause" | "abort", notice: string): Promise<void> {
    this.#shown.notice(notice);
    await this.#finding;
    if (this.#tracker === null) {
      this.#shown.notice("nothing was begun yet; Ctrl-C again leaves at once");
      return;
    }
    const refused = await askAtTerminal(this.#context.workspace, this.#tracker.record, desired);
    if (refused === null) this.#desired = desired;
    else this.#shown.notice(this.#interrupts > 0 ? `${refused}; Ctrl-C again leaves` : refused);
  }
}
