// cluster.cfg of a cluster with Raft: the controllers own it, files on disk count for the first start alone (facts 1.5). Read and saved as the web manager does.
import type { DdCluster } from "../cluster.ts";
import { ServerRefused } from "../wire/errors.ts";
import { quoted } from "../wire/scripts.ts";
import { Malformed } from "../wire/errors.ts";

/** Its lines as one text, by the controller that leads. */
export async function readClusterConfig(cluster: DdCluster): Promise<{ readonly leader: string; readonly text: string }> {
  for (let attempt = 1; ; attempt++) {
    const leader = await cluster.rpc.leader();
    try {
      const lines = await cluster.rpc.call(leader, "loadClusterNodesConfigs");
      const texts = lines === null ? [] : Array.isArray(lines) ? (lines as readonly unknown[]) : [lines];
      if (!texts.every((line) => typeof line === "string")) throw new Malformed(leader, "loadClusterNodesConfigs() is no list of lines");
      return { leader, text: texts.map((line) => `${line}\n`).join("") };
    } catch (error) {
      // Another one leads since we asked.
      if (!(error instanceof ServerRefused) || error.tag !== "NotLeader" || attempt > 2) throw error;
    }
  }
}

export const saveClusterConfig = (text: string): string =>
  `saveClusterNodesConfigs([${text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "")
    .map(quoted)
    .join(", ")}])`;
/** Releases that have it take the lines in without a restart of the controllers; others have no such function. */
export const reloadClusterConfig = "reloadClusterConfig()";
export const setDynamicConfig = (key: string, value: string): string =>
  `setDynamicConfig(${quoted(key)}, ${/^\d+(\.\d+)?$/.test(value) ? value : quoted(value)})`;
export const setRestartInterval = (value: string): string => `setDatanodeRestartInterval(${String(Math.trunc(Number(value)))})`;
