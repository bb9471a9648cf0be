/** Records of one source, by number: from the first up to, not including, the last. */
export interface Range {
  readonly from: number;
  readonly to: number;
}
/** Sorted, and none touches its neighbour. */
export type Ranges = readonly Range[];

export const sizeOf = ({ from, to }: Range): number => Math.max(0, to - from);
export const sizeOfAll = (ranges: Ranges): number => ranges.reduce((sum, range) => sum + sizeOf(range), 0);

export function union(ranges: Ranges, range: Range): Ranges {
  if (sizeOf(range) === 0) return ranges;
  const apart = ranges.filter(({ from, to }) => from > range.to || to < range.from);
  const touching = ranges.filter((each) => !apart.includes(each));
  const merged = {
    from: Math.min(range.from, ...touching.map(({ from }) => from)),
    to: Math.max(range.to, ...touching.map(({ to }) => to)),
  };
  return [...apart, merged].toSorted((one, other) => one.from - other.from);
}
export const unionOf = (ranges: Ranges, more: Ranges): Ranges => more.reduce(union, ranges);
