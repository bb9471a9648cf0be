// How fast the server is asked: what drains a platform must not be what brings it down.

/** Requests a second that are always fine. */
const base = 18;
/** One more for every so many programs that run. */
const programsEach = 25;

export interface PaceOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

/**
 * Spreads requests evenly over time, once a drain has begun: at most `programs / 25 + 18` a second, by the largest number of running programs that was seen.
 * Before that, one look over everything takes as long as the answers do.
 */
export class Pace {
  readonly #options: PaceOptions;
  #programs = 0;
  #next = 0;
  #limited = false;

  constructor(options: PaceOptions) {
    this.#options = options;
  }
  /** So many programs run. */
  sees(programs: number): void {
    this.#programs = Math.max(this.#programs, programs);
  }
  /** From now on. */
  limit(): void {
    this.#limited = true;
  }
  /** When the next request would be sent, ms since 1970. */
  get next(): number {
    return Math.max(this.#options.now(), this.#next);
  }
  /** Resolves when one more request may be sent. */
  async take(): Promise<void> {
    if (!this.#limited) return;
    const now = this.#options.now();
    const at = Math.max(now, this.#next);
    this.#next = at + 1000 / (base + this.#programs / programsEach);
    if (at > now) await this.#options.wait(at - now);
  }
}
