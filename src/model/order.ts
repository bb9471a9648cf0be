// Orders of names that are the same on every machine: those of a language differ with its tables, which take megabytes.

export const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Numbers within names by their value: `tablet-9` before `tablet-10`. */
export function byNumberedName(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (const [index, one] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order = isNumber(one) && isNumber(other) ? byNumber(one, other) : byName(one, other);
    if (order !== 0) return order;
  }
  return left.length === right.length ? byName(a, b) : -1;
}
const partsOf = (name: string): readonly string[] => name.match(/\d+|\D+/g) ?? [];
const isNumber = (part: string): boolean => /^\d/.test(part);
/** Of any length: ids may have more digits than a number holds. */
function byNumber(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+/, ""), b.replace(/^0+/, "")];
  return left.length - right.length || byName(left, right);
}
