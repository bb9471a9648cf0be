// Prechecks from facts alone (facts 5.4). Pure.
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import type { DdFacts } from "../facts.ts";

export const checks = (_facts: DdFacts, _goal: Goal): readonly Check[] => [
  { code: "prechecks", object: "cluster", verdict: "blocker", what: "the prechecks of facts 5.4 are not there yet" },
];
