// Prechecks from facts alone (facts 5.4). Pure.
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import type { DdFacts } from "../facts.ts";
import { chunkChecks } from "./chunks.ts";
import { clusterChecks } from "./cluster.ts";
import { configurationChecks } from "./configuration.ts";
import { releaseChecks } from "./release.ts";
import { userChecks } from "./users.ts";

export const checks = (facts: DdFacts, goal: Goal): readonly Check[] => [
  ...clusterChecks(facts, goal),
  ...chunkChecks(facts, goal),
  ...configurationChecks(facts, goal),
  ...userChecks(facts, goal),
  ...releaseChecks(facts, goal),
];
