// What no step may make worse, and what must hold before each turn. Pure.
import { namesWhere } from "../../model/dictionary.ts";
import type { Finding, Invariant } from "../../model/facts.ts";
import { nodeNames, nowOf, primaries, type NodeNow, type PgFacts } from "./facts.ts";

/** A standby further behind than that does not count as caught up between turns. Bytes. */
export const lagLimitBytes = 16 * 1024 * 1024;

const states: Readonly<Record<NodeNow["state"], string>> = {
  serving: "serves",
  down: "is stopped",
  crashed: "has crashed",
  starting: "does not accept connections yet",
  stopping: "is stopping",
};

/** What keeps a node from being a whole member; null: nothing. */
function lacks({ up, state, role, streaming, lagBytes }: NodeNow): string | null {
  if (!up) return states[state];
  if (role !== "standby") return null;
  if (!streaming) return "does not stream from the primary";
  return lagBytes !== null && lagBytes > lagLimitBytes ? `is ${String(Math.round(lagBytes / 1_048_576))} MiB behind` : null;
}

export const invariants = (maxUnavailable: number): readonly Invariant<PgFacts>[] => [
  {
    name: "one primary",
    holds: "always",
    broken(facts) {
      const leaders = primaries(facts);
      return leaders.length > 1 ? [{ object: leaders.join(", "), what: "more than one primary" }] : [];
    },
  },
  {
    name: "enough nodes up",
    holds: "always",
    broken(facts) {
      const down = namesWhere(facts.now.nodes, ({ up }) => !up);
      return down.length > maxUnavailable
        ? [{ object: down.join(", "), what: `${String(down.length)} nodes down; the policy allows ${String(maxUnavailable)}` }]
        : [];
    },
  },
  {
    name: "a standby that follows",
    holds: "always",
    broken(facts) {
      if (nodeNames(facts).length < 3 || namesWhere(facts.now.nodes, ({ up, streaming }) => up && streaming).length > 0) return [];
      return primaries(facts)
        .slice(0, 1)
        .map((object) => ({ object, what: "no standby streams from it: its writes are in one place only" }));
    },
  },
  {
    name: "all there",
    holds: "between turns",
    broken(facts) {
      const found: Finding[] = [];
      const leaders = primaries(facts);
      if (leaders.length === 0) found.push({ object: "cluster", what: "no primary" });
      // Also here: what was so before a step is no step's doing, and would pass to the end.
      if (leaders.length > 1) found.push({ object: leaders.join(", "), what: "more than one primary" });
      for (const node of namesWhere(facts.now.nodes, (now) => lacks(now) !== null))
        found.push({ object: node, what: lacks(nowOf(facts, node)) ?? "" });
      return found;
    },
  },
];
