// The turn of a tablet, or of several that go down together. Pure.
import type { Refusal } from "../../../model/driver.ts";
import type { Item, Turn } from "../../../model/step.ts";
import { holding } from "../../../planner/kit.ts";
import type { OmPartition } from "../facts.ts";
import { ledBy, partitionName, partitionsOn } from "../partition-health.ts";
import { count } from "../checks/check-kit.ts";
import { nameOf, steps, type Partition } from "../steps.ts";
import { exchange, readBack, whatHappens } from "./exchange.ts";
import { partitionOf, placeExtras, singleOn } from "./moves.ts";
import type { Frame } from "./plan.ts";
import { foundMode } from "./scope.ts";

export interface Draining {
  /** In order; the undo of each puts it back. */
  readonly items: readonly Item[];
  /** The ids whose undo belongs to the end of the turn, in that order. */
  readonly back: readonly string[];
  readonly unavailable: readonly Partition[];
  readonly moves: number;
}

/** pre-upgrade of one tablet. `group`: the endpoints that go down together. */
export function draining(frame: Frame, node: string, group: readonly string[]): Draining | Refusal {
  const { facts, options } = frame;
  const endpoint = facts.structure.nodes[node]?.endpoint ?? "";
  const avoid = group.filter((each) => each !== endpoint);
  const moving = { endpoint, fence: options.fence, concurrency: facts.now.settings.taskConcurrency, avoid };
  const singles = singleOn(facts, endpoint, group);
  const apart = singles.filter(({ replicas }) => replicas.length > 1);
  const [first] = apart;
  if (first !== undefined)
    return {
      refused: `${partitionName(first)} has all its replicas on the tablets that would go down together`,
      clear: "let them go one after another",
      object: node,
    };
  const led = ledBy(facts, endpoint).filter((partition) => !singles.includes(partition));
  const move = steps.moveAway(`move ${node}`, { node, ...moving, which: "replicated", returns: true }, led.length);
  if (options.singleReplica !== "add-replica" || singles.length === 0) {
    const unavailable = singles.map((partition) => partitionOf(facts, partition));
    return { items: [move], back: options.restoreLeaders === "each" ? [move.id] : [], unavailable, moves: led.length };
  }
  const places = placeExtras(facts, singles, group);
  if (places === null)
    return {
      refused: `no other healthy tablet could take a replica of ${partitionName(singles[0] ?? ({ table: node, pid: 0 } as OmPartition))}`,
      clear: "use single-replica=allow-unavailable, or add a tablet",
      object: node,
    };
  const adds = [...places].map(([partition, to]) => {
    const params = { ...partitionOf(facts, partition), endpoint: to };
    return steps.addReplica(`add replica of ${nameOf(params)} ${node}`, params);
  });
  const moveSingles = steps.moveAway(
    `move single ${node}`,
    { node, ...moving, which: singles.map((partition) => partitionOf(facts, partition)), returns: true },
    singles.length,
  );
  return {
    items: [move, ...adds, moveSingles],
    back: [moveSingles.id, ...adds.map(({ id }) => id).toReversed(), ...(options.restoreLeaders === "each" ? [move.id] : [])],
    unavailable: [],
    moves: led.length + singles.length,
  };
}

export function tabletTurn(frame: Frame, group: readonly string[]): Turn | Refusal {
  const { facts, goal, options } = frame;
  const endpointOf = (node: string): string => facts.structure.nodes[node]?.endpoint ?? "";
  const endpoints = group.map(endpointOf);
  const concurrency = facts.now.settings.taskConcurrency;
  const id = group.join("+");
  const drained: Draining[] = [];
  for (const node of group) {
    const each = draining(frame, node, endpoints);
    if ("refused" in each) return each;
    drained.push(each);
  }
  const deadline = options.recoveryDeadlineMs === null ? {} : { withinMs: options.recoveryDeadlineMs };
  const recovering = (node: string, when: string): Item =>
    steps.recoverReplicas(
      `${when} ${node}`,
      { endpoint: endpointOf(node), partitions: null, concurrency },
      partitionsOn(facts, endpointOf(node)).length,
      deadline,
    );
  const stops = group.map((node, index) =>
    steps.stop(`stop ${node}`, {
      node,
      moving: {
        endpoint: endpointOf(node),
        fence: options.fence,
        concurrency,
        avoid: endpoints.filter((each) => each !== endpointOf(node)),
      },
      unavailable: drained[index]?.unavailable ?? [],
      ...(index > 0 ? { together: true as const } : {}),
    }),
  );
  const readies = group.map((node, index) =>
    steps.ready(
      `ready ${node}`,
      { node, version: goal.version },
      // Only with the last one is nothing left that could be undone.
      index < group.length - 1 ? {} : { commits: { of: "turn", why: `${id} serves again: an abort brings its replicas and leaders back first` } },
    ),
  );
  const items: readonly Item[] = [
    ...drained.flatMap((each) => each.items),
    // The old leaders follow: what one of them has more than its successor is told here, while it still runs.
    ...group.map((node) => recovering(node, "old leaders of")),
    ...stops,
    ...group.flatMap((node) => exchange(frame, node)),
    ...group.map((node, index) =>
      steps.start(`start ${node}`, {
        node,
        mode: foundMode(facts, node),
        unavailable: drained[index]?.unavailable ?? [],
        ...(group.length > 1 ? { together: true as const } : {}),
      }),
    ),
    ...readies,
    ...group.flatMap((node) => readBack(frame, node)),
    ...group.map((node) => recovering(node, "recover")),
    ...group.map((node) => steps.recovered(`recovered ${node}`, { endpoint: endpointOf(node) })),
    ...drained.toReversed().flatMap((each) => each.back.map((undo) => ({ undo }))),
  ];
  const moves = drained.reduce((sum, each) => sum + each.moves, 0);
  const back = options.restoreLeaders === "each" ? "away and back" : "away";
  const together = group.length > 1 ? `; deviates from the vendor's warning (one at a time): ${options.parallelReason}` : "";
  const [first = id] = group;
  return {
    id,
    nodes: group,
    role: "tablet",
    title: `${whatHappens(frame, first)}; ${count(moves, "leader")} ${back}${together}`,
    items: holding(steps.autoFailover(`auto_failover ${id}`, { value: false }), "finish-then-release", ...items),
  };
}
