import { readConf } from "./conf-file.ts";

/** The name of a node's physical slot: slot names may hold lower-case letters, digits and underscores only, 63 at most. */
export const slotNameOf = (node: string): string =>
  node
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]/g, "_")
    .slice(0, 63);

/** The slot that a postgresql.auto.conf names for its node; null: none. */
export function namedSlot(autoConf: string | null): string | null {
  const name = readConf(autoConf ?? "").get("primary_slot_name") ?? "";
  return name === "" ? null : name;
}
/** What `node` calls itself where it connects as `other` does, which calls itself `named`: each under its own name, written in the same way. */
export const nameLike = (node: string, other: string, named: string): string => (named === slotNameOf(other) ? slotNameOf(node) : node);
