/** Virtual time in milliseconds. Nothing passes but what somebody advances: thousands of runs of many minutes take seconds. */
export class VirtualClock {
  #now = 0;
  readonly #timers: { readonly at: number; readonly fire: () => void }[] = [];

  get now(): number {
    return this.#now;
  }
  after(ms: number, fire: () => void): void {
    const at = this.#now + ms;
    let index = this.#timers.length;
    while (index > 0 && (this.#timers[index - 1]?.at ?? 0) > at) index--;
    this.#timers.splice(index, 0, { at, fire });
  }
  every(ms: number, fire: () => void): void {
    this.after(ms, () => {
      fire();
      this.every(ms, fire);
    });
  }
  advance(ms: number): void {
    const until = this.#now + ms;
    for (let next = this.#timers[0]; next !== undefined && next.at <= until; next = this.#timers[0]) {
      this.#timers.shift();
      this.#now = next.at;
      next.fire();
    }
    this.#now = until;
  }
}

/** A small deterministic source of numbers in [0, 1), for things that move by themselves and for samples. */
export function dice(seed: number): () => number {
  let x = seed >>> 0 || 1;
  return () => {
    x ^= x << 13;
    x >>>= 0;
    x ^= x >>> 17;
    x ^= x << 5;
    x >>>= 0;
    return x / 2 ** 32;
  };
}
