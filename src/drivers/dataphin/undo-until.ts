// Up to when an upgrade can be ended cleanly (facts 1.6). Pure.
import type { Goal } from "../../model/goal.ts";
import { chosenMode } from "./eligibility.ts";
import type { DpFacts } from "./facts.ts";

export function undoUntil(facts: DpFacts, goal: Goal): string {
  const backup = "afterwards the vendor knows no way back but the database backup and the former images";
  const record = "a record that is configured and not started stays in Upgrade Records until somebody cancels it there";
  switch (chosenMode(facts, goal)) {
    case "downtime":
      return `until the shutdown begins: dispatch resumes, what was killed runs again, and ${record}; ${backup}`;
    case "semi-downtime":
    case "zero-downtime":
      return `until the application upgrade begins; ${record}; ${backup}`;
    case null:
      return "no mode is eligible: nothing begins";
  }
}
