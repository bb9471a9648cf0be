// What planning costs: 1,000 nodes of a system made up here and of PostgreSQL, the draft walked by the checker and hashed, in a process of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { namesWhere, withEntry } from "../src/model/dictionary.ts";
import type { SystemDriver } from "../src/model/driver.ts";
import type { Facts, NodeView } from "../src/model/facts.ts";
import type { Goal } from "../src/model/goal.ts";
import type { Item, Turn } from "../src/model/step.ts";
import { holding, operation, operationTable, rolling } from "../src/planner/kit.ts";
import { makePlan } from "../src/planner/plan.ts";
import { postgresNodes } from "./core-plan-postgres.ts";
import type { Metric } from "./metric.ts";

const nodeCount = 1_000;
const repetitions = 3;

interface Sample {
  readonly ms: number;
  /** Of the whole process, its start included: does not grow when others use the machine. */
  readonly cpuMs: number;
  readonly peakMb: number;
  readonly steps: number;
}

/** As `bin/stillwater.mjs` is started: a young generation that may grow takes 60 MB more. */
const nodeFlags = ["--max-semi-space-size=1"];

/** Time from facts to a hashed plan in ms, and the peak memory of a process that does nothing else in MB; medians of three. At most 1,000 ms and 200 MB. */
export async function planThousandNodes(): Promise<Metric[]> {
  return [...(await planned("made-up")), ...(await planned("postgres"))];
}
type System = "made-up" | "postgres";

async function planned(system: System): Promise<Metric[]> {
  const samples: Sample[] = [];
  for (let i = 0; i < repetitions; i += 1) samples.push(await planInChild(system));
  const absolute = { baseline: null, ratio: null };
  const nodes = system === "postgres" ? `${nodeCount} PostgreSQL nodes` : `${nodeCount} nodes`;
  return [
    { metric: `plan ${nodes}`, value: median(samples.map(({ ms }) => ms)), unit: "ms", ...absolute },
    { metric: `plan ${nodes}, CPU of the process`, value: median(samples.map(({ cpuMs }) => cpuMs)), unit: "ms", ...absolute },
    { metric: `plan ${nodes}, peak memory`, value: median(samples.map(({ peakMb }) => peakMb)), unit: "MB", ...absolute },
    { metric: `plan ${nodes}, steps`, value: median(samples.map(({ steps }) => steps)), unit: "steps", ...absolute },
  ];
}
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

async function planInChild(system: System): Promise<Sample> {
  const child = spawn(process.execPath, [...nodeFlags, fileURLToPath(import.meta.url), system], { stdio: ["ignore", "pipe", "inherit"] });
  const [out, [code]] = await Promise.all([text(child.stdout), once(child, "close") as Promise<[number | null]>]);
  if (code !== 0) throw new Error(`planning in a process of its own ended with ${code}`);
  return JSON.parse(out) as Sample;
}

// ------------------------------------------------------------------------------------------------ in the child

type Node = { readonly version: string; readonly up: boolean; readonly primary: boolean };
type Nodes = { readonly [node: string]: Node };
type BenchFacts = Facts<{ readonly nodes: readonly string[] }, { readonly nodes: Nodes }>;
type One = { readonly node: string };

const madeUpGoal: Goal = { version: "2", artefact: null, settings: {}, restart: false, mode: "auto", only: null, options: {} };
const names = Array.from({ length: nodeCount }, (_, i) => `node-${String(i + 1).padStart(4, "0")}`);

const set = (facts: BenchFacts, node: string, to: Partial<Node>): BenchFacts => {
  const was = facts.now.nodes[node];
  return was === undefined ? facts : { ...facts, now: { nodes: withEntry(facts.now.nodes, node, { ...was, ...to }) } };
};
const down = ({ now }: BenchFacts) => namesWhere(now.nodes, ({ up }) => !up).map((object) => ({ object, what: "down" }));

