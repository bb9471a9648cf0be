/** Milliseconds: the engine asks for the look immediately after `prepare`. */
const believedMs = 50;

/**
 * What `prepare` saw, for the look that follows it at once and before anything can have been done: asking the host twice lengthens an outage by
 * nothing learnt. Taken once, so that a look after an act never gets it.
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
