// What happens on a host while its nodes are down, and how the release gets there before. Pure.
import type { Item, Phase, Step } from "../../../model/step.ts";
import type { Json } from "../../../model/json.ts";
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

export function staging(frame: Frame, hosts: readonly string[]): readonly Item[] {
  const made = packageOf(frame);
  const { version } = frame.goal;
  if (version === null || made === null) return [];
  return hosts.map((host) =>
    make(
      `stage ${host}`,
      "stage",
      "stage",
      { host, version, package: made, plugins: null },
      { title: `${version} on ${host}, unpacked beside its installation, every file verified`, expectedMs: 5_000, withinMs: minutes(60) },
    ),
  );
}

/** Backup, release and settings, between stop and start: one restart takes it all. */
export function exchange(frame: Frame, host: string, nodes: readonly string[]): readonly Item[] {
  const { facts, goal } = frame;
  const { version } = goal;
  if (version === null) return [];
  const servers = [...new Set(nodes.map((name) => facts.structure.nodes[name]?.server ?? ""))];
  const from = (server: string): string | null =>
    nodes.map((name) => facts.structure.nodes[name]).find((node) => node?.server === server)?.installed ?? null;
  return servers.map((server) =>
    make(
      servers.length === 1 ? `replace ${host}` : `replace ${host}:${server}`,
      "replace",
      "replace",
      { host, server, from: from(server), version, package: packageOf(frame), plugins: null },
      { title: `${version} in ${server} on ${host}; what was there is kept beside it`, expectedMs: 2_000, withinMs: minutes(20) },
    ),
  );
}

/** What the nodes themselves say of changed settings. */
export function readBack(_frame: Frame, _nodes: readonly string[]): readonly Item[] {
  return [];
}

/** `restart on 2.00.8.12` */
export const whatHappens = ({ goal }: Frame, _nodes: readonly string[]): string => (goal.version === null ? "restart" : `restart on ${goal.version}`);
