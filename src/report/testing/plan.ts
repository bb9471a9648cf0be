// A plan as the fixtures need it: three nodes, one of them the primary, from one minor release to another.
import type { NodeView } from "../../model/facts.ts";
import type { Plan } from "../../model/plan.ts";
import type { Item, Phase, Step, Turn } from "../../model/step.ts";

export const t0 = Date.parse("2026-11-20T01:29:31.000Z");

export const step = (id: string, phase: Phase, node: string | null, title: string, more: Partial<Step> = {}): Step => ({
  id,
  phase,
  do: id.replace(/^\w+ /, ""),
  params: node === null ? {} : { node },
  title,
  ...more,
});

const restart = (node: string): readonly Item[] => [
  step(`${node} stop`, "stop", node, `stop ${node}, fast`),
  step(`${node} backup`, "backup", node, `keep the old release of ${node}`),
  step(`${node} swap`, "replace", node, `put 17.10 in place on ${node}`),
  step(`${node} start`, "start", node, `start ${node}`),
  step(`${node} ready`, "ready", node, `${node} streams on 17.10`),
];

const turns: readonly Turn[] = [
  {
    id: "begin",
    nodes: [],
    title: "stage the release on all hosts; hold back archiving",
    items: [
      step("stage", "stage", null, "stage postgresql-17.10.tar.gz on 3 hosts"),
      step("archive", "guard", null, "archiving held back", { held: "release" }),
    ],
  },
  { id: "1", nodes: ["pg3"], role: "standby", title: "restart on 17.10", items: restart("pg3") },
  { id: "2", nodes: ["pg2"], role: "standby", title: "restart on 17.10", items: restart("pg2") },
  {
    id: "3",
    nodes: ["pg1"],
    role: "primary",
    title: "move primary pg1 -> pg2; restart on 17.10, rejoin as standby",
    items: [step("pg1 away", "move", "pg1", "move the primary away from pg1"), ...restart("pg1")],
  },
  { id: "end", nodes: [], title: "put archiving back", items: [{ undo: "archive" }] },
];

export const switchover: readonly Step[] = [
  step("stop", "stop", "pg1", "stop pg1, fast"),
  { ...step("received", "verify", null, "pg2 has received pg1's shutdown position"), params: { from: "pg1", by: "pg2" } },
  step("promote", "move", "pg2", "promote pg2"),
  step("repoint pg3", "move", "pg3", "pg3 follows pg2"),
];

export const plan: Plan = {
  version: 1,
  hash: "7f3a91c4e07b2d5586a0c1f9d3b4e6a78f90c2d4b6e8fa0c1d3e5f7091b2c3d4",
  cluster: "orders",
  system: "postgres",
  goal: { version: "17.10", artefact: null, settings: {}, restart: false, mode: "auto", only: null, options: {} },
  mode: "zero-downtime",
  modes: [],
  facts: { structure: {}, now: {} },
  structureDigest: "00",
  turns,
  impact: [
    {
      feature: "reads on pg3",
      turn: "1",
      effect: "refused",
      expectedMs: 1_500,
      basis: "driver default",
      source: "PG-2",
      measure: { by: "node-unavailable", node: "pg3" },
    },
    {
      feature: "reads on pg2",
      turn: "2",
      effect: "refused",
      expectedMs: 1_500,
      basis: "driver default",
      source: "PG-2",
      measure: { by: "node-unavailable", node: "pg2" },
    },
    {
      feature: "writes",
      turn: "3",
      effect: "paused",
      expectedMs: 400,
      basis: "driver default",
      source: "PG-1",
      measure: { by: "longest-write-gap" },
    },
    { feature: "alerts", turn: "3", effect: "degraded", expectedMs: 5_000, basis: "vendor's impact table", source: "PG-9", measure: null },
  ],
  checks: [],
  overrides: [],
  unfenced: [],
  undoUntil: "the end (minor release)",
  rollsBack: null,
  createdAt: "2026-11-20T01:20:00.000Z",
  createdBy: "ana on jump1",
};

const view = (name: string, role: string, version: string): NodeView => ({
  name,
  role,
  endpoint: `${name}:5432`,
  version,
  installed: version,
  state: "serving",
  detail: "",
});
export const before: readonly NodeView[] = [view("pg1", "primary", "17.0"), view("pg2", "standby", "17.0"), view("pg3", "standby", "17.0")];
export const after: readonly NodeView[] = [view("pg1", "standby", "17.10"), view("pg2", "primary", "17.10"), view("pg3", "standby", "17.10")];
