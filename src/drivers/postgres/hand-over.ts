/** Milliseconds: what follows is asked for immediately, with nothing between but the journal and one act on the same host. */
const believedMs = 200;

/** When each was asked for; whoever hands it on, it gets no younger. */
const askedAt = new WeakMap<object, number>();

/**
 * What one part of a step saw, for the part that follows it at once and before anything can have been done: asking the host twice lengthens an outage by
 * nothing learnt. Taken once, and given only where no act of ours lies between (`forget`), so that a look after an act never gets what was seen before it.
 * Its age counts from the question: an answer may be long under way.
 */
export class HandOver<T extends object> {
  readonly #held = new Map<string, T>();
  readonly #now: () => number;
  constructor(now: () => number) {
    this.#now = now;
  }
  /** What was seen, dated. */
  async ask<S extends T>(question: () => Promise<S>): Promise<S> {
    const at = this.#now();
    return this.dated(await question(), at);
  }
  /** `at`: a time at which it was not seen yet. */
  dated<S extends T>(seen: S, at: number): S {
    askedAt.set(seen, Math.min(at, this.#now()));
    return seen;
  }
  /** `as`: what it was made of, whose age it has. What nobody has dated is not handed over. */
  give<S extends T>(step: string, seen: S, as: T = seen): S {
    const at = askedAt.get(as);
    if (at !== undefined) {
      askedAt.set(seen, at);
      this.#held.set(step, seen);
    }
    return seen;
  }
  /** Before an act that changes what was seen. */
  forget(step: string): void {
    this.#held.delete(step);
  }
  take(step: string): T | null {
    const held = this.#held.get(step);
    this.#held.delete(step);
    return held !== undefined && this.#now() - (askedAt.get(held) ?? 0) <= believedMs ? held : null;
  }
}
