// From facts and a goal to turns. Pure.
import type { Draft, Refusal } from "../../../model/driver.ts";
import { StillwaterError } from "../../../model/errors.ts";
import type { Goal, Mode } from "../../../model/goal.ts";
import type { Item, Turn } from "../../../model/step.ts";
import { holding, rolling } from "../../../planner/kit.ts";
import { nodeNames, nowOf, structureOf, type PgFacts } from "../facts.ts";
import { keptPath, releaseOnHost, stagedPath, storeOf } from "../releases.ts";
import type { PgNode } from "../servers.ts";
import { steps } from "../steps.ts";
import { parseVersion } from "../version.ts";
import { needsSettings, needsVersion, inScope, settingChanges, standbysFirst, type SettingChange } from "./scope.ts";
import { chosenMode, needsRestart } from "./modes.ts";
import { refuseSettings } from "./refuse-settings.ts";
import { refuseLeased, syncLease } from "./lease.ts";

/** Null: the release is on the host of the node already, at that path; a path to stage it to otherwise. */
interface Placing {
  readonly replacement: string;
  readonly previous: string;
}

export function plan(facts: PgFacts, goal: Goal, nodes: readonly Pick<PgNode, "name" | "archives">[]): Draft | Refusal {
  const managers = nodeNames(facts).flatMap((node) => nowOf(facts, node).managers.map((what) => `${node}: ${what}`));
  if (managers.length > 0)
    throw new StillwaterError("SW6003", "another manager owns this cluster and would act against the run", {
      object: nodeNames(facts).join(", "),
      why: managers,
    });
  const unknown = (goal.only ?? []).filter((name) => !nodeNames(facts).includes(name));
  if (unknown.length > 0) return { refused: `the cluster has no node ${unknown.join(", ")}`, clear: `its nodes are ${nodeNames(facts).join(", ")}` };
  const refusal = refuseVersion(facts, goal);
  if (refusal) return refusal;
  refuseSettings(facts, goal);

  const changes = settingChanges(facts, goal);
  const scope = inScope(facts, goal);
  const due = scope.filter(
    (node) =>
      goal.restart ||
      (goal.version !== null && needsVersion(facts, node, goal.version)) ||
      (changes.length > 0 && needsSettings(facts, node, changes)),
  );
  if (due.length === 0)
    return {
      code: "SW2109",
      refused: "every node is as it was asked for",
      clear: "nothing to do",
      why: scope.map((node) => `${node}: ${structureOf(facts, node).installed ?? "?"}`),
    };
  const mode = chosenMode(facts, goal);
  // The planner refuses a mode that is not eligible by the verdicts.
  if (mode === null) return { refused: "no mode is eligible", clear: "see the reasons of each mode", code: "SW2108" };
  const leased = refuseLeased(facts, goal, mode);
  if (leased) return leased;
  const placing = goal.version === null ? new Map<string, Placing>() : placings(facts, goal, goal.version, due);
  if ("refused" in placing) return placing;
  return { turns: turns({ facts, goal, mode, due, changes, placing, nodes }) };
}

function refuseVersion(facts: PgFacts, goal: Goal): Refusal | null {
  if (goal.version === null) return null;
  const target = parseVersion(goal.version);
  if (target === null)
    return { refused: `${goal.version} is no version of PostgreSQL`, clear: "give it as `postgres --version` says it, e.g. 17.10" };
  for (const node of inScope(facts, goal)) {
    const running = parseVersion(nowOf(facts, node).running ?? structureOf(facts, node).installed ?? "");
    if (running === null)
      return {
        refused: `${node}: no release is installed in ${structureOf(facts, node).installation}`,
        clear: "check `installation` in the cluster file",
        object: node,
      };
    if (running.major !== target.major)
      return {
        object: node,
        refused: `${running.text} to ${target.text} is a major release: its data directory cannot be read by the other`,
        clear: "needed: pg_upgrade, or a second cluster that follows by logical replication; Stillwater does minor releases of PostgreSQL only",
        why: [`${node} runs ${running.text}`, "only minor releases keep the format of the data directory"],
      };
  }
  return null;
}

function placings(facts: PgFacts, goal: Goal, version: string, due: readonly string[]): Map<string, Placing> | Refusal {
  const found = new Map<string, Placing>();
  for (const node of due) {
    const [structure, now] = [structureOf(facts, node), nowOf(facts, node)];
    const previous = keptPath(structure, now);
    const kept = releaseOnHost(now, version);
    if (goal.artefact !== null && goal.options["release"] !== "kept")
      found.set(node, { replacement: stagedPath(storeOf(structure, now), version, goal.artefact.sha256), previous });
    else if (kept !== null) found.set(node, { replacement: kept, previous });
    else if (structure.installed === version) found.set(node, { replacement: now.linkTarget ?? structure.installation, previous });
    else
      return {
        object: node,
        refused: `the host of ${node} has no release ${version}`,
        clear: `give the archive with --artifact, or lay the release beside ${now.linkTarget ?? structure.installation}`,
        why: now.releases.map((release) => `found: ${release.version} in ${release.root}`),
      };
  }
  return found;
}

interface Frame {
  readonly facts: PgFacts;
  readonly goal: Goal;
  readonly mode: Mode;
  readonly due: readonly string[];
  readonly changes: readonly SettingChange[];
  readonly placing: ReadonlyMap<string, Placing>;
  readonly nodes: readonly Pick<PgNode, "name" | "archives">[];
}

