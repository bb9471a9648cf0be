import { checkLicense, type License } from "./license.ts";
import { ServerError } from "./node.ts";
import { loadPlugin, preloaded, type Plugin } from "./plugins.ts";
import type { NodeProcess } from "./process.ts";

export interface Checked {
  readonly license: License;
  readonly plugins: readonly Plugin[];
}

/** What keeps a process from starting, whatever its role (facts 1.7, 5.3). Error ServerError. */
export function checkStart(process: NodeProcess): Checked {
  const license = checkLicense(process);
  const { role } = process.component;
  if (role !== "datanode" && role !== "computenode") return { license, plugins: [] };
  if (process.behaviour.limitsCacheEngines) {
    const half = process.number("maxMemSize", 0) / 2;
    for (const name of ["OLAPCacheEngineSize", "TSDBCacheEngineSize"])
      if (half > 0 && process.number(name, 0) > half) throw new ServerError(`The configuration parameter ${name} exceeds 50% of maxMemSize.`);
    if (process.setting("streamingHAMode", "") === "raft" && process.setting("clusterName", "") === "")
      throw new ServerError("The configuration parameter clusterName is mandatory for high availability of streaming.");
  }
  return { license, plugins: preloaded(process).map((name) => loadPlugin(process, name)) };
}

/** What the server says when it cannot start ends the process. */
export async function orExit(process: NodeProcess, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    process.log("ERROR", error.message);
    process.exit(1, error.message);
  }
}
