// What `verify` compares with the facts that a run began with. Pure.
import type { Comparison } from "../../model/driver.ts";
import type { Goal } from "../../model/goal.ts";
import type { DdFacts } from "./facts.ts";

export function compare(before: DdFacts, after: DdFacts, _goal: Goal): readonly Comparison[] {
  const [was, is] = [before, after].map(({ now }) => now.chunks?.total ?? null);
  return [
    {
      object: "chunks",
      what: "not fewer than before",
      verdict: was == null || is == null ? "not-measured" : is < was ? "failed" : "passed",
      evidence: `${String(was ?? "not known")} before, ${String(is ?? "not known")} after`,
    },
  ];
}
