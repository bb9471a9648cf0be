// Which modes a goal may have, and why. Pure.
import { modes, type Goal, type ModeVerdict } from "../../../model/goal.ts";
import type { DdFacts } from "../facts.ts";

export const modeVerdicts = (_facts: DdFacts, _goal: Goal): readonly ModeVerdict[] =>
  modes.map((mode) => ({ mode, eligible: false, why: "the compatibility of releases is not judged yet" }));
