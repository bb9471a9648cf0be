// Those that are caught in a moment; the full list: node robustness/matrix/main.ts --kind mutants
import { expect, test } from "vitest";
import { tryMutant } from "./mutants.ts";

test.each(["settle", "first-before", "no-worse", "gate", "bounds", "held-at-once", "answered", "reconnect", "commit", "keep"] as const)(
  "the engine without the rule %s is caught",
  async (rule) => {
    expect(await tryMutant(rule)).toMatchObject({ name: rule, caught: true });
  },
);
