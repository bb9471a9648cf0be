import type { ClusterDefinition } from "../model/cluster.ts";
import { StillwaterError } from "../model/errors.ts";
import type { SystemKeys } from "../model/system-keys.ts";
import { loadSystem } from "./registry.ts";
import type { WorkspaceParts } from "./workspace.ts";

/** What a workspace is made of outside tests: every import waits until it is needed. */
export const defaultParts: WorkspaceParts = {
  readCluster,
  formatCluster: async (definition) => (await import("../cluster/write.ts")).writeClusterFile(definition),
  system: loadSystem,
  openStore: async (directory, now) => (await import("../journal/sqlite/sqlite-store.ts")).openSqliteStore({ directory, now }),
  openHost: async (definition, { cluster }) => (await import("../hosts/connection.ts")).openHost(definition, cluster),
  secret: async (reference) => (await import("../cluster/secrets.ts")).resolveSecret(reference),
};

/** Twice: the file says which system's keys it holds, and only then can they be loaded and checked. */
async function readCluster(file: string): Promise<ClusterDefinition> {
  const { readClusterFile } = await import("../cluster/read.ts");
  let named: string | null = null;
  try {
    await readClusterFile(file, (system) => {
      named = system;
      return null;
    });
  } catch (error) {
    // The second reading tells these problems again, together with those of the system's keys.
    if (!(error instanceof StillwaterError) || error.code !== "SW1102") throw error;
  }
  const keys: SystemKeys | null = named === null ? null : ((await loadSystem(named)).keys ?? null);
  return readClusterFile(file, () => keys);
}
