/** Answers that are good for a while: facts are asked for at every gate, and one that is a few seconds old decides nothing (each step looks by itself). */
export class Kept<T> {
  readonly #ageMs: number;
  readonly #now: () => number;
  readonly #held = new Map<string, { readonly at: number; readonly value: T }>();
  constructor(ageMs: number, now: () => number) {
    this.#ageMs = ageMs;
    this.#now = now;
  }
  get(key: string): T | undefined {
    const found = this.#held.get(key);
    return found !== undefined && this.#now() - found.at < this.#ageMs ? found.value : undefined;
  }
  set(key: string, value: T): T {
    this.#held.set(key, { at: this.#now(), value });
    return value;
  }
  delete(key: string): void {
    this.#held.delete(key);
  }
  async of(key: string, ask: () => Promise<T>): Promise<T> {
    const found = this.get(key);
    return found === undefined ? this.set(key, await ask()) : found;
  }
}
