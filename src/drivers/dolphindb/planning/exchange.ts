// What happens on a host while its nodes are down, and how the release gets there before. Pure.
import type { Item, Phase, Step } from "../../../model/step.ts";
import type { Json } from "../../../model/json.ts";
import { goesBack } from "../checks/scope.ts";
import { backupName, directorySettings, retention } from "../operations/inventory.ts";
import { metadataOf, wayBack } from "../rollback.ts";
import { changesFor, clusterChanges, onlineFor, ownChanges, ownFiles } from "../settings/scope.ts";
import type { Package, StepName, StepParams } from "../step-names.ts";
import type { Frame } from "./frame.ts";

const minutes = (count: number): number => count * 60_000;
const make = <N extends StepName>(id: string, phase: Phase, operation: N, params: StepParams[N] & Json, more: Partial<Step>): Step => ({
  id,
  phase,
  do: operation,
  params,
  ...more,
});

/** Null: what an earlier run has kept on the hosts is taken. */
export function packageOf({ goal, options }: Frame): Package | null {
  if (options.kept || goal.artefact === null) return null;
  const { path, sha256, bytes } = goal.artefact;
  return { path, sha256, bytes, contents: options.package?.contents ?? null };
}

/** Null: none was given. A way back has the former ones among its kept files. */
function pluginsOf({ options }: Frame): Package | null {
  const { plugins } = options;
  if (options.kept || plugins === null) return null;
  const { path, sha256, bytes, contents } = plugins;
  return { path, sha256, bytes, contents };
}

export function staging(frame: Frame, hosts: readonly string[]): readonly Item[] {
  const made = packageOf(frame);
  const { version } = frame.goal;
  if (version === null || made === null) return [];
  const plugins = pluginsOf(frame);
  return hosts.map((host) =>
    make(
      `stage ${host}`,
      "stage",
      "stage",
      { host, version, package: made, plugins },
      {
        title: `${version}${plugins === null ? "" : " and plugins"} on ${host}, unpacked beside its installation, every file verified`,
        expectedMs: 5_000,
        withinMs: minutes(60),
      },
    ),
  );
}

/** Backup, release, metadata of a way back and settings, between stop and start: one restart takes it all. */
export const exchange = (frame: Frame, host: string, nodes: readonly string[]): readonly Item[] => [
  ...backups(frame, host, nodes),
  ...releases(frame, host, nodes),
  ...metadataBack(frame, nodes),
  ...settingsWritten(frame, nodes),
];

/** An installation that does not say its version is what its nodes run. */
function installedIn({ facts }: Frame, nodes: readonly string[], server?: string): string | null {
  const own = nodes.filter((name) => server === undefined || facts.structure.nodes[name]?.server === server);
  const said = own.flatMap((name) => facts.structure.nodes[name]?.installed ?? []);
  return said[0] ?? own.flatMap((name) => facts.now.nodes[name]?.running ?? [])[0] ?? null;
}

/** What is put back on a way back is copied by that step itself. */
function backups(frame: Frame, host: string, nodes: readonly string[]): readonly Item[] {
  const { facts, goal, options } = frame;
  if (goal.version === null || goesBack(goal)) return [];
  const name = backupName(host, installedIn(frame, nodes), goal.version);
  const place = frame.nodes.find(({ hostName }) => hostName === host)?.backups ?? "the backups of the host";
  const directories = Object.fromEntries(nodes.map((each) => [each, directorySettings(facts.structure.nodes[each]?.settings)]));
  return [
    make(
      `backup ${host}`,
      "backup",
      "backup",
      { host, nodes, name, directories, leaveOut: options.leaveOut },
      {
        title: `metadata and configuration of ${nodes.join(", ")} copied to ${place}/${name}-TIME, with checksums; ${retention}`,
        expectedMs: 3_000,
        withinMs: minutes(120),
      },
    ),
  ];
}

function releases(frame: Frame, host: string, nodes: readonly string[]): readonly Item[] {
  const { facts, goal } = frame;
  const { version } = goal;
  if (version === null) return [];
  const servers = [...new Set(nodes.map((name) => facts.structure.nodes[name]?.server ?? ""))];
  return servers.map((server) =>
    make(
      servers.length === 1 ? `replace ${host}` : `replace ${host}:${server}`,
      "replace",
      "replace",
      { host, server, from: installedIn(frame, nodes, server), version, package: packageOf(frame), plugins: pluginsOf(frame) },
      { title: `${version} in ${server} on ${host}; what was there is kept beside it`, expectedMs: 2_000, withinMs: minutes(20) },
    ),
  );
}

