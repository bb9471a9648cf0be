// What will be felt. Pure.
import type { Goal, Mode } from "../../model/goal.ts";
import type { ImpactForecast } from "../../model/impact.ts";
import { isUndo, type Turn } from "../../model/step.ts";
import { nodeNames, primaries, type PgFacts } from "./facts.ts";
import { needsRestart } from "./planning/modes.ts";

/** Defaults until runs of this cluster are known. Milliseconds. */
export const expected = { restart: 300, switchover: 400, inPlace: 400 } as const;
const basis = "driver default";
const source = "PostgreSQL documentation, 19.6 Upgrading, 26 High Availability";

const restarts = (turn: Turn): ReadonlySet<string | undefined> =>
  new Set(turn.items.flatMap((item) => (!isUndo(item) && item.do === "stop" ? [(item.params as { readonly node?: string }).node] : [])));

export function impact(facts: PgFacts, goal: Goal, mode: Mode, turns: readonly Turn[]): readonly ImpactForecast[] {
  if (!needsRestart(facts, goal)) {
    return turns
      .filter((turn) => turn.nodes.length > 0)
      .map((turn) => ({
        feature: `sessions on ${turn.nodes.join(", ")}`,
        turn: turn.id,
        effect: "none",
        expectedMs: 0,
        basis,
        source,
        measure: null,
      }));
  }
  const [primary] = primaries(facts);
  const rows: ImpactForecast[] = [];
  for (const turn of turns) {
    const restarted = restarts(turn);
    for (const node of nodeNames(facts).filter((each) => restarted.has(each))) {
      const reading = { turn: turn.id, basis, source, expectedMs: expected.restart, measure: { by: "node-unavailable", node } } as const;
      if (node !== primary) rows.push({ ...reading, feature: `reads on ${node}`, effect: "refused" });
      else if (mode === "zero-downtime") {
        rows.push({
          feature: "writes",
          turn: turn.id,
          effect: "paused",
          expectedMs: expected.switchover,
          basis,
          source,
          measure: { by: "longest-write-gap" },
        });
        rows.push({ ...reading, feature: `reads on ${node}`, effect: "refused", expectedMs: expected.switchover + expected.restart });
      } else
        rows.push({
          feature: "writes",
          turn: turn.id,
          effect: mode === "downtime" ? "refused" : "paused",
          expectedMs: expected.inPlace * (mode === "downtime" ? nodeNames(facts).length : 1),
          basis,
          source,
          measure: { by: "longest-write-gap" },
        });
    }
  }
  return rows;
}
