import type { Clock, Timer } from "./clock.ts";
import { seededRandom } from "./random.ts";
import { TimerHeap } from "./timer-heap.ts";

/**
 * Callbacks of setImmediate that are set together run in one round of Node's event loop, and all microtasks are drained between each two of them:
 * a timer of the virtual world costs one callback instead of one round.
 */
const CALLBACKS_A_ROUND = 256;
/** What is driven only to get one answer needs few. */
const CALLBACKS_AT_FIRST = 8;
const DAY_MS = 86_400_000;

export interface WorldOptions {
  readonly seed?: number;
  /** Milliseconds since 1970. */
  readonly start?: number;
}

/** Virtual time: whoever lives in it may use promises as it likes; when nobody has anything left to do at this instant, the next timer fires. */
export class VirtualWorld implements Clock {
  #now: number;
  #driven = false;
  #outside = 0;
  #fired = 0;
  readonly #timers = new TimerHeap();
  readonly random: () => number;

  constructor({ seed = 1, start = Date.UTC(2026, 0, 1) }: WorldOptions = {}) {
    this.#now = start;
    this.random = seededRandom(seed);
  }

  now(): number {
    return this.#now;
  }

  /** Timers that have fired so far. */
  get fired(): number {
    return this.#fired;
  }

  after(ms: number, then: () => void): Timer {
    return this.#timers.add(this.#now + Math.max(0, ms), then);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  /** Virtual time stands still meanwhile: for work that needs the real world (files, child processes). */
  async outside<T>(work: () => Promise<T>): Promise<T> {
    this.#outside += 1;
    try {
      return await work();
    } finally {
      this.#outside -= 1;
    }
  }

  /** Everything that happens in the next `ms` milliseconds. */
  advance(ms: number): Promise<void> {
    return this.run(this.sleep(ms), Number.POSITIVE_INFINITY);
  }

  /** Lets the world go on until the promise is settled. Error when nothing is left that could settle it, and when it takes longer than `withinMs` of virtual time. */
  run<T>(until: Promise<T>, withinMs: number = DAY_MS): Promise<T> {
    if (this.#driven) throw new Error("the virtual world is driven already: await inside of it instead");
    this.#driven = true;
    const end = this.#now + withinMs;
    return new Promise<T>((resolve, reject) => {
      let over = false;
      const stop = (settle: () => void): void => {
        if (over) return;
        over = true;
        this.#driven = false;
        settle();
      };
      until.then(
        (value) => {
          stop(() => {
            resolve(value);
          });
        },
        (error: unknown) => {
          stop(() => {
            reject(error instanceof Error ? error : new Error(String(error)));
          });
        },
      );
      const step = (): void => {
        if (over || this.#outside > 0) return;
        const next = this.#timers.next();
        if (next === null || next > end) {
          const why = next === null ? "nothing is left to happen" : `${String(withinMs)} ms of virtual time are over`;
          stop(() => {
            reject(new Error(`virtual world: ${why}, and the promise is not settled`));
          });
          return;
        }
        try {
          this.#fire();
        } catch (error) {
          stop(() => {
            reject(error instanceof Error ? error : new Error(String(error)));
          });
        }
      };
      let callbacks = CALLBACKS_AT_FIRST;
      const round = (): void => {
        if (over) return;
        // Whoever does real work needs rounds of the event loop, not callbacks.
        const inThisRound = this.#outside > 0 ? 1 : callbacks;
        for (let index = 0; index < inThisRound; index += 1) setImmediate(step);
        callbacks = Math.min(callbacks * 2, CALLBACKS_A_ROUND);
        setImmediate(round);
      };
      round();
    });
  }

  #fire(): void {
    const timer = this.#timers.take();
    if (timer === null) return;
    this.#now = timer.at;
    this.#fired += 1;
    timer.action();
  }
}
