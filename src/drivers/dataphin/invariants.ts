// What must hold before an upgrade begins and after it has ended. Pure. Within it, being down is what the vendor's modes are about.
import type { Finding, Invariant } from "../../model/facts.ts";
import { applicationServes, nodesOf, type DpFacts } from "./facts.ts";

export const invariants: readonly Invariant<DpFacts>[] = [
  {
    name: "the application answers",
    holds: "between turns",
    broken: (facts): readonly Finding[] =>
      applicationServes(facts)
        ? []
        : nodesOf(facts, "application").map((name) => ({
            object: name,
            what: facts.now.why[name] ?? "it does not serve",
          })),
  },
  {
    name: "users can log on",
    holds: "between turns",
    broken: ({ now }): readonly Finding[] => (now.console === "accessible" ? [] : [{ object: "logon page", what: now.console }]),
  },
  {
    name: "DataService answers",
    holds: "between turns",
    broken: (facts): readonly Finding[] =>
      nodesOf(facts, "gateway").flatMap((name) =>
        facts.now.states[name] === "serving" ? [] : [{ object: name, what: facts.now.why[name] ?? "it does not serve" }],
      ),
  },
];
