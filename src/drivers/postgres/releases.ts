// Where releases lie on a host. Pure.
import type { NodeNow, NodeStructure } from "./facts.ts";

/** Beside the link's target, or beside the installation: on its own file system, where a rename is a swap. */
export const storeOf = (structure: NodeStructure, now: Pick<NodeNow, "linkTarget">): string =>
  now.linkTarget === null ? `${structure.installation}.releases` : now.linkTarget.slice(0, now.linkTarget.lastIndexOf("/"));

export const stagedPath = (store: string, version: string, sha256: string): string => `${store}/${version}-${sha256.slice(0, 12)}`;

/** Where the release that is in use now is kept. A link's target stays where it is: then this is only a link to it. */
export function keptPath(structure: NodeStructure, now: Pick<NodeNow, "linkTarget" | "releases">): string {
  if (now.linkTarget !== null) return `${structure.installation}.previous`;
  const path = `${structure.installation}.releases/${structure.installed ?? "unknown"}-kept`;
  const taken = (name: string): boolean => now.releases.some(({ root }) => root === name);
  for (let number = 1; ; number++) {
    const name = number === 1 ? path : `${path}-${String(number)}`;
    if (!taken(name)) return name;
  }
}

/** The release of that version that the host has already: the one that was kept first. */
export function releaseOnHost(now: NodeNow, version: string): string | null {
  const matching = now.releases.filter((release) => release.version === version && release.root !== now.linkTarget);
  return (matching.find(({ root }) => root.endsWith("-kept")) ?? matching[0])?.root ?? null;
}
