import { expect, test } from "vitest";
import { blocker, count, orPassed, passed, size, some } from "./checks.ts";

test("a check has its verdict, and what else is known of it", () => {
  expect(blocker("space", "db1", "the disk is full", { price: "nothing can be backed up" })).toEqual({
    code: "space",
    object: "db1",
    verdict: "blocker",
    what: "the disk is full",
    price: "nothing can be backed up",
  });
});
test("where nothing was found, one passed check says what was looked at", () => {
  const found = [blocker("space", "db1", "full")];
  expect(orPassed(found, "space", "hosts", "all have room")).toBe(found);
  expect(orPassed([], "space", "hosts", "all have room")).toEqual([passed("space", "hosts", "all have room")]);
});
test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1.0 KiB"],
  [1.5 * 1024 ** 3, "1.5 GiB"],
  [5000 * 1024 ** 4, "5000.0 TiB"],
])("%d bytes are %s", (bytes, text) => {
  expect(size(bytes)).toBe(text);
});
test("counts and the first few", () => {
  expect([count(1, "table"), count(2, "table")]).toEqual(["1 table", "2 tables"]);
  expect([some(["a", "b"]), some(["a", "b", "c"], 2)]).toEqual(["a; b", "a; b; and 1 more"]);
});
