/** The name of a node's physical slot: slot names may hold lower-case letters, digits and underscores only, 63 at most. */
export const slotNameOf = (node: string): string =>
  node
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]/g, "_")
    .slice(0, 63);
