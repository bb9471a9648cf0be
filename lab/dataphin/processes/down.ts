import { rmSync } from "node:fs";
import { processesBelow, stopAll } from "../../kit/process-table.ts";
import { componentNames } from "../logic/cluster.ts";
import { directoryOf, readLabFile } from "./lab-file.ts";

/** Stops every process of the lab, each by its pid and the instant at which it began; with `remove` its files go, too. Returns how many there were. */
export async function down(directory: string, { remove = false }: { readonly remove?: boolean } = {}): Promise<number> {
  const lab = readLabFile(directory);
  const ours = componentNames.flatMap((name) => processesBelow(directoryOf(lab, name)));
  await stopAll(ours);
  if (remove) rmSync(lab.directory, { recursive: true, force: true });
  return ours.length;
}
