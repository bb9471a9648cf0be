import { expect, it } from "vitest";
import { ownFlags } from "./own-flags.ts";

it("reads a target and flags with their values, attached or not", () => {
  expect(ownFlags(["db1:5432", "--user", "ana", "--tls=off"], "init")).toEqual({ target: "db1:5432", flags: { user: "ana", tls: "off" } });
  expect(ownFlags([], "plan")).toEqual({ target: "", flags: {} });
});
it.each([
  [["a", "b"], "one word too many"],
  [["-x"], "one word too many"],
  [["--user"], "needs a value"],
  [["--user", "--tls=off"], "needs a value"],
  [["--user", "a", "--user", "b"], "given twice"],
])("refuses %j", (words, says) => {
  expect(() => ownFlags(words, "plan")).toThrow(says);
});
