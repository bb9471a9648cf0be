// From facts and a goal to turns. Pure.
import type { Draft, Refusal } from "../../../model/driver.ts";
import { goalKind, type Goal } from "../../../model/goal.ts";
import type { Item, Turn } from "../../../model/step.ts";
import { holding } from "../../../planner/kit.ts";
import type { DdNode } from "../cluster.ts";
import { nodesOn, nodesOf, type DdFacts } from "../facts.ts";
import { stablePolls, steps } from "../steps.ts";
import { downtimeTurn } from "./downtime-turn.ts";
import { goesBack } from "../checks/scope.ts";
import { wayBack } from "../rollback.ts";
import { refuseSettings } from "../settings/scope.ts";
import { settingsAfter, settingsBefore, staging } from "./exchange.ts";
import type { Frame } from "./frame.ts";
import { chosenMode } from "./modes.ts";
import { planOptions } from "./options.ts";
import { dueHosts, inOrder } from "./order.ts";
import { rollingTurn } from "./rolling-turn.ts";

export interface PlanSurroundings {
  readonly nodes: readonly DdNode[];
  readonly holdsTraffic: boolean;
}

export function plan(facts: DdFacts, goal: Goal, { nodes }: PlanSurroundings): Draft | Refusal {
  const options = planOptions(goal);
  if ("refused" in options) return options;
  const frame: Frame = { facts, goal, options, nodes };
  const back = goesBack(goal) ? wayBack(facts, goal) : null;
  if (back?.is === "refused") return back.refusal;
  refuseSettings(facts, goal);
  const hosts = inOrder(facts, dueHosts(facts, goal));
  const restarted = hosts.flatMap((host) => nodesOn(facts, host));
  const [first, last] = [settingsBefore(frame), settingsAfter(frame, restarted)];
  const settings = (id: string, title: string, items: readonly Item[]): readonly Turn[] =>
    items.length === 0 ? [] : [{ id, nodes: [], title, items }];
  const before = settings("cluster settings", "settings of data and compute nodes, which the Raft group owns", first);
  const after = settings("online settings", "settings that count without a restart", last);
  if (hosts.length === 0 && before.length + after.length > 0) return { turns: [...before, ...after] };
  if (hosts.length === 0) return { refused: nothingToDo(facts, goal), clear: "nothing to do", code: "SW2109" };
  const turns =
    chosenMode(facts, goal) === "downtime" ? [downtimeTurn(frame, hosts)] : hosts.map((host) => rollingTurn(frame, host, nodesOn(facts, host)));
  return { turns: [...before, ...aroundAll(frame, hosts, turns), ...after] };
}

/**
 * Before the first host: the release on every host, and automatic restarts off; after the last one: as they were, and every node asked for its version once
 * more. The gate over chunks comes first, too: what was sick before is not ours, and rows are counted for the proof.
 */
function aroundAll(frame: Frame, hosts: readonly string[], turns: readonly Turn[]): readonly Turn[] {
  const { facts, goal, options } = frame;
  const [take, ...putBack] = holding(steps.stopRestarting("restart interval"), "finish-then-release");
  const [lift, ...suspendedAgain] = options.suspended ? holding(steps.liftRecovery("recovery resumed"), "finish-then-release") : [];
  const before: readonly Item[] = [
    ...staging(frame, hosts),
    steps.chunksStable("chunks before", { polls: 2, everyMs: stablePolls.everyMs }),
    ...(take ? [take] : []),
    ...(lift ? [lift] : []),
  ];
  const every = Object.keys(facts.structure.nodes);
  const version = every.every((name) => hosts.includes(facts.structure.nodes[name]?.host ?? "")) ? goal.version : null;
  const title =
    goal.version === null
      ? "data nodes are not restarted by the controllers"
      : `${goal.version} on every host; data nodes are not restarted by the controllers`;
  return [
    { id: "prepare", nodes: [], title, items: before },
    ...turns,
    {
      id: "finish",
      nodes: [],
      title: "automatic restarts as they were; version of every node",
      items: [...suspendedAgain, ...putBack, steps.ready("versions", { nodes: every, version })],
    },
  ];
}

function nothingToDo(facts: DdFacts, goal: Goal): string {
  const installed = [...new Set(nodesOf(facts, "controller").map((name) => facts.structure.nodes[name]?.installed ?? "?"))].join(", ");
  return goalKind(goal) === "configuration" ? "every node has these values already" : `every node runs ${installed} already`;
}
