import { rmSync } from "node:fs";
import { join } from "node:path";
import { readLabFile } from "./lab-file.ts";
import { processesBelow, stopAll } from "../../kit/process-table.ts";

/** Stops every process of the lab, each by its pid and the instant at which it began; with `remove` its files go, too. Returns how many there were. */
export async function down(directory: string, { remove = false }: { readonly remove?: boolean } = {}): Promise<number> {
  const lab = readLabFile(directory);
  // First what keeps others alive, else it would start them again.
  const ours = processesBelow(join(lab.directory, "nodes"));
  const keepers = ours.filter(({ command }) => / \S*\/?bin\/mon /.test(` ${command} `));
  const zookeeper = processesBelow(join(lab.directory, "zookeeper"));
  await stopAll(keepers);
  await stopAll([...processesBelow(join(lab.directory, "nodes")), ...zookeeper]);
  if (remove) rmSync(lab.directory, { recursive: true, force: true });
  return ours.length + zookeeper.length;
}
