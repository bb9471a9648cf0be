// What an abort does after another release was started on a node's metadata. Pure.
import type { Item } from "../../../model/step.ts";
import type { MetadataBack } from "../step-names.ts";
import { steps } from "../steps.ts";

export const metadataBack = (metadata: MetadataBack | undefined): readonly Item[] =>
  metadata === undefined
    ? []
    : Object.entries(metadata.copies).map(([node, name]) => steps.restoreBackup(`metadata of ${node}`, { node, name, way: metadata.way }));
