// Work over a long list, in slices: a look that takes a minute would let nobody pause or abort.
import { inParallel } from "../wire/parallel.ts";
import type { Pace } from "../wire/pace.ts";

export interface SweepOptions<T> {
  readonly items: readonly T[];
  /** One request, or a few; what throws is tried again with the next slice. */
  readonly work: (item: T) => Promise<void>;
  readonly pace: Pace;
  readonly now: () => number;
}
const lanes = 16;

export class PatientSweep<T> {
  readonly of: number;
  readonly #options: SweepOptions<T>;
  #left: readonly T[];

  constructor(options: SweepOptions<T>) {
    this.#options = options;
    this.#left = options.items;
    this.of = options.items.length;
  }
  get done(): number {
    return this.of - this.#left.length;
  }
  /** True: every item has been worked on. The first error ends the slice, once what runs has ended. */
  async slice(forMs = 1_000): Promise<boolean> {
    const { work, pace, now } = this.#options;
    const until = now() + forMs;
    const over = new Set<T>();
    try {
      await inParallel(this.#left, lanes, async (item) => {
        if (pace.next > until) return;
        await work(item);
        over.add(item);
      });
    } finally {
      this.#left = this.#left.filter((item) => !over.has(item));
    }
    return this.#left.length === 0;
  }
}
