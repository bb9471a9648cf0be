import { rmSync } from "node:fs";
import { join } from "node:path";
import { processesBelow, stopAll } from "../../kit/process-table.ts";
import { hostsOf, readLabFile } from "./lab-file.ts";

/** Stops every process of the lab, each by its pid and the instant at which it began; with `remove` its files go, too. Returns how many there were. */
export async function down(directory: string, { remove = false }: { readonly remove?: boolean } = {}): Promise<number> {
  const lab = readLabFile(directory);
  const all = () => hostsOf(lab).flatMap((host) => processesBelow(join(lab.directory, host)));
  const ours = all();
  // Controllers that see data nodes end might have agents start them again: all at once, and once more.
  await stopAll(ours);
  await stopAll(all());
  if (remove) rmSync(lab.directory, { recursive: true, force: true });
  return ours.length;
}
