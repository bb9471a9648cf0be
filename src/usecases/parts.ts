import { loadSystem } from "./registry.ts";
import type { WorkspaceParts } from "./workspace.ts";

/** What a workspace is made of outside tests: every import waits until it is needed. */
export const defaultParts: WorkspaceParts = {
  readCluster: async (file) => (await import("../cluster/read.ts")).readClusterFile(file),
  formatCluster: async (definition) => (await import("../cluster/format.ts")).formatCluster(definition),
  system: loadSystem,
  openStore: async (file) => (await import("../journal/sqlite/open.ts")).openSqliteStore(file),
  openHost: async (definition) => (await import("../hosts/open.ts")).openHost(definition),
  secret: async (reference) => (await import("../cluster/secrets.ts")).readSecret(reference),
};
