// How fast the server is asked while many programs are looked at: a drain must not be what brings the platform down.

/** Requests a second that are always fine. */
const base = 18;
/** One more for every so many programs. */
const programsEach = 25;

export interface PaceOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

/** Spreads requests evenly: `programs / 25 + 18` a second. */
export class Pace {
  readonly #options: PaceOptions;
  #everyMs = 1000 / base;
  #next = 0;

  constructor(options: PaceOptions) {
    this.#options = options;
  }
  /** How many programs there are. */
  set programs(count: number) {
    this.#everyMs = 1000 / (base + count / programsEach);
  }
  /** When the next request may be sent, ms since 1970. */
  get next(): number {
    return Math.max(this.#options.now(), this.#next);
  }
  /** Resolves when `requests` more may be sent. */
  async take(requests = 1): Promise<void> {
    const now = this.#options.now();
    const at = Math.max(now, this.#next);
    this.#next = at + requests * this.#everyMs;
    if (at > now) await this.#options.wait(at - now);
  }
}
