// Versions of the SDKs: they go with the servers (OM-24, OM-25). Pure.

/** As `0.9.2`, with what a build for another platform has behind it: `-macos`. Null: a range, a property, or something else. */
export function sdkVersion(text: string): { readonly number: string; readonly suffix: string } | null {
  const match = /^(\d+\.\d+\.\d+)(-[A-Za-z][\w.]*|\.?(?:a|b|rc|dev|post)\d+)?$/.exec(text.trim());
  return match?.[1] === undefined ? null : { number: match[1], suffix: match[2] ?? "" };
}
export function compareNumbers(a: string, b: string): number {
  const [left, right] = [a.split(".").map(Number), b.split(".").map(Number)];
  for (let at = 0; at < 3; at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** A piece of a text that another takes the place of. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly with: string;
}
/** Null: nothing to edit. */
export function edited(text: string, edits: readonly Edit[]): string | null {
  if (edits.length === 0) return null;
  let [result, at] = ["", 0];
  for (const edit of edits.toSorted((a, b) => a.from - b.from)) {
    result += text.slice(at, edit.from) + edit.with;
    at = edit.to;
  }
  return result + text.slice(at);
}
export const lineAt = (text: string, index: number): number => text.slice(0, index).split("\n").length;
