// A driver that wants more at run time than its plan was approved for: once more steps, once another operation.
import type { Driver } from "../../../src/model/driver.ts";
import type { Facts } from "../../../src/model/facts.ts";
import { operation, operationTable } from "../../../src/planner/kit.ts";
import { scenario, type Scenario } from "../scenario.ts";

type GreedyFacts = Facts<null, null>;

const greedyWith = (name: string, wants: readonly ("touch" | "wipe")[]): Scenario =>
  scenario(name, () => {
    const touched: string[] = [];
    const act = (what: string) =>
      operation<GreedyFacts, { readonly object: string }>(what, {
        look: async ({ object }) => (touched.includes(`${what} ${object}`) ? { is: "done" } : { is: "open" }),
        act: async ({ object }, _, context) => context.send(null, () => (touched.push(`${what} ${object}`), null)),
      });
    const touch = act("touch");
    const wipe = act("wipe");
    const named = { touch, wipe };
    const tidy = operation<GreedyFacts, null>("tidy", {
      look: async () =>
        touched.length < wants.length
          ? { is: "expand", into: wants.map((want, i) => named[want].step(`${want} ${i}`, "recover", { object: `o${i}` })) }
          : { is: "done" },
    });
    const driver: Driver<GreedyFacts, null> = {
      system: "greedy",
      operations: operationTable<GreedyFacts>(touch, wipe, tidy),
      invariants: [],
      inspect: async () => ({ structure: null, now: null }),
      plan: () => ({
        turns: [{ id: "all", nodes: [], items: [tidy.step("tidy", "recover", null, { may: { do: ["touch"], atMost: 2 } })] }],
      }),
    };
    return {
      driver,
      goal: null,
      back: null,
      end: () => ({ touched }),
      versions: () => ({}),
      starts: () => 0,
      charges: () => (touched.length > 0 ? [{ kind: "unsafe", what: `not approved: ${touched.join(", ")}` }] : []),
      leftovers: () => [],
      outages: [],
      away: () => [],
    };
  });

export const greedyScenarios: readonly Scenario[] = [
  greedyWith("greedy for more", ["touch", "touch", "touch"]),
  greedyWith("greedy for another", ["touch", "wipe"]),
];
