// What an abort in the middle of a turn does with metadata that the new release has had in its hands. Pure.
import { goesBack } from "../checks/scope.ts";
import { backupName } from "../operations/inventory.ts";
import type { MetadataBack } from "../step-names.ts";
import type { Frame } from "./frame.ts";
import { assessmentOf } from "./modes.ts";

/**
 * Below level 5 an older release is not promised to read what a newer one has written (facts 1.7): the copies of this turn come back before it starts. A data
 * node then gets the rest from the other replicas; a controller takes everything from the leader, as long as there is one.
 */
export function metadataOnAbort(frame: Frame, nodes: readonly string[], way: MetadataBack["way"]): { readonly metadata?: MetadataBack } {
  const { facts, goal } = frame;
  const { version } = goal;
  if (version === null || goesBack(goal) || assessmentOf(facts, goal)?.level === 5) return {};
  const copies = nodes.flatMap((name) => {
    const node = facts.structure.nodes[name];
    if (node === undefined || (node.role !== "controller" && node.role !== "datanode")) return [];
    return [[name, backupName(node.host, node.installed ?? facts.now.nodes[name]?.running ?? null, version)] as const];
  });
  return copies.length === 0 ? {} : { metadata: { way, copies: Object.fromEntries(copies) } };
}
