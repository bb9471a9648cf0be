// A deterministic slice of the matrices. The full ones: node robustness/matrix/main.ts
import { describe, expect, test } from "vitest";
import { bounds } from "./matrices/bounds.ts";
import { frozen } from "./matrices/frozen.ts";
import { kinds, matrices, type Kind } from "./matrices/index.ts";
import { scenarios } from "./systems/index.ts";
import { drive } from "./trial.ts";

/** How thin the slice is: one instant in so many. The systems with long runs get a thinner one. */
const slices: Readonly<Record<string, number>> = {
  postgres: 13,
  etcd: 6,
  dolphindb: 71,
  openmldb: 1_490,
  "openmldb-all": 191,
  cdap: 635,
  dataphin: 1,
  guarded: 1,
};
const thinner: Partial<Record<Kind, number>> = { "crash-long": 3, "two-faults": 6, watchdog: 4, "abort-faults": 2, "abort-outage": 2, outage: 2 };

/** Pairs of instants over 700 instants: the full matrix samples them, and openmldb-all stands for them here. */
const isLong = (kind: Kind): boolean => ["two-faults", "watchdog", "abort-faults", "abort-outage", "rollback"].includes(kind);

describe.each(scenarios)("$name", (scenario) => {
  test("ends well when nothing goes wrong", async () => {
    const { outcome, charges, leftovers, unclear, pauses } = await drive(scenario);
    expect({ outcome, charges, leftovers, unclear, pauses }).toEqual({
      outcome: { is: "succeeded" },
      charges: [],
      leftovers: [],
      unclear: [],
      pauses: [],
    });
  });
  test.each(kinds.filter((kind) => scenario.name !== "openmldb" || !isLong(kind)))(
    "%s: nothing failed, nothing unclear",
    async (kind) => {
      const base = await drive(scenario);
      const every = (slices[scenario.name] ?? 1) * (thinner[kind] ?? 1);
      const tally = await matrices[kind](scenario, base, { every, seed: 1 });
      expect(tally.failures).toEqual([]);
      expect(tally.unclear).toBe(0);
    },
    60_000,
  );
});

test("a driver that wants more than was approved is stopped", async () => {
  expect((await bounds({ every: 1, seed: 0 })).failures).toEqual([]);
});

test("nothing that goes through a host can be done late", async () => {
  for (const scenario of scenarios.filter((each) => each.name === "postgres" || each.name === "dolphindb")) {
    const { operations } = await frozen(scenario, await drive(scenario), { every: 3, seed: 0 });
    for (const late of operations.values()) if (late.via === "host") expect(late).toMatchObject({ harmful: 0 });
  }
});
