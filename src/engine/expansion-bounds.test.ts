import { expect, test } from "vitest";
import type { Item, Step } from "../model/step.ts";
import { outsideOf } from "./expansion-bounds.ts";

const step = (id: string, more: Partial<Step> = {}): Step => ({ id, phase: "drain", do: "move", params: null, ...more });
const allowing = step("drain", { may: { do: ["move"], atMost: 2 } });

test.each<[string, Step, number, readonly Item[], RegExp | null]>([
  ["what is allowed", allowing, 0, [step("a"), step("b")], null],
  ["a lease with its end", allowing, 0, [step("a", { held: "release" }), { undo: "a" }], null],
  ["more than is allowed", allowing, 1, [step("a"), step("b")], /3 steps, the plan allows 2/],
  ["anything where nothing is allowed", step("stop"), 0, [step("a")], /1 steps, the plan allows 0/],
  ["another operation", allowing, 0, [step("a", { do: "wipe" })], /wipe.*not allowed/],
  ["two steps of one name", allowing, 0, [step("a"), step("a")], /not allowed/],
  ["putting back what is not its own", allowing, 0, [{ undo: "other" }], /other.*not allowed/],
  ["putting back before taking", allowing, 0, [{ undo: "a" }, step("a")], /not allowed/],
])("%s", (_, of, already, into, wrong) => {
  const outside = outsideOf(of, already, into);
  if (wrong === null) expect(outside).toBeNull();
  else expect(outside).toMatch(wrong);
});
