import { expect, test } from "vitest";
import type { Goal } from "../../model/goal.ts";
import { compare } from "./compare.ts";
import type { OmFacts } from "./facts.ts";
import { factsFixture, partitionFixture } from "./testing/facts-fixture.ts";

const goal: Goal = { version: null, artefact: null, settings: {}, restart: true, mode: "auto", only: null, options: {} };
const before = factsFixture([partitionFixture(0, "a:1", "b:1", 100)]);
const more = factsFixture([partitionFixture(0, "b:1", "a:1", 130)]);
const verdictOf = (after: OmFacts, object: string, was = before): string => {
  const found = compare(was, after, goal).find((each) => each.object === object);
  return `${found?.verdict ?? "?"}: ${found?.evidence ?? ""}`;
};
const withNow = (facts: OmFacts, now: Partial<OmFacts["now"]>): OmFacts => ({ ...facts, now: { ...facts.now, ...now } });

test("[OM-20] [OC-7] verify tells whether Rows has increased: yes, no, or no writer seen", () => {
  expect(verdictOf(more, "Rows")).toBe("passed: increased: yes (100 before, 130 after)");
  expect(verdictOf(before, "Rows")).toBe("passed: no writer seen (100 before, 100 after)");
  const deleted = factsFixture([partitionFixture(0, "b:1", "a:1", 130, 90)]);
  expect(verdictOf(deleted, "Rows")).toContain("not-measured: increased: no (100 before, 90 after");
});

test("[OM-17] [OC-7] an operation that failed since the run began fails the comparison, an older one does not", () => {
  const failed = { id: before.now.lastOperation + 1, type: "kMigrateOP", db: "db", name: "t", pid: 0, status: "kFailed", task: "-" } as const;
  expect(verdictOf(withNow(more, { operations: [failed] }), "operations")).toBe(`failed: ${String(failed.id)} kMigrateOP of db.t/0`);
  expect(verdictOf(withNow(more, { operations: [{ ...failed, id: before.now.lastOperation }] }), "operations")).toBe("passed: none");
});

test("auto_failover and the number of replicas are as before, or that is said", () => {
  expect(verdictOf(withNow(more, { autoFailover: !before.now.autoFailover }), "auto_failover")).toMatch(/^failed: /);
  expect(verdictOf(more, "replicas")).toBe("passed: the same");
  const [key = "", partition] = Object.entries(more.now.partitions)[0] ?? [];
  if (partition === undefined) throw new Error("the fixture has a partition");
  const extra = { endpoint: "c:1", leads: false, alive: true, own: null };
  const after = withNow(more, { partitions: { [key]: { ...partition, replicas: [...partition.replicas, extra] } } });
  expect(verdictOf(after, "replicas")).toBe("failed: db.t/0 has 3 replicas, it had 2");
  // A drain adds some on purpose.
  const drain: Goal = { ...goal, restart: false, maintenance: { is: "drain", node: "t1" } };
  expect(compare(before, after, drain).map(({ object }) => object)).toEqual(["Rows", "operations", "auto_failover"]);
});
