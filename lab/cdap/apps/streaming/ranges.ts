/** Records of one source, by number: from the first up to, not including, the last. */
export interface Range {
  readonly from: number;
  readonly to: number;
}
export const sizeOf = ({ from, to }: Range): number => Math.max(0, to - from);

/** Which records of a source arrived somewhere, however often. */
export class RecordSet {
  /** Sorted, and none touches its neighbour. */
  #ranges: Range[] = [];

  constructor(ranges: readonly Range[] = []) {
    for (const range of ranges) this.add(range);
  }

  get ranges(): readonly Range[] {
    return this.#ranges;
  }
  get size(): number {
    return this.#ranges.reduce((sum, range) => sum + sizeOf(range), 0);
  }

  /** Returns how many of them were there already. */
  add(range: Range): number {
    if (sizeOf(range) === 0) return 0;
    const before = this.size;
    const touching = this.#ranges.filter(({ from, to }) => from <= range.to && to >= range.from);
    const merged = {
      from: Math.min(range.from, ...touching.map(({ from }) => from)),
      to: Math.max(range.to, ...touching.map(({ to }) => to)),
    };
    this.#ranges = [...this.#ranges.filter((each) => !touching.includes(each)), merged].toSorted((one, other) => one.from - other.from);
    return before + sizeOf(range) - this.size;
  }
}
