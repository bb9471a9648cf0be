import { expect, test } from "vitest";
import { namesOf, namesWhere, withEntry } from "./dictionary.ts";

type Node = { readonly up: boolean };
const three: Readonly<Record<string, Node>> = { b: { up: true }, a: { up: true }, c: { up: true } };
const down = (nodes: Readonly<Record<string, Node>>): readonly string[] => namesWhere(nodes, ({ up }) => !up);

test("An exchange changes one entry of what is listed, keeps the order of the names, and leaves the former dictionary as it was", () => {
  for (const listedBefore of [false, true]) {
    const before = { ...three };
    if (listedBefore) namesOf(before);
    const after = withEntry(before, "a", { up: false });
    expect(after).toEqual({ b: { up: true }, a: { up: false }, c: { up: true } });
    expect(namesOf(after)).toEqual(["b", "a", "c"]);
    expect([down(before), down(after), down(withEntry(after, "c", { up: false }))]).toEqual([[], ["a"], ["a", "c"]]);
    expect(down(withEntry(after, "a", { up: true }))).toEqual([]);
  }
});

test("A name that is not there is an error, not a new entry; what objects inherit is no entry", () => {
  expect(() => withEntry(three, "d", { up: true })).toThrow(RangeError);
  expect(() => withEntry(three, "toString", { up: true })).toThrow(RangeError);
});
