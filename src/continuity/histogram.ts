// Latencies in little memory: buckets that grow by 2 %, so that any quantile is right within 2 % for as long as the probe runs.
const growth = Math.log(1.02);
const smallestMs = 0.01;

export class Histogram {
  readonly #counts = new Map<number, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /** Milliseconds. */
  add(ms: number): void {
    const bucket = ms <= smallestMs ? 0 : Math.ceil(Math.log(ms / smallestMs) / growth);
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1);
    this.#total++;
  }

  merge(other: Histogram): void {
    for (const [bucket, count] of other.#counts) this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + count);
    this.#total += other.#total;
  }

  /** The smallest value that is not below this share of the samples, never too low; null without samples. */
  quantile(share: number): number | null {
    if (this.#total === 0) return null;
    const rank = Math.max(1, Math.ceil(share * this.#total));
    let seen = 0;
    for (const bucket of [...this.#counts.keys()].sort((a, b) => a - b)) {
      seen += this.#counts.get(bucket) ?? 0;
      if (seen >= rank) return Number((smallestMs * Math.exp(bucket * growth)).toPrecision(3));
    }
    return null;
  }
}
