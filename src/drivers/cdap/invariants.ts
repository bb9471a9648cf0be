// What must hold before each turn and at the end. No step here can make it worse but the one whose purpose it is, so nothing is `always`. Pure.
import type { Finding, Invariant } from "../../model/facts.ts";
import type { CdapFacts } from "./facts.ts";

export const invariants: readonly Invariant<CdapFacts>[] = [
  {
    name: "CDAP serves",
    holds: "between turns",
    broken: ({ now }) =>
      Object.entries(now.nodes).flatMap(([node, { state, detail }]): readonly Finding[] =>
        state === "serving" ? [] : [{ object: node, what: `is ${state}: ${detail}` }],
      ),
  },
  {
    name: "every service is OK",
    holds: "between turns",
    broken: ({ now }) =>
      Object.entries(now.services ?? {}).flatMap(([name, status]): readonly Finding[] =>
        status === "OK" ? [] : [{ object: name, what: `is ${status}` }],
      ),
  },
];
