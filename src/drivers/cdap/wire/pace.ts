// How fast the server is asked: what drains a platform must not be what brings it down.

/** Requests a second that are always fine; a few are left for what is tried beside a run, and for requests that are late on their way. */
const base = 16;
/** One more for every so many programs that run. */
const programsEach = 25;

export interface PaceOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

/**
 * Spreads requests evenly over time, once a drain has begun: at most `programs / 25 + 16` a second, by the largest number of running programs that was seen.
 * Before that, one look over everything takes as long as the answers do.
 */
export class Pace {
  readonly #options: PaceOptions;
  readonly #programs = new Map<string, number>();
  #next = 0;
  #limited = false;
  /** Those that wait for their time, one after another: a process that was held up must not make up for it at once. */
  #queued = 0;
  #turn: Promise<void> = Promise.resolve();

  constructor(options: PaceOptions) {
    this.#options = options;
  }
  /** So many programs of a namespace run. */
  sees(namespace: string, programs: number): void {
    this.#programs.set(namespace, Math.max(this.#programs.get(namespace) ?? 0, programs));
  }
  /** From now on. */
  limit(): void {
    this.#limited = true;
  }
  get #intervalMs(): number {
    const programs = [...this.#programs.values()].reduce((sum, own) => sum + own, 0);
    return 1_000 / (base + programs / programsEach);
  }
  /** When the next request would be sent, ms since 1970. */
  get next(): number {
    return Math.max(this.#options.now(), this.#next) + this.#queued * this.#intervalMs;
  }
  /** Resolves when one more request may be sent. */
  async take(): Promise<void> {
    if (!this.#limited) return;
    this.#queued += 1;
    const mine = this.#turn.then(() => this.#waited()).finally(() => (this.#queued -= 1));
    this.#turn = mine.catch(() => undefined);
    await mine;
  }
  async #waited(): Promise<void> {
    const { now, wait } = this.#options;
    for (let left = this.#next - now(); left > 0; left = this.#next - now()) await wait(left);
    // What a timer was late is made up for, but no more than one request's time.
    this.#next = Math.max(this.#next, now() - this.#intervalMs) + this.#intervalMs;
  }
}
