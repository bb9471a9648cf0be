/** Milliseconds: the engine asks for what follows immediately. */
const believedMs = 50;

/**
 * What one part of a step saw, for the part that follows it at once and before anything can have been done: asking the host twice lengthens an outage by
 * nothing learnt. Taken once, and given only where no act of ours lies between, so that a look after an act never gets what was seen before it.
 */
export class HandOver<T> {
  readonly #held = new Map<string, { readonly at: number; readonly seen: T }>();
  readonly #now: () => number;
  constructor(now: () => number) {
    this.#now = now;
  }
  give(step: string, seen: T): T {
    this.#held.set(step, { at: this.#now(), seen });
    return seen;
  }
  take(step: string): T | null {
    const held = this.#held.get(step);
    this.#held.delete(step);
    return held !== undefined && this.#now() - held.at <= believedMs ? held.seen : null;
  }
}
