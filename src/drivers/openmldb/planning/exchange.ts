// What happens to a node while it is down, and how the release gets to its host. Pure.
import type { Item } from "../../../model/step.ts";
import { archiveOn, partsOf, releaseOn, type Part } from "../operations/install-params.ts";
import { changesFor } from "../settings/scope.ts";
import { steps } from "../steps.ts";
import type { Frame } from "./plan.ts";

/** The parts that this plan replaces on a node; empty: none. */
export function partsFor({ facts, goal, options }: Frame, node: string): readonly Part[] {
  const role = facts.structure.nodes[node]?.role;
  if (goal.version === null || role === undefined) return [];
  return [...partsOf({ role }), ...(role === "taskmanager" && options.spark !== null ? (["spark"] as const) : [])];
}

/** Backup, release and settings, between stop and start: one restart takes it all, and the way back has it all put back before the node starts again. */
export function exchange(frame: Frame, node: string): readonly Item[] {
  const { facts, goal, options, nodes } = frame;
  const { version, artefact } = goal;
  const at = nodes.find(({ name }) => name === node);
  const parts = partsFor(frame, node);
  const changes = changesFor(facts, goal, node);
  const items: Item[] = [];
  if (version !== null && at !== undefined) {
    items.push(steps.backup(`backup ${node}`, { node, parts }));
    for (const part of parts) {
      const source = part === "spark" ? options.spark : options.kept ? null : artefact;
      const release = source === null ? null : releaseOn(at, part === "spark" ? "spark" : "openmldb", source);
      items.push(
        steps.swap(`swap ${part} ${node}`, { node, part, version: part === "spark" ? (options.spark?.version ?? version) : version, release }),
      );
    }
  }
  if (Object.keys(changes).length > 0) items.push(steps.setFlags(`set ${node}`, { node, changes, from: null }));
  return items;
}

export function readBack({ facts, goal }: Frame, node: string): readonly Item[] {
  const changes = changesFor(facts, goal, node);
  return Object.keys(changes).length === 0 ? [] : [steps.readBack(`read back ${node}`, { node, changes })];
}

/** `restart on 0.9.3 with 2 changed settings`: which they are stands above, in the diff. */
export const whatHappens = ({ facts, goal }: Frame, node: string): string => {
  const keys = Object.keys(changesFor(facts, goal, node));
  const changed = keys.length === 0 ? [] : [keys.length === 1 ? "with the changed setting" : `with ${String(keys.length)} changed settings`];
  const parts = [goal.version === null ? "restart" : `restart on ${goal.version}`, ...changed];
  return parts.join(" ");
};

/** Once for every host and archive directory, and once for every directory that it will be swapped into. */
export function staging(frame: Frame, due: readonly string[]): readonly Item[] {
  const { goal, options, nodes } = frame;
  const at = due.flatMap((node) => nodes.find(({ name }) => name === node) ?? []);
  const sources = [
    ...(goal.version === null || goal.artefact === null || options.kept ? [] : [{ what: "openmldb" as const, artefact: goal.artefact, on: at }]),
    ...(options.spark === null ? [] : [{ what: "spark" as const, artefact: options.spark, on: at.filter(({ role }) => role === "taskmanager") }]),
  ];
  const items: Item[] = [];
  const staged = new Set<string>();
  for (const { what, artefact, on } of sources)
    for (const node of on) {
      const to = archiveOn(node, what, artefact);
      const once = (key: string): boolean => !staged.has(key) && Boolean(staged.add(key));
      if (once(`${node.host.name} ${to}`))
        items.push(
          steps.upload(`upload ${what} ${node.name}`, {
            node: node.name,
            artefact: artefact.path,
            to,
            sha256: artefact.sha256,
            bytes: artefact.bytes,
          }),
        );
      const directory = releaseOn(node, what, artefact);
      const together = on.filter((other) => other.host.name === node.host.name && releaseOn(other, what, artefact) === directory);
      const parts = what === "spark" ? (["spark"] as const) : [...new Set(together.flatMap(partsOf))];
      if (once(`${node.host.name} ${directory}`))
        items.push(steps.unpack(`unpack ${what} ${node.name}`, { node: node.name, archive: to, directory, version: artefact.version, parts }));
    }
  return items;
}
