// The file of a component's settings, whichever format it has.
import type { OmNode } from "../cluster.ts";
import type { FlagChanges } from "../operations/install-params.ts";
import { editFlags, readFlags } from "./flags-file.ts";
import { editProperties, readProperties } from "./properties-file.ts";

export const isProperties = (node: Pick<OmNode, "role">): boolean => node.role === "taskmanager";
/** `conf/tablet.flags`, `conf/taskmanager.properties`: relative to the working directory. */
export const configFileOf = (node: Pick<OmNode, "role" | "component">): string =>
  `conf/${node.component}.${isProperties(node) ? "properties" : "flags"}`;

export const readConfig = (node: Pick<OmNode, "role">, text: string): ReadonlyMap<string, string> =>
  isProperties(node) ? readProperties(text) : readFlags(text);
export const editConfig = (node: Pick<OmNode, "role">, text: string, changes: FlagChanges): string =>
  isProperties(node) ? editProperties(text, changes) : editFlags(text, changes);

/** What a file still lacks of the changes, by key; empty: it has them. */
export function missingIn(node: Pick<OmNode, "role">, text: string, changes: FlagChanges): readonly string[] {
  const has = readConfig(node, text);
  return Object.entries(changes).flatMap(([key, value]) => {
    const name = isProperties(node) ? key : key.replaceAll("-", "_");
    return (has.get(name) ?? null) === value ? [] : [key];
  });
}
