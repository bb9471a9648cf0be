// recover, drain and restore: the same steps as in a tablet's turn, for any other maintenance. Pure.
import type { Draft, Refusal } from "../../../model/driver.ts";
import type { Maintenance } from "../../../model/goal.ts";
import type { Json } from "../../../model/json.ts";
import type { Item, Turn } from "../../../model/step.ts";
import { holding } from "../../../planner/kit.ts";
import { leaderOf, nodesOf, type OmFacts, type OmPartition } from "../facts.ts";
import { count as counted } from "../checks/check-kit.ts";
import { partitionName, partitionsOn, sicknesses } from "../partition-health.ts";
import { steps, type MoveLeadersParams, type Partition, type ReplicaParams } from "../steps.ts";
import { partitionOf } from "./moves.ts";
import type { Frame } from "./plan.ts";
import { draining } from "./tablet-turn.ts";

export function maintenanceTurns(frame: Frame, maintenance: Maintenance): Draft | Refusal {
  switch (maintenance.is) {
    case "recover":
      return recoverTurn(frame);
    case "drain":
      return drainTurn(frame, maintenance.node);
    case "restore":
      return restoreTurn(frame, maintenance);
    case "stop-programs":
    case "start-programs":
    case "backup":
    case "restore-backup":
      return { refused: `there is no ${maintenance.is} here`, clear: "see what `stillwater --help` lists under maintenance" };
  }
}
const withFailoverOff = (id: string, ...items: readonly Item[]): readonly Item[] =>
  holding(steps.autoFailover(`auto_failover ${id}`, { value: false }), "finish-then-release", ...items);

// ------------------------------------------------------------------------------------------------ recover

const isWell = (state: string): boolean => state === "kTableNormal" || state === "kMakingSnapshot";
const wrongRole = (partition: OmPartition): boolean =>
  partition.replicas.some(({ own, leads, alive }) => own !== null && (own.mode === "leader") !== (leads && alive));
/** Of tablets that run, and of those that are waited for: the others come back with their process, not by an operation. */
function sickReplicas(facts: OmFacts, awaited: ReadonlySet<string>): ReadonlyMap<string, readonly OmPartition[]> {
  const sick = new Map<string, OmPartition[]>();
  for (const partition of Object.values(facts.now.partitions))
    for (const { endpoint, alive, own } of partition.replicas) {
      const node = Object.entries(facts.structure.nodes).find(([, each]) => each.endpoint === endpoint)?.[0];
      if (node === undefined || (facts.now.nodes[node]?.state !== "healthy" && !awaited.has(endpoint))) continue;
      if (!alive || own === null || !isWell(own.state)) sick.set(endpoint, [...(sick.get(endpoint) ?? []), partition]);
    }
  return sick;
}

/** Only what is sick is touched; leaders first, because a follower follows somebody. */
function recoverTurn({ facts, options }: Frame): Draft | Refusal {
  const { taskConcurrency: concurrency } = facts.now.settings;
  const all = Object.values(facts.now.partitions);
  if (all.every((partition) => sicknesses(partition).length === 0))
    return { refused: "nothing is sick: every partition is led and every replica follows", clear: "nothing to do", code: "SW2109" };
  const of = (partitions: readonly OmPartition[]): readonly Partition[] => partitions.map((partition) => partitionOf(facts, partition));
  const deadline = options.recoveryDeadlineMs === null ? {} : { withinMs: options.recoveryDeadlineMs };
  const leaderless = all.filter((partition) => leaderOf(partition) === null || leaderOf(partition)?.own === null);
  // Nobody is made the leader before every replica has told its offset.
  const sick = sickReplicas(facts, new Set(leaderless.flatMap(({ replicas }) => replicas.map(({ endpoint }) => endpoint))));
  const confused = all.filter((partition) => !leaderless.includes(partition) && wrongRole(partition));
  const items: Item[] = [];
  if (confused.length > 0) items.push({ ...steps.settleLeaders("settle", { partitions: of(confused) }), title: `one leader for ${list(confused)}` });
  if (leaderless.length > 0)
    items.push({
      ...steps.recoverReplicas("lead", { endpoint: null, partitions: of(leaderless), concurrency }, leaderless.length * 3, deadline),
      title: `the replica with the largest offset leads ${list(leaderless)}`,
    });
  for (const [endpoint, partitions] of sick)
    items.push({
      ...steps.recoverReplicas(`recover ${endpoint}`, { endpoint, partitions: of(partitions), concurrency }, partitions.length, deadline),
      title: `recovertable on ${endpoint}: ${list(partitions)}`,
    });
  if (items.length === 0) return { ...notRunning(facts), clear: "start it (bin/start.sh start, in its directory); then recover again" };
  items.push(steps.settleLeaders("settled", { partitions: of(all) }), steps.recovered("recovered", { endpoint: null }));
  const count = new Set([...leaderless, ...confused, ...[...sick.values()].flat()]).size;
  return {
    turns: [
      {
        id: "recover",
        nodes: [],
        heals: true,
        title: `${counted(count, "sick partition")}, nothing else`,
        items: withFailoverOff("recover", ...items),
      },
    ],
  };
}
/** What is sick comes back with its process alone. */
function notRunning(facts: OmFacts): { readonly refused: string; readonly object: string } {
  const away = nodesOf(facts, "tablet").filter((node) => facts.now.nodes[node]?.state !== "healthy");
  const names = away.join(", ");
  return { refused: `every replica that is sick lives on ${names === "" ? "a tablet" : names}, which does not serve`, object: names };
}
const list = (partitions: readonly OmPartition[]): string => {
  const names = partitions.map(partitionName);
  return names.length <= 4 ? names.join(", ") : `${names.slice(0, 4).join(", ")} and ${String(names.length - 4)} more`;
};

