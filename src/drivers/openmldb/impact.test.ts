import { expect, test } from "vitest";
import type { Goal } from "../../model/goal.ts";
import type { Turn } from "../../model/step.ts";
import { impact, pauseMs } from "./impact.ts";
import { operationMs, steps, type FenceKind } from "./steps.ts";
import { factsFixture } from "./testing/facts-fixture.ts";

const facts = factsFixture();
const goal: Goal = { version: "0.9.2", artefact: null, settings: {}, restart: false, mode: "auto", only: null, options: {} };
const single = { db: "db", name: "s", tid: 7, pid: 0 };
function turnOf(node: string, fence: FenceKind | null, unavailable: readonly (typeof single)[] = []): Turn {
  const moving = fence === null ? null : { endpoint: "a:1", fence, concurrency: 2, avoid: [] };
  const away =
    fence === null
      ? []
      : [steps.moveAway("away", { node, endpoint: "a:1", avoid: [], which: "replicated", returns: true, fence, concurrency: 2 }, 1)];
  return {
    id: node,
    nodes: [node],
    items: [...away, steps.stop("stop", { node, moving, unavailable }), steps.start("start", { node, mode: null, unavailable })],
  };
}
const rows = (turn: Turn): readonly string[] =>
  impact(facts, goal, "zero-downtime", [turn]).map(
    ({ feature, effect, expectedMs, measure }) => `${feature}: ${effect} ${String(expectedMs)}${measure === null ? "" : ` by ${measure.by}`}`,
  );

test("[OM-3] [OM-4] A tablet's turn: writes by the fence, reads not at all, single replicas while it is down", () => {
  expect(rows(turnOf("t1", "partition"))).toEqual([
    `writes on one partition at a time: refused ${String(operationMs)} by longest-write-gap`,
    "reads of what t1 led: none 0",
    `automatic failover: paused ${String(operationMs + 17_000)}`,
  ]);
  expect(rows(turnOf("t1", "none"))[0]).toBe("writes: rows acknowledged by the old leader alone: lost 0");
  expect(rows(turnOf("t1", "tablet", [single]))[1]).toBe("single-replica tables on t1 (1 partition): refused 17000 by node-unavailable");
});

test("The price of each fence grows with what it holds back", () => {
  expect([pauseMs("partition", 100, 2), pauseMs("tablet", 100, 2), pauseMs("hook", 100, 8)]).toEqual([
    operationMs,
    50 * operationMs,
    13 * operationMs,
  ]);
});

test("[OM-21] [OM-23] Nameservers, APIServers and taskmanagers: what each of them takes away while it is down", () => {
  expect(rows(turnOf("ns1", null))).toEqual(["DDL and nameserver operations: refused 11000"]);
  expect(rows(turnOf("ns2", null))).toEqual(["DDL and nameserver operations: none 0"]);
  expect(rows(turnOf("api1", null))).toEqual(["API requests on api1: refused 15000 by node-unavailable"]);
  expect(rows(turnOf("tm1", null))).toEqual(["new jobs on tm1: refused 20000 by node-unavailable"]);
});