const metadataWords = {
  restore: "as its copy has it, as a whole: nothing is merged, and what is there now is copied first",
  resync: "set aside, so that it takes everything from the leading controller",
} as const;
function metadataBack({ facts, goal }: Frame, nodes: readonly string[]): readonly Item[] {
  if (!goesBack(goal)) return [];
  const way = wayBack(facts, goal);
  if (way.is === "refused" || way.copies === null) return [];
  const { from, to } = way.copies;
  return nodes.flatMap((node): readonly Item[] => {
    const metadata = metadataOf(facts, way, node);
    if (metadata === "keep") return [];
    const name = backupName(facts.structure.nodes[node]?.host ?? "", from, to);
    return [
      make(
        `metadata of ${node}`,
        "restore",
        "restoreBackup",
        { node, name, way: metadata },
        { title: `metadata of ${node} ${metadataWords[metadata]}`, expectedMs: 2_000, withinMs: minutes(60) },
      ),
    ];
  });
}

/** After the last data node has stopped, and before the controllers do: the only moment at which it can be proved. */
export function proofOfNothingWritten({ facts, goal }: Frame): readonly Item[] {
  const way = goesBack(goal) ? wayBack(facts, goal) : null;
  if (way === null || way.is === "refused" || way.written === null) return [];
  return [
    make(
      "nothing written",
      "guard",
      "nothingWritten",
      { since: way.written },
      {
        title: `nothing was written since the run that is rolled back began (${way.written} chunks and versions)`,
        expectedMs: 200,
        withinMs: minutes(5),
      },
    ),
  ];
}

// ------------------------------------------------------------------------------------------------ settings

const writing = (frame: Frame, node: string): readonly Item[] => {
  const role = frame.facts.structure.nodes[node]?.role;
  const changes = ownChanges(frame.facts, frame.goal, node);
  if ((role !== "controller" && role !== "agent") || Object.keys(changes).length === 0) return [];
  const file = ownFiles[role];
  return [
    make(
      `settings ${node}`,
      "replace",
      "writeSettings",
      { node, file, changes, from: null },
      { title: `${Object.keys(changes).join(", ")} in config/${file} of ${node}; a copy is kept beside it`, expectedMs: 100, withinMs: minutes(5) },
    ),
  ];
};
const settingsWritten = (frame: Frame, nodes: readonly string[]): readonly Item[] => nodes.flatMap((node) => writing(frame, node));

/** What the nodes themselves say of changed settings. */
export const readBack = (frame: Frame, nodes: readonly string[]): readonly Item[] =>
  nodes.flatMap((node): readonly Item[] => {
    const changes = changesFor(frame.facts, frame.goal, node);
    if (Object.keys(changes).length === 0) return [];
    return [
      make(
        `read back ${node}`,
        "ready",
        "readSettings",
        { node, changes },
        { title: `getConfig of ${node}: ${Object.keys(changes).join(", ")}`, expectedMs: 100, withinMs: minutes(5) },
      ),
    ];
  });

/** Before the first host: what the Raft group owns counts from the next start of each data and compute node. Empty: nothing of it changes. */
export function settingsBefore({ facts, goal }: Frame): readonly Item[] {
  const changes = clusterChanges(facts, goal);
  if (Object.keys(changes).length === 0) return [];
  return [
    make(
      "cluster.cfg",
      "replace",
      "saveClusterSettings",
      { changes },
      {
        title: `${Object.keys(changes).join(", ")} in cluster.cfg, which the Raft group owns: saveClusterNodesConfigs`,
        expectedMs: 500,
        withinMs: minutes(5),
      },
    ),
  ];
}
/** After the last host: files of nodes that need no restart, and what running nodes take at once. Empty: nothing. */
export function settingsAfter(frame: Frame, restarted: readonly string[]): readonly Item[] {
  const { facts, goal } = frame;
  const others = Object.keys(facts.structure.nodes).filter((node) => !restarted.includes(node));
  const online = onlineFor(facts, goal).filter(({ node }) => !restarted.includes(node) || facts.structure.nodes[node]?.role === "controller");
  return [
    ...settingsWritten(frame, others),
    ...online.map(({ node, key, value }) =>
      make(
        `${key} of ${node}`,
        "replace",
        "setDynamic",
        { node, key, value },
        { title: `${key} of ${node} at once, without a restart`, expectedMs: 200, withinMs: minutes(5) },
      ),
    ),
    ...readBack(frame, others),
  ];
}

/** `restart on 2.00.8.12` */
export const whatHappens = ({ facts, goal }: Frame, nodes: readonly string[]): string => {
  const changed = new Set(nodes.flatMap((node) => Object.keys(changesFor(facts, goal, node))));
  const settings = changed.size === 0 ? "" : ` with ${[...changed].join(", ")}`;
  return `${goal.version === null ? "restart" : `restart on ${goal.version}`}${settings}`;
};
