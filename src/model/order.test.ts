import { expect, test } from "vitest";
import { byName, byNumberedName } from "./order.ts";

test("numbers within names count by their value, of any length", () => {
  const names = ["t10:9527", "t9:10000", "t9:9527", "t", "s99", "t09:1", "t90071992547409930", "t90071992547409921", "10", "9", ""];
  expect(names.toSorted(byNumberedName)).toEqual([
    "",
    "9",
    "10",
    "s99",
    "t",
    "t09:1",
    "t9:9527",
    "t9:10000",
    "t10:9527",
    "t90071992547409921",
    "t90071992547409930",
  ]);
});
test("an order is one: turned around it is the other way, and only the same is equal", () => {
  const names = ["a", "A", "a1", "a01", "a1b", "b", "1", "01", "é"];
  for (const order of [byName, byNumberedName])
    for (const a of names) for (const b of names) expect([Math.sign(order(a, b)) + Math.sign(order(b, a)), order(a, b) === 0]).toEqual([0, a === b]);
});
