import type { Timer } from "./clock.ts";

export class ScheduledTimer implements Timer {
  readonly at: number;
  /** Timers of one instant fire in the order in which they were set. */
  readonly order: number;
  action: (() => void) | null;
  readonly #cancelled: () => void;

  constructor(at: number, order: number, action: () => void, cancelled: () => void) {
    this.at = at;
    this.order = order;
    this.action = action;
    this.#cancelled = cancelled;
  }

  cancel(): void {
    if (this.action === null) return;
    this.action = null;
    this.#cancelled();
  }
}

const before = (a: ScheduledTimer, b: ScheduledTimer): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** Binary heap. Cancelled timers stay in it until they come up, or until they are the majority: most time-outs are cancelled, and removing each would cost a search. */
export class TimerHeap {
  #timers: ScheduledTimer[] = [];
  #cancelled = 0;
  #order = 0;
  readonly #countCancelled = (): void => {
    this.#cancelled += 1;
    if (this.#cancelled > 1_000 && this.#cancelled * 2 > this.#timers.length) this.#compact();
  };

  add(at: number, action: () => void): ScheduledTimer {
    const timer = new ScheduledTimer(at, this.#order, action, this.#countCancelled);
    this.#order += 1;
    this.#timers.push(timer);
    this.#up(this.#timers.length - 1);
    return timer;
  }

  /** The instant of the next timer; null: none. */
  next(): number | null {
    for (;;) {
      const first = this.#timers[0];
      if (first === undefined) return null;
      if (first.action !== null) return first.at;
      this.#removeFirst();
      this.#cancelled -= 1;
    }
  }

  /** Removes the next timer; null: none. */
  take(): { readonly at: number; readonly action: () => void } | null {
    if (this.next() === null) return null;
    const timer = this.#removeFirst();
    if (timer === undefined || timer.action === null) return null;
    const { at, action } = timer;
    // Fired: a later cancel has nothing to do.
    timer.action = null;
    return { at, action };
  }

  #removeFirst(): ScheduledTimer | undefined {
    const first = this.#timers[0];
    const last = this.#timers.pop();
    if (last !== undefined && this.#timers.length > 0) {
      this.#timers[0] = last;
      this.#down(0);
    }
    return first;
  }

  #up(from: number): void {
    const timers = this.#timers;
    const timer = timers[from];
    if (timer === undefined) return;
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = timers[parentIndex];
      if (parent === undefined || !before(timer, parent)) break;
      timers[index] = parent;
      index = parentIndex;
    }
    timers[index] = timer;
  }

  #down(from: number): void {
    const timers = this.#timers;
    const timer = timers[from];
    if (timer === undefined) return;
    let index = from;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = timers[childIndex];
      if (child === undefined) break;
      const right = timers[childIndex + 1];
      if (right !== undefined && before(right, child)) {
        child = right;
        childIndex += 1;
      }
      if (!before(child, timer)) break;
      timers[index] = child;
      index = childIndex;
    }
    timers[index] = timer;
  }

  #compact(): void {
    this.#timers = this.#timers.filter(({ action }) => action !== null);
    this.#cancelled = 0;
    for (let index = (this.#timers.length >> 1) - 1; index >= 0; index -= 1) this.#down(index);
  }
}
