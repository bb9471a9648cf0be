// The way back. Pure.
import { StillwaterError } from "../../model/errors.ts";
import type { Goal } from "../../model/goal.ts";
import type { DdFacts } from "./facts.ts";

export const goalBack = (_before: DdFacts, _goal: Goal): Goal => {
  throw new StillwaterError("SW2006", "this driver cannot plan a way back yet");
};
