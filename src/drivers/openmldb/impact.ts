// What will be felt. Pure.
import type { Goal, Mode } from "../../model/goal.ts";
import type { ImpactForecast } from "../../model/impact.ts";
import { isUndo, type Step, type Turn } from "../../model/step.ts";
import { leaderOf, type OmFacts } from "./facts.ts";
import { count } from "./checks/check-kit.ts";
import { operationMs, type FenceKind, type MoveAwayParams, type MoveBackParams, type MoveLeadersParams, type StopParams } from "./steps.ts";

/** Defaults until runs of this cluster are known, in milliseconds. */
export const expected = {
  /** stop, the registration's end, start until it answers. */
  restart: 15_000,
  /** A partition's own replica: loaded, and level with its leader. */
  load: 2_000,
  taskmanager: 20_000,
} as const;
const basis = "driver default";
const sources = {
  moves: "OM-3, OM-4; facts 2.8, 4.2: ChangeLeader and two polls of the nameserver",
  single: "OM-2: vendor's page, single-replica tables",
  reads: "OM-3: vendor's page, leaders are moved away before the restart",
  management: "facts 2.5, 3.3: DDL and operations need a nameserver that leads; auto_failover is off during a tablet's turn",
  rest: "OM-21, OM-23: vendor's page",
} as const;

const stepsOf = (turn: Turn): readonly Step[] => turn.items.flatMap((item) => (isUndo(item) ? [] : [item]));
interface ParamsByOperation {
  readonly moveAway: MoveAwayParams;
  readonly moveBack: MoveBackParams;
  readonly moveLeaders: MoveLeadersParams;
  readonly stop: StopParams;
}
const paramsOf = <K extends keyof ParamsByOperation>(turn: Turn, operation: K): readonly ParamsByOperation[K][] =>
  stepsOf(turn).flatMap((step) => (step.do === operation ? [step.params as ParamsByOperation[K]] : []));

export function impact(facts: OmFacts, goal: Goal, _: Mode, turns: readonly Turn[]): readonly ImpactForecast[] {
  return turns.flatMap((turn) => {
    const moving = movingRows(facts, turn);
    const restarted = turn.nodes.filter((node) => paramsOf(turn, "stop").some((params) => params.node === node));
    return [...moving, ...restarted.flatMap((node) => restartRows(facts, goal, turn, node))];
  });
}

/** How long writes on one partition stand still while its leader changes. */
export function pauseMs(fence: FenceKind, partitions: number, concurrency: number): number {
  switch (fence) {
    case "partition":
      return operationMs;
    case "tablet":
    case "hook":
      return Math.max(1, Math.ceil(partitions / Math.max(1, concurrency))) * operationMs;
    case "none":
      return 0;
  }
}

function movingRows(facts: OmFacts, turn: Turn): readonly ImpactForecast[] {
  const away = paramsOf(turn, "moveAway").map(({ endpoint, ...rest }) => ({ ...rest, leaders: leadersOn(facts, endpoint) }));
  const back = [...paramsOf(turn, "moveBack"), ...paramsOf(turn, "moveLeaders")].map((params) => ({
    ...params,
    leaders: params.partitions.length,
  }));
  const moves = [...away, ...back].filter(({ leaders }) => leaders > 0);
  const [first] = moves;
  if (first === undefined) return [];
  const expectedMs = Math.max(...moves.map(({ fence, leaders, concurrency }) => pauseMs(fence, leaders, concurrency)));
  const row = { turn: turn.id, expectedMs, basis, source: sources.moves, measure: { by: "longest-write-gap" } } as const;
  switch (first.fence) {
    case "partition":
      return [{ ...row, feature: "writes on one partition at a time", effect: "refused" }];
    case "tablet":
      return [{ ...row, feature: "writes on the partitions that the tablet leads", effect: "refused" }];
    case "hook":
      return [{ ...row, feature: "writes", effect: "paused" }];
    case "none":
      return [{ ...row, feature: "writes: rows acknowledged by the old leader alone", effect: "lost", measure: null }];
  }
}

const leadersOn = (facts: OmFacts, endpoint: string): number =>
  Object.values(facts.now.partitions).filter((partition) => leaderOf(partition)?.endpoint === endpoint).length;

function restartRows(facts: OmFacts, goal: Goal, turn: Turn, node: string): readonly ImpactForecast[] {
  const row = { turn: turn.id, basis, measure: null } as const;
  const down = { by: "node-unavailable", node } as const;
  const structure = facts.structure.nodes[node];
  switch (structure?.role) {
    case "tablet": {
      const single = paramsOf(turn, "stop")
        .filter((params) => params.node === node)
        .flatMap(({ unavailable }) => unavailable);
      const unavailable: ImpactForecast = {
        ...row,
        feature: `single-replica tables on ${node} (${count(single.length, "partition")})`,
        effect: "refused",
        expectedMs: expected.restart + expected.load,
        source: sources.single,
        measure: down,
      };
      const lease = stepsOf(turn).find(({ do: what }) => what === "autoFailover");
      return [
        ...(single.length === 0 ? [] : [unavailable]),
        { ...row, feature: `reads of what ${node} led`, effect: "none", expectedMs: 0, source: sources.reads },
        {
          ...row,
          feature: "automatic failover",
          effect: "paused",
          // auto_failover is off from the first step of the turn to the last.
          expectedMs: stepsOf(turn).reduce((sum, step) => sum + (step.expectedMs ?? 0), 0),
          source: sources.management,
          measure: lease === undefined ? null : { by: "lease-held", step: lease.id },
        },
      ];
    }
    case "nameserver": {
      const leads = facts.now.nameserver === structure.endpoint;
      const feature = "DDL and nameserver operations";
      if (!leads) return [{ ...row, feature, effect: "none", expectedMs: 0, source: sources.management }];
      return [{ ...row, feature, effect: "refused", expectedMs: facts.now.settings.sessionTimeoutMs + 1_000, source: sources.management }];
    }
    case "apiserver":
      return [{ ...row, feature: `API requests on ${node}`, effect: "refused", expectedMs: expected.restart, source: sources.rest, measure: down }];
    case "taskmanager": {
      const jobs = goal.options["jobs"] === "list" ? "running jobs" : "new jobs";
      return [{ ...row, feature: `${jobs} on ${node}`, effect: "refused", expectedMs: expected.taskmanager, source: sources.rest, measure: down }];
    }
    case undefined:
      return [];
  }
}
