// Prechecks from facts alone. Pure.
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import type { Turn } from "../../../model/step.ts";
import { chosenMode } from "../eligibility.ts";
import type { DpFacts } from "../facts.ts";
import type { Declared } from "../options.ts";
import { validWindow } from "../window.ts";
import { calendarChecks } from "./calendar.ts";
import { notMeasured, scopeOf } from "./check-kit.ts";
import { dataServiceChecks } from "./data-service.ts";
import { platformChecks } from "./platform.ts";
import { workChecks } from "./work.ts";

/** `turns`: of the plan as it would be; empty when there is none. `untried`: features of the impact table that nothing measures. */
export function checks(
  facts: DpFacts,
  goal: Goal,
  given: { readonly declared: Declared; readonly turns: readonly Turn[]; readonly untried: readonly string[] },
): readonly Check[] {
  const platform = platformChecks(facts, goal);
  const mode = chosenMode(facts, goal);
  // What the upgrade does depends on the mode; without one there is no plan, and its refusal says why.
  if (mode === null) return platform;
  const scope = scopeOf(facts, goal, { ...given, mode, window: validWindow(facts, goal, mode) });
  return [...platform, ...workChecks(scope), ...calendarChecks(scope), ...dataServiceChecks(scope), ...watchCheck(given.untried)];
}

const watchCheck = (untried: readonly string[]): readonly Check[] =>
  untried.length === 0
    ? []
    : [
        notMeasured("watch", "impact table", `${String(untried.length)} rows will be reported as not measured: ${untried.join(", ")}`, {
          remedy: "Name an application, APIs and nodes for them under options.watch.",
        }),
      ];
