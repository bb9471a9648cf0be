// The engine's surroundings in the product: the wall clock, a store's journal, claims on hosts, a heartbeat.
import { setTimeout as delay } from "node:timers/promises";
import type { Claim, Progress, Signal, Store } from "../journal/store.ts";
import { ClaimLost } from "../model/errors.ts";
import type { JournalEntry, RunEvent } from "../model/event.ts";
import type { Fence } from "../model/fence.ts";
import type { Failpoints } from "./failpoints.ts";
import type { Surroundings } from "./surroundings.ts";

/** The claim on every host of the cluster. Host records carry it, and the helper on the host refuses effects of an older one. */
export interface FencedHosts {
  /** Extends the records' expiry; rejects only when a host says that somebody else has claimed it. A host that does not answer is left for the next time. */
  renew(until: number): Promise<void>;
  /** A new connection number on every host that can be reached: what may still be on the way is refused. */
  raise(): Promise<void>;
  /** What effects carry now. */
  fence(signal: AbortSignal): Fence;
}
export interface LiveOptions {
  readonly store: Store;
  readonly claim: Claim;
  readonly run: number;
  readonly hosts: FencedHosts;
  readonly leaseMs: number;
  readonly failpoints: Failpoints;
  readonly now: () => number;
  readonly entry: (entry: JournalEntry) => void;
  readonly progress: (progress: Progress) => void;
}

/** Of the wall clock, ms since 1970, and of the monotonic one. */
interface Moment {
  readonly wall: number;
  readonly elapsed: number;
}

/** An effect over the network must be over this long before the claim could pass to somebody else. */
const DEADLINE_MARGIN_MS = 2_000;
/** How often people's view of a waiting step is renewed in the store. */
const PROGRESS_EVERY_MS = 500;

export class LiveSurroundings implements Surroundings {
  readonly #options: LiveOptions;
  readonly #lost = new AbortController();
  #until: number;
  #signal: Signal = { desired: "run", by: "", reason: "" };
  #wake: AbortController | null = null;
  #heartbeat: NodeJS.Timeout | null = null;
  #stopped = false;
  /** When the last renewal of the hosts' records began, and when the last one that was answered did. */
  #renewing: Moment;
  #renewed: Moment;
  #fault: Error | null = null;
  #shown: { key: string; at: number } = { key: "", at: 0 };
  readonly #began: Moment;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#until = options.claim.until;
    this.#began = this.#renewing = this.#renewed = this.#moment();
  }

  /** Reads the signal once and keeps the claim alive until `stop`. */
  async start(): Promise<void> {
    this.#signal = await this.#options.store.readSignal(this.#options.run);
    // A pause or abort must be seen while a long step only waits, so the heartbeat is much shorter than the lease needs.
    const every = Math.min(1_000, this.#options.leaseMs / 3);
    this.#renewing = this.#renewed = this.#moment();
    const beat = async (): Promise<void> => {
      try {
        await this.#prove([]);
      } catch (error) {
        // A journal that is locked or full for a moment takes nothing from us while the claim stands; what must be written says so by itself.
        if (error instanceof ClaimLost || this.#options.now() > this.#until - DEADLINE_MARGIN_MS) return this.#fail(error);
      }
      // Not waited for: a host that hangs, or that is busy with a long effect, must not stop the heart of the claim itself.
      if (this.#since(this.#renewing) >= this.#options.leaseMs / 3) this.#renewHosts().catch((error: unknown) => this.#fail(error));
      if (!this.#stopped) next();
    };
    const next = (): void => {
      this.#heartbeat = setTimeout(() => void beat(), every);
      this.#heartbeat.unref();
    };
    next();
  }
  stop(): void {
    this.#stopped = true;
    if (this.#heartbeat) clearTimeout(this.#heartbeat);
    this.#heartbeat = null;
  }
  async #renewHosts(): Promise<void> {
    const began = (this.#renewing = this.#moment());
    await this.#options.hosts.renew(this.#until);
    if (began.elapsed > this.#renewed.elapsed) this.#renewed = began;
  }
  /** From here on nothing is begun any more, and what is under way over the network is cut off. */
  #fail(error: unknown): void {
    if (this.#stopped || this.#fault !== null) return;
    this.#fault = error instanceof Error ? error : new Error(String(error));
    this.#lost.abort(error);
    this.#wake?.abort();
  }

  /** Runs on evenly whatever is done to the wall clock: an effect must not be sent twice within its time to settle, nor a wait last for hours. */
  now(): number {
    return this.#began.wall + Math.round(performance.now() - this.#began.elapsed);
  }
  #moment(): Moment {
    return { wall: this.#options.now(), elapsed: performance.now() };
  }
  /** By the clock that has run further: the wall clock may be set back, and the other one stands still while the machine sleeps. */
  #since(moment: Moment): number {
    return Math.max(this.#options.now() - moment.wall, performance.now() - moment.elapsed);
  }
  signal(): Signal {
    return this.#signal;
  }
  async sleep(ms: number): Promise<void> {
    this.#check();
    this.#wake = new AbortController();
    try {
      await delay(ms, undefined, { signal: this.#wake.signal });
    } catch (error) {
      if (!(error instanceof Error && error.name === "AbortError")) throw error;
    }
    this.#check();
  }
  async append(events: readonly RunEvent[]): Promise<void> {
    this.#check();
    this.#options.failpoints.reached("before", events);
    await this.#prove(events);
    this.#options.failpoints.reached("after", events);
  }
  async raiseFences(): Promise<void> {
    await this.#options.hosts.raise();
  }

  async send<T>(via: string | null, effect: (fence: Fence) => T | Promise<T>): Promise<T> {
    this.#check();
    // Nobody can fence the network, so there the claim is proved immediately before; on a host the helper refuses an older epoch by itself.
    if (via === null) {
      // The records on the hosts may have run out (a process that was frozen): then somebody with another journal may be at work, of whom ours knows nothing.
      if (this.#since(this.#renewed) > this.#options.leaseMs / 2) await this.#renewHosts();
      await this.#prove([]);
    } else if (this.#options.now() > this.#until - DEADLINE_MARGIN_MS) await this.#prove([]);
    const { hosts, failpoints } = this.#options;
    const deadline = via === null ? AbortSignal.timeout(Math.max(1, this.#until - this.#options.now() - DEADLINE_MARGIN_MS)) : null;
    const signal = deadline ? AbortSignal.any([deadline, this.#lost.signal]) : this.#lost.signal;
    failpoints.effectBegins();
    return effect(hosts.fence(signal));
  }

  progress(step: string | null, state: string): void {
    const at = this.now();
    const key = `${step ?? ""} ${state}`;
    if (key === this.#shown.key && at - this.#shown.at < PROGRESS_EVERY_MS) return;
    this.#shown = { key, at };
    this.#options.progress({ at, turn: null, step, state });
  }

  #check(): void {
    if (this.#fault !== null) throw this.#fault;
  }
  async #prove(events: readonly RunEvent[]): Promise<void> {
    const { until, signal, entries } = await this.#options.store.append(this.#options.claim, this.#options.run, events);
    this.#until = until;
    if (signal.desired !== this.#signal.desired) this.#wake?.abort();
    this.#signal = signal;
    for (const entry of entries) this.#options.entry(entry);
  }
}