// ------------------------------------------------------------------------------------------------ drain and restore

const refuseRole = (facts: OmFacts, node: string): Refusal | null =>
  facts.structure.nodes[node]?.role === "tablet"
    ? null
    : {
        refused: `${node} is no tablet: nothing lives on it that could be moved`,
        clear: "stop it as it is, one of its role at a time",
        object: node,
      };

function drainTurn(frame: Frame, node: string): Draft | Refusal {
  const { facts, options } = frame;
  const refused = refuseRole(facts, node);
  if (refused !== null) return refused;
  const endpoint = facts.structure.nodes[node]?.endpoint ?? "";
  const drained = draining(frame, node, [endpoint]);
  if ("refused" in drained) return drained;
  const left = drained.unavailable.length;
  const turn: Turn = {
    id: `drain ${node}`,
    nodes: [node],
    role: "tablet",
    title: `${counted(drained.moves, "leader")} away${left === 0 ? "" : `; ${counted(left, "partition")} of one replica ${left === 1 ? "stays, and goes" : "stay, and go"} down with it`}`,
    items: withFailoverOff(
      node,
      ...drained.items,
      steps.recoverReplicas(
        `old leaders of ${node}`,
        { endpoint, partitions: null, concurrency: facts.now.settings.taskConcurrency },
        partitionsOn(facts, endpoint).length,
        options.recoveryDeadlineMs === null ? {} : { withinMs: options.recoveryDeadlineMs },
      ),
    ),
  };
  return { turns: [turn] };
}

const isMoves = (params: Json): params is MoveLeadersParams =>
  typeof params === "object" && params !== null && "returns" in params && "partitions" in params;
const isReplica = (params: Json): params is ReplicaParams => typeof params === "object" && params !== null && "tid" in params && "endpoint" in params;
const existed = (before: Json): boolean => typeof before === "object" && before !== null && "existed" in before && before["existed"] === true;

function restoreTurn({ facts, options }: Frame, { node, drained }: Extract<Maintenance, { readonly is: "restore" }>): Draft | Refusal {
  const refused = refuseRole(facts, node);
  if (refused !== null) return refused;
  const endpoint = facts.structure.nodes[node]?.endpoint ?? "";
  const concurrency = facts.now.settings.taskConcurrency;
  const led = drained.flatMap(({ do: what, params }) =>
    what === "moveLeaders" && isMoves(params) && params.from === endpoint && params.returns ? params.partitions : [],
  );
  const partitions = [...new Map(led.map((partition) => [`${String(partition.tid)}/${String(partition.pid)}`, partition])).values()];
  const extras = drained.flatMap(({ do: what, params, before }) => (what === "addReplica" && isReplica(params) && !existed(before) ? [params] : []));
  const items: Item[] = [
    steps.recoverReplicas(`recover ${node}`, { endpoint, partitions: null, concurrency }, partitionsOn(facts, endpoint).length),
    steps.recovered(`recovered ${node}`, { endpoint }),
    ...(partitions.length === 0 ? [] : [steps.moveBack(`move back ${node}`, { endpoint, fence: options.fence, concurrency, partitions })]),
    ...extras.map((params) => steps.delReplica(`delete replica of ${params.db}.${params.name}/${String(params.pid)} ${node}`, params)),
  ];
  return {
    turns: [
      {
        id: `restore ${node}`,
        nodes: [node],
        role: "tablet",
        heals: true,
        title: `its replicas recovered, ${counted(partitions.length, "leader")} back, ${counted(extras.length, "extra replica")} deleted`,
        items: withFailoverOff(node, ...items),
      },
    ],
  };
}
