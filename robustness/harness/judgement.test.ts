import { describe, expect, test } from "vitest";
import type { Ended } from "../orchestrator/operator.ts";
import { brokenBars } from "./judgement.ts";

const said = "start pg1 acts";
const ended = (outcome: Ended["outcome"], ...defects: readonly string[]): { ended: Pick<Ended, "outcome" | "defects">; said: string } => ({
  ended: { outcome, defects },
  said,
});

describe("the bars that a run broke, in words", () => {
  test.each<readonly [Ended["outcome"], string]>([
    [null, "ended with: no end (last: start pg1 acts)"],
    [{ is: "aborted" }, "ended with: aborted (last: start pg1 acts)"],
    [
      { is: "paused", code: "SW2106", step: "start pg1", why: "no answer" },
      "ended with: paused SW2106 at start pg1: no answer (last: start pg1 acts)",
    ],
    [{ is: "asks", code: "SW2007", step: "start pg1", question: "again?" }, "ended with: asks SW2007 at start pg1: again? (last: start pg1 acts)"],
  ])("an end that is none: %j", (outcome, words) => {
    expect(brokenBars(ended(outcome), [])).toEqual([words]);
  });
  test("one that ended as it must and is charged with nothing broke none", () => {
    expect(brokenBars(ended({ is: "succeeded" }), [["lost", []]])).toEqual([]);
    expect(brokenBars(ended({ is: "aborted" }), [], true)).toEqual([]);
  });
  test("what it is charged with is named, the first four of it; a defect is a charge", () => {
    const charges = [["lost", ["a", "b", "c", "d", "e", "f"]]] as const;
    expect(brokenBars(ended({ is: "succeeded" }, "TypeError"), charges)).toEqual(["lost: a; b; c; d and 2 more", "defect: TypeError"]);
  });
});