function benchDriver(): SystemDriver<BenchFacts> {
  const look = async () => ({ is: "open" as const });
  const act = async () => null;
  const lease = operation<BenchFacts, { readonly is: boolean }>("lease", {
    look,
    act,
    undo: (): readonly Item[] => [lease.step("back", "restore", { is: false })],
  });
  const stop = operation<BenchFacts, One>("stop", {
    look,
    act,
    undo: (of): readonly Item[] => [start.step("start", "start", of)],
    predict: (facts, { node }) => set(facts, node, { up: false }),
  });
  const swap = operation<BenchFacts, One>("swap", { look, act, predict: (facts, { node }) => set(facts, node, { version: "2" }) });
  const start = operation<BenchFacts, One>("start", {
    look,
    act,
    undo: (of): readonly Item[] => [stop.step("stop", "stop", of)],
    predict: (facts, { node }) => set(facts, node, { up: true }),
  });
  const ready = operation<BenchFacts, One>("ready", { look });
  const turn = (node: string): Turn => ({
    id: node,
    nodes: [node],
    items: holding(
      lease.step(`${node} lease`, "guard", { is: true }),
      "release",
      stop.step(`${node} stop`, "stop", { node }),
      swap.step(`${node} swap`, "replace", { node }),
      start.step(`${node} start`, "start", { node }),
      ready.step(`${node} ready`, "ready", { node }, { commits: { of: "turn", why: "it serves" } }),
    ),
  });
  const view = (name: string): NodeView => ({
    name,
    role: "member",
    endpoint: `${name}:1`,
    version: "1",
    installed: "1",
    state: "serving",
    detail: "",
  });
  return {
    system: "bench",
    operations: operationTable<BenchFacts>(lease, stop, swap, start, ready),
    invariants: [
      { name: "one down at most", holds: "always", broken: (facts) => (down(facts).length > 1 ? down(facts) : []) },
      {
        name: "one primary at most",
        holds: "always",
        broken: ({ now }) => (namesWhere(now.nodes, ({ primary, up }) => primary && up).length > 1 ? [{ object: "cluster", what: "two" }] : []),
      },
      { name: "all up", holds: "between turns", broken: down },
    ],
    inspect: async () => benchFacts(),
    plan: () => ({ turns: rolling(names, turn) }),
    nodes: () => names.map(view),
    check: () => [],
    modes: () => [{ mode: "zero-downtime", eligible: true, why: "it replicates" }],
    impact: () =>
      names.map((node) => ({
        feature: `reads on ${node}`,
        turn: node,
        effect: "refused",
        expectedMs: 1_000,
        basis: "driver default",
        source: "none",
        measure: null,
      })),
    undoUntil: () => "the last node",
    goalBack: (_, to) => to,
    artefact: async (path) => ({ path, sha256: "", bytes: 0, version: "2" }),
    prove: () => ({ coverage: null, objects: [], violations: [] }),
    close: async () => undefined,
  };
}
const benchFacts = (): BenchFacts => ({
  structure: { nodes: names },
  now: { nodes: Object.fromEntries(names.map((node, i) => [node, { version: "1", up: true, primary: i === 0 }])) },
});
const madeUpNodes = (): { readonly driver: SystemDriver; readonly facts: Facts; readonly goal: Goal } => ({
  driver: benchDriver(),
  facts: benchFacts(),
  goal: madeUpGoal,
});

function planOnce(system: System): Sample {
  const { driver, facts, goal } = system === "postgres" ? postgresNodes(names) : madeUpNodes();
  const began = performance.now();
  const plan = makePlan(driver, {
    cluster: "bench",
    goal,
    facts,
    overrides: [],
    rollsBack: null,
    createdAt: "2026-01-01T00:00:00.000Z",
    createdBy: "bench",
  });
  const ms = Math.round(performance.now() - began);
  const steps = plan.turns.flatMap((turn) => turn.items).filter((item) => "do" in item).length;
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return { ms, cpuMs: Math.round((userCPUTime + systemCPUTime) / 1_000), peakMb: Math.round(maxRSS / 1024), steps };
}

if (import.meta.main) process.stdout.write(JSON.stringify(planOnce(process.argv[2] === "postgres" ? "postgres" : "made-up")));
