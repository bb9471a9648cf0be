// What the moving of leaders costs on a lab cluster. Figures called "virtual time" come from a cluster in memory, where nothing but the lab's own durations takes time.
import type { Metric } from "./metric.ts";
import { drainAt } from "./openmldb-drain.ts";
import { writePauses } from "./openmldb-fences.ts";
import { drainByProcess } from "./openmldb-processes.ts";
import { wholeUpgrades } from "./openmldb-upgrade.ts";

export async function benchOpenmldb(say: (text: string) => void): Promise<readonly Metric[]> {
  return [
    ...(await drainAt(2, say)),
    ...(await drainAt(8, say)),
    ...(await writePauses(say)),
    ...(await drainByProcess(say)),
    ...(await wholeUpgrades(say)),
  ];
}
