// What users will feel, with the rule that says so. Pure.
import type { Goal, Mode } from "../../model/goal.ts";
import type { ImpactForecast } from "../../model/impact.ts";
import type { Json } from "../../model/json.ts";
import { isUndo, type Step, type Turn } from "../../model/step.ts";
import { count, some } from "./checks/check-kit.ts";
import type { DdFacts, DdFelt, DdTiming } from "./facts.ts";
import type { StepName } from "./step-names.ts";

/** Milliseconds, until runs of this cluster are known. */
const usual = { stopData: 12_000, stopRest: 6_000, exchangeOfHost: 5_000, startRest: 10_000, startData: 10_000, ready: 4_000 } as const;
/** A client of the vendor tries the next site after a second (facts 3.6). */
const reconnectMs = 1_000;
/** Defaults of the vendor (facts 1.5). */
const defaults: DdTiming = { electionTick: 800, heartbeatTimeoutMs: 8_000 };
const sources = {
  writes: "facts 5.1, 1.5: heartbeat of data nodes, election, reconnect",
  election: "facts 1.5: raftElectionTick; 5.1: transactions wait for the new leader (S01076)",
  sessions: "facts 5.3: sessions vanish with their node; clients with a site list go on elsewhere",
  volatile: "facts 5.3: non-persisted stream tables and shared tables vanish with their node",
  jobs: "facts 5.3: batch jobs are lost with their node, scheduled ones skipped",
  recovery: "facts 0.3: suspended on every controller for the turn",
  restarting: "facts 0.8: datanodeRestartInterval is 0 for the run",
  all: "DD-1: all nodes are shut down, all services are interrupted",
} as const;

const timingOf = (facts: DdFacts): DdTiming => facts.now.timing ?? defaults;
const longestElectionMs = ({ electionTick }: DdTiming): number => electionTick * 20;

/** How long nothing is served when all nodes go down together, milliseconds; what the regular upgrade costs. */
export function outageMs(facts: DdFacts, goal: Pick<Goal, "version">): number {
  const hosts = new Set(Object.values(facts.structure.nodes).map(({ host }) => host)).size;
  return usuallyDownMs(goal, hosts) + longestElectionMs(timingOf(facts));
}
/** How long the nodes of one host are down in its turn, milliseconds. */
export const hostDownMs = (goal: Pick<Goal, "version">): number => usuallyDownMs(goal, 1);
/** Hosts get their files one after the other. */
const usuallyDownMs = ({ version }: Pick<Goal, "version">, hosts: number): number =>
  usual.stopData + usual.stopRest + (version === null ? 0 : hosts * usual.exchangeOfHost) + usual.startRest + usual.startData + usual.ready;

/** The longest that one writer with a list of sites may wait for its next acknowledgement while a host goes down, milliseconds. */
export function writeStallMs(facts: DdFacts, leaderGoes: boolean): number {
  const timing = timingOf(facts);
  return timing.heartbeatTimeoutMs + reconnectMs + (leaderGoes ? longestElectionMs(timing) : 0);
}

const stepsOf = (turn: Turn): readonly Step[] => turn.items.flatMap((item) => (isUndo(item) ? [] : [item]));
const namesIn = (params: Json): readonly string[] => {
  if (typeof params !== "object" || params === null || !("nodes" in params) || !Array.isArray(params["nodes"])) return [];
  return params["nodes"].filter((name): name is string => typeof name === "string");
};
const stoppedIn = (turn: Turn, ...operations: readonly StepName[]): readonly string[] => [
  ...new Set(stepsOf(turn).flatMap((step) => (operations.some((each) => each === step.do) ? namesIn(step.params) : []))),
];
const expectedOf = (steps: readonly Step[]): number => steps.reduce((sum, step) => sum + (step.expectedMs ?? 0), 0);
/** From the first step that stops something to the last one that waits until it is back. */
function downIn(turn: Turn): number {
  const steps = stepsOf(turn);
  const first = steps.findIndex(({ phase }) => phase === "stop");
  const last = steps.findLastIndex(({ phase }) => phase === "start" || phase === "ready");
  return first < 0 ? 0 : expectedOf(steps.slice(first, Math.max(first, last) + 1));
}

export function impact(facts: DdFacts, goal: Goal, mode: Mode, turns: readonly Turn[]): readonly ImpactForecast[] {
  let beganMs = 0;
  const wholeMs = turns.reduce((sum, turn) => sum + expectedOf(stepsOf(turn)), 0);
  return turns.flatMap((turn) => {
    const rows = turnRows(facts, goal, mode, turn, beganMs);
    beganMs += expectedOf(stepsOf(turn));
    return [...rows, ...leaseRows(turn, wholeMs)];
  });
}

function turnRows(facts: DdFacts, goal: Goal, mode: Mode, turn: Turn, beganMs: number): readonly ImpactForecast[] {
  const data = stoppedIn(turn, "stopDataNodes");
  const rest = stoppedIn(turn, "stopNodes");
  const leaderGoes = facts.now.leader !== null && rest.includes(facts.now.leader);
  const downMs = downIn(turn);
  const endMs = beganMs + expectedOf(stepsOf(turn));
  const lost = data.flatMap((node) => nodeRows(facts, goal, turn, node, { downMs, beganMs, endMs }));
  if (data.length + rest.length === 0) return [];
  if (mode === "downtime")
    return [
      {
        feature: "reads, writes, logins: everything",
        turn: turn.id,
        effect: "refused",
        expectedMs: downMs + longestElectionMs(timingOf(facts)),
        basis: "driver default, and the longest election by raftElectionTick",
        source: sources.all,
        measure: { by: "longest-write-gap" },
      },
      ...lost,
    ];
  return [...writeRows(facts, turn, data, leaderGoes), ...(leaderGoes ? [electionRow(facts, turn)] : []), ...lost];
}

