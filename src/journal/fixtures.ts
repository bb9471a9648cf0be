import type { RunEvent } from "../model/event.ts";
import type { Plan } from "../model/plan.ts";
import type { Holder } from "./store.ts";

// Values for the tests of the journal.

export function holderNamed(operator: string, change: Partial<Holder> = {}): Holder {
  return { operator, host: "jump1", pid: 4211, startTicks: 1000, bootId: "boot pid:[1]", verb: "apply", ...change };
}

export function planFor(cluster: string): Plan {
  return {
    version: 1,
    hash: "7f3a".padEnd(64, "0"),
    cluster,
    system: "fake",
    goal: {
      version: "2.0",
      artefact: { path: "/srv/fake-2.0.tar.gz", sha256: "a".repeat(64), bytes: 1024, version: "2.0" },
      settings: {},
      restart: false,
      mode: "auto",
      only: null,
      options: {},
    },
    mode: "zero-downtime",
    modes: [{ mode: "zero-downtime", eligible: true, why: "minor release" }],
    facts: { structure: { n1: "1.0" }, now: { leader: "n1" } },
    structureDigest: "b".repeat(64),
    turns: [
      {
        id: "t1",
        nodes: ["n1"],
        title: "restart on 2.0",
        role: "member",
        items: [
          { id: "t1.stop", phase: "stop", do: "stop", params: { node: "n1" }, title: "stop n1", expectedMs: 500, withinMs: 60_000 },
          { id: "t1.pause", phase: "guard", do: "pause", params: null, held: "release", may: { do: ["move"], atMost: 3 } },
          { id: "t1.swap", phase: "replace", do: "swap", params: {}, ask: "May it go?", commits: { of: "run", why: "the format changes" } },
          { undo: "t1.pause" },
        ],
      },
    ],
    impact: [
      {
        feature: "writes",
        turn: "t1",
        effect: "paused",
        expectedMs: 400,
        basis: "driver default",
        source: "rule 1",
        measure: { by: "longest-write-gap" },
      },
      {
        feature: "reads on n1",
        turn: "t1",
        effect: "degraded",
        expectedMs: 300,
        basis: "driver default",
        source: "rule 2",
        measure: { by: "node-unavailable", node: "n1" },
      },
    ],
    checks: [{ code: "SW2107", object: "n1", verdict: "warning", what: "slow", remedy: "wait", price: "none", source: "rule 3" }],
    overrides: [{ code: "SW2107", by: "ana", reason: "agreed" }],
    unfenced: ["move"],
    undoUntil: "the end",
    rollsBack: null,
    createdAt: "2026-11-20T18:00:00.000Z",
    createdBy: "ana on jump1",
  };
}

/** One of every kind, with and without what may be absent. */
export const everyEvent: readonly RunEvent[] = [
  { is: "claimed", holder: "ana on jump1", verb: "apply", pid: 4211 },
  { is: "acting", step: "t1.stop", at: 1_795_197_600_000, settled: 1_795_197_605_000, before: { was: "running", pid: 17, größe: [1.5, null, true] } },
  { is: "acting", step: "t1.stop", at: 1_795_197_601_000, settled: 1_795_197_606_000 },
  { is: "acted", step: "t1.stop", receipt: { code: 0 } },
  { is: "refused", step: "t1.stop", why: "not\nnow" },
  { is: "expanded", step: "t1.swap", into: [{ id: "t1.swap.1", phase: "move", do: "move", params: { p: 1 } }, { undo: "t1.pause" }], before: null },
  { is: "done", step: "t1.stop", proof: null },
  { is: "done", step: "t1.pause", proof: "paused", before: "running" },
  { is: "lost", step: "t1.pause" },
  { is: "undone", step: "t1.pause" },
  { is: "released", step: "t1.pause" },
  { is: "absent", step: "t1.stop" },
  { is: "asked", step: "t1.swap", code: "SW2103", question: "Did it happen?" },
  { is: "answered", step: "t1.swap", answer: "again", by: "ana", reason: "it did not" },
  { is: "paused", step: null, code: "operator", why: "asked by ben" },
  { is: "paused", step: "t1.swap", code: "SW2102", why: "late" },
  { is: "aborting", turn: "t1", finish: false, by: "ana", reason: "window is over" },
  { is: "aborting", turn: null, finish: true, by: "ana", reason: "window is over" },
  { is: "alarm", what: "lease left behind", step: "t1.pause" },
  { is: "alarm", what: "disk nearly full", step: null },
  { is: "finished", as: "aborted" },
];
