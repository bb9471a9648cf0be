import { expect, test } from "vitest";
import type { StepEvidence } from "../../model/driver.ts";
import type { Json } from "../../model/json.ts";
import { count } from "./count.ts";
import type { DpFacts, DpJob } from "./facts.ts";
import { counted } from "./impact/features.ts";
import { prove } from "./prove.ts";

const facts = (jobs: readonly DpJob[] | null = null, running: readonly { readonly id: string; readonly startedAt: number }[] = []): DpFacts => ({
  structure: { version: "6.2.0.2", timeZone: "UTC", nodes: {}, projects: [], apis: [], grants: [] },
  now: {
    at: 0,
    states: {},
    console: "accessible",
    why: {},
    instances: {
      running: running.map((each) => ({ ...each, project: "1", node: "load", nodeId: "n", priority: null })),
      due: [],
      pending: 0,
      paused: 0,
    },
    realtime: jobs,
    streamTasks: 0,
  },
});
const done = (operation: string, proof: Json, params: Json = {}): StepEvidence => ({ step: operation, do: operation, params, proof });
const killed = (id: string, end = "killed"): StepEvidence =>
  done(
    "killInstances",
    { killedAt: 1, instances: [{ id, name: `load_${id}`, due: "", autoRerun: null, idempotent: true, end, endedAt: 1 }] },
    { reruns: "auto", ledger: [{ id }] },
  );
const again = (id: string, end: string, ...statuses: readonly string[]): StepEvidence =>
  done("rerunInstances", {
    killedAt: 1,
    instances: [{ id, name: `load_${id}`, due: "", end, runs: statuses.map((status, index) => ({ id: `tr_${String(index + 2)}`, status })) }],
  });
const list = done("listRunning", { running: 0 });
const violations = (...evidence: readonly StepEvidence[]) => prove(evidence, facts(), facts()).violations;

test("[DP-9] each killed instance run again once and to its end is proved; anything else is a violation with its name", () => {
  expect(prove([killed("1"), again("1", "succeeded", "SUCCESS")], facts(), facts())).toMatchObject({
    coverage: expect.stringContaining("1 instance terminated, 1 of them run again once") as string,
    violations: [],
  });
  expect(violations(killed("1"))).toEqual([{ object: "load_1", what: "was terminated, and has not been run again" }]);
  expect(violations(killed("1"), again("1", "succeeded", "SUCCESS", "SUCCESS"))[0]?.what).toMatch(/^has succeeded 2 times/);
  expect(violations(killed("1"), again("1", "failed", "FAILED"))[0]?.what).toMatch(/that run failed/);
  expect(violations(killed("1"), again("1", "vanished"))[0]?.what).toMatch(/does not know it any more/);
});
test("an automatic run after a failed re-run is not a second one", () => {
  expect(violations(killed("1"), again("1", "succeeded", "FAILED", "SUCCESS"))).toEqual([]);
});
test("what ended by itself between list and terminate needs no re-run", () => {
  expect(violations(killed("1", "finished"))).toEqual([]);
});
test("nodes that this run paused and nobody resumed are left behind", () => {
  const paused = done("pauseNodes", { paused: { "1": ["n_1", "n_2"] } });
  expect(violations(paused, done("resumeNodes", { resumed: { "1": ["n_1", "n_2"] } }))).toEqual([]);
  expect(violations(paused, done("resumeNodes", { resumed: { "1": ["n_1"] } }))[0]?.what).toMatch(/^1 node .* n_2$/);
});
test("[DP-10] a real-time job that ran before and does not run afterwards is a violation", () => {
  const job = (id: string, state = "RUNNING"): DpJob => ({ id, name: `orders_${id}`, state, lastCheckpointAt: null });
  expect(prove([], facts([job("a"), job("b")]), facts([job("a"), job("b", "FAILED")])).violations).toEqual([
    { object: "orders_b", what: "job b ran before, and does not run now" },
  ]);
  expect(prove([], facts([job("a"), job("c", "FAILED")]), facts([job("a")])).violations).toEqual([]);
});
test("a step of which nothing outside the Manager tells is named as such", () => {
  const { objects } = prove([done("backupDatabase", { by: "operator", seen: null, said: null, attempts: 0 })], facts(), facts());
  expect(objects).toEqual([{ object: "backupDatabase", evidence: "done by the operator; nothing outside Dataphin Manager tells" }]);
});
test("counts: killed, run again, run twice; nothing is counted where nothing is terminated", () => {
  const values = (...evidence: readonly StepEvidence[]) => {
    const counts = count(evidence, null, facts(), facts());
    return [counted.killed, counted.rerun, counted.rerunTwice, counted.notRerun].map((what) => counts[what]?.value);
  };
  expect(values(list, killed("1"), killed("2"), again("1", "succeeded", "SUCCESS"), again("2", "succeeded", "SUCCESS", "SUCCESS"))).toEqual([
    2, 2, 1, 0,
  ]);
  // Fewer than were killed would pass as fewer than forecast: what is missing has a count of its own.
  expect(values(list, killed("1"), killed("2"), killed("3"), again("2", "failed", "FAILED"), again("3", "queued"))).toEqual([3, 0, 0, 2]);
  const asked = done("killInstances", killed("4").proof, { reruns: "ask", ledger: [{ id: "4" }] });
  expect(values(list, asked)).toEqual([1, 0, 0, 0]);
  expect(values(list)).toEqual([0, 0, 0, 0]);
  expect(values()).toEqual([undefined, undefined, undefined, undefined]);
});
test("[DP-4] an instance that runs before and after with another start was disturbed", () => {
  const was = facts(null, [
    { id: "a", startedAt: 1 },
    { id: "b", startedAt: 1 },
    { id: "c", startedAt: 1 },
  ]);
  const is = facts(null, [
    { id: "a", startedAt: 1 },
    { id: "b", startedAt: 9 },
  ]);
  expect(count([], null, was, is)[counted.undisturbed]).toMatchObject({ value: 1, evidence: expect.stringContaining("2 of 3") as string });
  // When all of them have ended, nothing tells of any.
  expect(count([], null, was, facts(null, []))[counted.undisturbed]).toBeUndefined();
});
