/** Milliseconds: what follows is asked for immediately, with nothing between but the journal and one act on the same host. */
const believedMs = 200;

/**
 * What one part of a step saw, for the part that follows it at once and before anything can have been done: asking the host twice lengthens an outage by
 * nothing learnt. Taken once, and given only where no act of ours lies between (`forget`), so that a look after an act never gets what was seen before it.
 */
export class HandOver<T extends object> {
  readonly #held = new Map<string, T>();
  readonly #since = new WeakMap<T, number>();
  readonly #now: () => number;
  constructor(now: () => number) {
    this.#now = now;
  }
  /** `as`: what it was made of, whose age it has. Handed on again and again it gets no younger. */
  give(step: string, seen: T, as: T = seen): T {
    this.#since.set(seen, this.#since.get(as) ?? this.#now());
    this.#held.set(step, seen);
    return seen;
  }
  /** Before an act that changes what was seen. */
  forget(step: string): void {
    this.#held.delete(step);
  }
  take(step: string): T | null {
    const held = this.#held.get(step);
    this.#held.delete(step);
    return held !== undefined && this.#now() - (this.#since.get(held) ?? 0) <= believedMs ? held : null;
  }
}
