// The smallest system with a lease that matters: while its one node is away the guard must be on, somebody else switches it off every second, and the
// requests that stop and start the node may be under way for long. Not one of the six: it shows what setting a lease again at once is for.
import type { Driver } from "../../../src/model/driver.ts";
import type { Facts } from "../../../src/model/facts.ts";
import type { Item } from "../../../src/model/step.ts";
import { holding, operation, operationTable } from "../../../src/planner/kit.ts";
import { scenario } from "../scenario.ts";
import { Books } from "../simulation/books.ts";
import { inFlightMs } from "../simulation/faults.ts";
import type { World } from "../simulation/world.ts";

type GuardedFacts = Facts<{ readonly version: number }, { readonly up: boolean }>;

/** The longest time in milliseconds that the node may be away unguarded. */
const graceMs = 300;

class FakeGuarded {
  guard = false;
  up = true;
  version = 1;
  starts = 1;
  readonly books = new Books();
  #unguardedSince = 0;
  #late = false;

  constructor(world: World) {
    world.clock.every(1_000, () => (this.guard = false));
    world.clock.every(20, () => {
      if (this.guard || this.up || world.orphaned) this.#unguardedSince = world.time;
      const late = world.time - this.#unguardedSince > graceMs;
      if (late && !this.#late) this.books.unguarded(`away and unguarded at ${world.time}`);
      this.#late = late;
    });
  }
  run(is: boolean): void {
    if (is === this.up) this.books.double(is ? "started twice" : "stopped twice");
    if (is) this.starts++;
    this.up = is;
  }
}

export const guarded = scenario("guarded", (world) => {
  const fake = new FakeGuarded(world);
  const guard = operation<GuardedFacts, { readonly is: boolean }>("guard", {
    settleMs: inFlightMs,
    fenced: "unfenced",
    look: async ({ is }) => (fake.guard === is ? { is: "done" } : { is: "open" }),
    act: async ({ is }, _, context) => context.send(null, () => ((fake.guard = is), null)),
    undo: (): readonly Item[] => [guard.step("off", "restore", { is: false })],
  });
  const process = operation<GuardedFacts, { readonly is: boolean }>("process", {
    settleMs: inFlightMs,
    fenced: "unfenced",
    look: async ({ is }) => (fake.up === is ? { is: "done" } : { is: "open" }),
    act: async ({ is }, _, context) => context.send(null, () => (fake.run(is), null)),
    undo: ({ is }): readonly Item[] => [process.step("back", is ? "stop" : "start", { is: !is })],
    predict: (facts, { is }) => ({ ...facts, now: { up: is } }),
  });
  const swap = operation<GuardedFacts, { readonly version: number }, { readonly from: number }>("swap", {
    fenced: "host",
    prepare: async () => ({ from: fake.version }),
    look: async ({ version }) => (fake.version === version ? { is: "done" } : { is: "open" }),
    act: async ({ version }, _, context) => context.send("host", () => ((fake.version = version), null)),
    undo: (_, { from }): readonly Item[] => [swap.step("swap back", "replace", { version: from })],
  });
  const driver: Driver<GuardedFacts, { readonly version: number }> = {
    system: "guarded",
    operations: operationTable<GuardedFacts>(guard, process, swap),
    invariants: [{ name: "up", holds: "between turns", broken: ({ now }) => (now.up ? [] : [{ object: "node", what: "down" }]) }],
    inspect: async () => ({ structure: { version: fake.version }, now: { up: fake.up } }),
    plan: (facts, { version }) =>
      facts.structure.version === version
        ? { refused: "this version runs", clear: "nothing to do" }
        : {
            turns: [
              {
                id: "node",
                nodes: ["node"],
                items: holding(
                  guard.step("guard", "guard", { is: true }),
                  "page",
                  process.step("stop", "stop", { is: false }),
                  swap.step("swap", "replace", { version }),
                  process.step("start", "start", { is: true }),
                ),
              },
            ],
          },
  };
  const versions = () => ({ node: fake.version });
  return {
    driver,
    goal: { version: 2 },
    back: { version: 1 },
    end: () => ({ ...versions(), starts: fake.starts }),
    versions,
    starts: () => fake.starts,
    charges: () => fake.books.charges,
    leftovers: () => [...(fake.up ? [] : ["the node is down"]), ...(fake.guard ? ["the guard is on"] : [])],
    outages: [],
    away: () => (fake.up ? [] : ["node"]),
  };
});