function writeRows(facts: DdFacts, turn: Turn, data: readonly string[], leaderGoes: boolean): readonly ImpactForecast[] {
  const timing = timingOf(facts);
  const seconds = (ms: number): string => `${String(ms / 1_000)} s`;
  if (data.length === 0 && !leaderGoes) return [];
  const parts = [`heartbeat ${seconds(timing.heartbeatTimeoutMs)}`, `reconnect ${seconds(reconnectMs)}`];
  if (leaderGoes) parts.unshift(`election up to ${seconds(longestElectionMs(timing))}`);
  return [
    {
      feature: "writes of a client with a list of sites",
      turn: turn.id,
      effect: "paused",
      expectedMs: writeStallMs(facts, leaderGoes),
      basis: `configured: ${parts.join(", ")}`,
      source: sources.writes,
      measure: { by: "longest-write-gap" },
    },
  ];
}
const electionRow = (facts: DdFacts, turn: Turn): ImpactForecast => ({
  feature: "what needs the leading controller: new partitions, tables, users, logins",
  turn: turn.id,
  effect: "paused",
  expectedMs: longestElectionMs(timingOf(facts)),
  basis: "configured: the longest election by raftElectionTick",
  source: sources.election,
  measure: null,
});

interface Window {
  readonly downMs: number;
  /** Of the turn, counted from the beginning of the run. */
  readonly beganMs: number;
  readonly endMs: number;
}

function nodeRows(facts: DdFacts, goal: Goal, turn: Turn, node: string, window: Window): readonly ImpactForecast[] {
  const now = facts.now.nodes[node];
  const row = { turn: turn.id, basis: "driver default", expectedMs: window.downMs } as const;
  const connections = now?.connections ?? null;
  const found: ImpactForecast[] = [
    {
      ...row,
      feature: `sessions on ${node}${connections === null ? "" : ` (${count(connections, "connection")} now)`}`,
      effect: "lost",
      source: sources.sessions,
      measure: { by: "node-unavailable", node },
    },
  ];
  const felt = now?.felt ?? null;
  if (felt === null) return found;
  const { volatileTables, batchJobs } = felt;
  if (volatileTables.length > 0)
    found.push({
      ...row,
      feature: `tables in the memory of ${node}: ${some(volatileTables.map(({ name, rows }) => `${name} (${count(rows, "row")})`))}`,
      effect: "lost",
      basis: "getStreamTables and shared objects, as the node has them now",
      source: sources.volatile,
      measure: null,
    });
  if (batchJobs.length > 0)
    found.push({
      ...row,
      feature: `batch jobs on ${node}: ${some(batchJobs)}`,
      effect: goal.options["jobs"] === "list" ? "lost" : "none",
      basis: "getRecentJobs, as the node has them now",
      source: sources.jobs,
      measure: null,
    });
  const due = dueWithin(felt, window.beganMs, window.endMs);
  if (due.length > 0)
    found.push({
      ...row,
      feature: `scheduled jobs of ${node} due while it is down, if applied now: ${some(due)}`,
      effect: "lost",
      basis: "getScheduledJobs against the node's own clock",
      source: sources.jobs,
      measure: null,
    });
  return found;
}

const dayMinutes = 24 * 60;
/** Jobs whose time of day lies between the two instants (milliseconds from now), one minute of slack on each side. The day of the week or month is not judged: a job that may run is told. */
export function dueWithin({ scheduledJobs, serverMinute }: DdFelt, fromMs: number, toMs: number): readonly string[] {
  if (serverMinute === null) return [];
  const [from, to] = [Math.floor(fromMs / 60_000) - 1, Math.ceil(toMs / 60_000) + 1];
  return scheduledJobs.flatMap(({ id, minutes }) => {
    const at = minutes.find((minute) => {
      const ahead = (((minute - serverMinute) % dayMinutes) + dayMinutes) % dayMinutes;
      return (ahead >= from && ahead <= to) || ahead - dayMinutes >= from;
    });
    return at === undefined ? [] : [`${id} at ${clock(at)}`];
  });
}
const clock = (minute: number): string => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

/** `wholeMs`: of the run, for what is held until its end. */
function leaseRows(turn: Turn, wholeMs: number): readonly ImpactForecast[] {
  const turnMs = expectedOf(stepsOf(turn));
  const rows = [
    ["suspendRecovery", "copying of chunks that lack a replica", sources.recovery, turnMs],
    ["stopRestarting", "automatic start of data nodes that crash", sources.restarting, wholeMs],
  ] as const;
  return rows.flatMap(([operation, feature, source, expectedMs]): readonly ImpactForecast[] => {
    const lease = stepsOf(turn).find((step) => step.do === operation && step.held !== undefined);
    if (lease === undefined) return [];
    return [
      {
        feature,
        turn: turn.id,
        effect: "paused",
        expectedMs,
        basis: "driver default",
        source,
        measure: { by: "lease-held", step: lease.id },
      },
    ];
  });
}