function turns(frame: Frame): readonly Turn[] {
  const { facts, goal, mode } = frame;
  const restart = needsRestart(facts, goal);
  const body = !restart ? reloadTurns(frame) : mode === "downtime" ? [togetherTurn(frame)] : rollingTurns(frame);
  const lease = syncLease(facts, goal, mode);
  const stage = stageItems(frame);
  const before: Turn[] = stage.length === 0 ? [] : [{ id: "stage", nodes: [], title: "releases on every host, tried", items: stage }];
  if (lease === null) return [...before, ...body];
  const [take, put] = holding(steps.sync("sync", { values: lease.values }), "release");
  if (take === undefined || put === undefined) return [...before, ...body];
  return [
    ...before,
    { id: "lease", nodes: [], title: "commits wait for no standby that is in its turn", items: [take] },
    ...body,
    { id: "restore", nodes: [], title: "synchronous_standby_names as it was", items: [put] },
  ];
}

function stageItems({ goal, due, placing, nodes }: Frame): readonly Item[] {
  const { version, artefact } = goal;
  if (version === null || artefact === null || goal.options["release"] === "kept") return [];
  const suffix = /\.(tar(\.[a-z0-9]+)?|tgz)$/.exec(artefact.path)?.[0] ?? ".tar";
  return due.flatMap((node) => {
    const archives = nodes.find(({ name }) => name === node)?.archives ?? "";
    const archive = `${archives}/${artefact.sha256}${suffix}`;
    const directory = placing.get(node)?.replacement ?? "";
    return [
      steps.upload(`upload ${node}`, { node, artefact: artefact.path, to: archive, sha256: artefact.sha256, bytes: artefact.bytes }),
      steps.unpack(`unpack ${node}`, { node, archive, directory, version }),
    ];
  });
}

const valuesOf = (changes: readonly SettingChange[]): Readonly<Record<string, string | null>> =>
  Object.fromEntries(changes.map(({ name, wanted }) => [name, wanted]));

const whatHappens = ({ goal, changes }: Frame): string =>
  [goal.version === null ? null : `restart on ${goal.version}`, changes.length === 0 ? null : changes.map(({ name }) => name).join(", ")]
    .filter((part) => part !== null)
    .join(" with ") || "restart";

/**
 * Everything between the stop and the start, so that one start takes it all, and that the way back (which is the reverse) has it all put back before the
 * node is started again.
 */
function exchange(frame: Frame, node: string, together?: true): readonly Item[] {
  const { goal, changes, placing } = frame;
  const place = placing.get(node);
  const params = together === undefined ? { node } : { node, together };
  return [
    steps.stop(`stop ${node}`, params),
    ...(goal.version === null || place === undefined ? [] : [steps.swap(`swap ${node}`, { node, version: goal.version, ...place })]),
    ...(changes.length === 0 ? [] : [steps.set(`set ${node}`, { node, values: valuesOf(changes) })]),
  ];
}
const readBack = ({ changes }: Frame, node: string): readonly Item[] =>
  changes.length === 0 ? [] : [steps.readBack(`read back ${node}`, { node, values: valuesOf(changes) })];

function rollingTurns(frame: Frame): readonly Turn[] {
  const { facts, goal, mode, due, changes } = frame;
  const lowering = changes.some(({ direction }) => direction === "lowered");
  const order = standbysFirst(facts, due);
  const count = nodeNames(facts).length;
  // Not in the step's own parameters when no version is wanted: then any standby may take over.
  const version = goal.version;
  return rolling(lowering ? order.toReversed() : order, (node) => {
    const primary = nowOf(facts, node).role === "primary";
    const moving =
      mode === "zero-downtime"
        ? [steps.moveAway(`move ${node}`, { node, version }, { nodes: count, holdsTraffic: facts.structure.holdsTraffic === true })]
        : [steps.checkpoint(`checkpoint ${node}`, { node })];
    const inPlace = mode !== "zero-downtime";
    return {
      id: node,
      nodes: [node],
      role: nowOf(facts, node).role ?? "unknown",
      title: primary && !inPlace ? `switch over, ${whatHappens(frame)}, rejoin as standby` : whatHappens(frame),
      items: [
        ...(inPlace && !primary ? [] : moving),
        ...exchange(frame, node),
        steps.start(`start ${node}`, { node }),
        ...(inPlace && primary ? [steps.wake(`wake the standbys of ${node}`, { node })] : []),
        ...readBack(frame, node),
        steps.ready(`ready ${node}`, { node, version }),
        steps.tidy(`tidy ${node}`, { node }),
      ],
    };
  });
}

function reloadTurns(frame: Frame): readonly Turn[] {
  const { facts, due, changes } = frame;
  return rolling(standbysFirst(facts, due), (node) => ({
    id: node,
    nodes: [node],
    role: nowOf(facts, node).role ?? "unknown",
    title: `${changes.map(({ name }) => name).join(", ")} by reload`,
    items: [steps.set(`set ${node}`, { node, values: valuesOf(changes) })],
  }));
}

/** The primary stops last and starts first: it serves as long as it can. */
function togetherTurn(frame: Frame): Turn {
  const { facts, due, goal } = frame;
  const order = standbysFirst(facts, due);
  const version = goal.version;
  const exchanged = order.flatMap((node) => exchange(frame, node, true));
  const of = (operation: string): readonly Item[] => exchanged.filter((item) => "do" in item && item.do === operation);
  return {
    id: "together",
    nodes: due,
    title: `all nodes: ${whatHappens(frame)}`,
    items: [
      ...of("stop"),
      ...of("swap"),
      ...of("set"),
      ...order.toReversed().map((node) => steps.start(`start ${node}`, { node, together: true })),
      ...order.toReversed().flatMap((node) => readBack(frame, node)),
      ...order.toReversed().map((node, index) => {
        const { commits, ...ready } = steps.ready(`ready ${node}`, { node, version });
        // Only with the last one is nothing left to undo.
        return commits !== undefined && index === order.length - 1 ? { ...ready, commits } : ready;
      }),
    ],
  };
}
