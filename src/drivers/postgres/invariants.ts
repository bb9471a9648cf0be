// What no step may make worse, and what must hold before each turn. Pure.
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
      const down = nodeNames(facts).filter((node) => !nowOf(facts, node).up);
      return down.length > maxUnavailable
        ? [{ object: down.join(", "), what: `${String(down.length)} nodes down; the policy allows ${String(maxUnavailable)}` }]
        : [];
    },
  },
  {
    name: "a standby that follows",
    holds: "always",
    broken(facts) {
      const [primary] = primaries(facts);
      if (primary === undefined || nodeNames(facts).length < 3) return [];
      const following = nodeNames(facts).filter((node) => nowOf(facts, node).up && nowOf(facts, node).streaming);
      return following.length === 0 ? [{ object: primary, what: "no standby streams from it: its writes are in one place only" }] : [];
    },
  },
  {
    name: "all there",
    holds: "between turns",
    broken(facts) {
      const found: Finding[] = [];
      if (primaries(facts).length === 0) found.push({ object: "cluster", what: "no primary" });
      for (const node of nodeNames(facts)) {
        const now = nowOf(facts, node);
        if (!now.up) found.push({ object: node, what: states[now.state] });
        else if (now.role === "standby" && !now.streaming) found.push({ object: node, what: "does not stream from the primary" });
        else if (now.role === "standby" && (now.lagBytes ?? 0) > lagLimitBytes)
          found.push({ object: node, what: `is ${String(Math.round((now.lagBytes ?? 0) / 1_048_576))} MiB behind` });
      }
      return found;
    },
  },
];
