// What only an old leader has is copied on its host before anybody is asked whether it may be dropped. The tablet's rpcs tell rows without their offsets, and in
// binary; its binlog has each with its offset, in the vendor's own format, which LoadTable and the SDK's tools read.
import { StillwaterError } from "../../../../model/errors.ts";
import type { Look } from "../../../../model/driver.ts";
import { operation } from "../../../../planner/kit.ts";
import type { OmCluster, OmNode } from "../../cluster.ts";
import type { OmFacts } from "../../facts.ts";
import { configFileOf, readConfig } from "../../settings/config-file.ts";
import { nameOf, type KeepRowsParams, type Partition, type RecoverOverParams } from "../../steps.ts";

/** The same for the same rows, so that a copy is made once. */
export const keptRowsOf = ({ name, backups }: OmNode, { tid, pid, leaderBegan, offset }: RecoverOverParams): string =>
  `${backups}/rows-${name}-${String(tid)}_${String(pid)}-offsets-${String(leaderBegan)}-${String(offset)}`;

/** By storage the roots are others; each flag may name several (facts 3.1). */
const roots = { db_root_path: "./db", ssd_root_path: "./db_ssd", hdd_root_path: "./db_hdd" } as const;

/** Error SW3005 when the partition lies under none of the roots. */
async function filesOf(node: OmNode, { tid, pid }: Partition): Promise<readonly string[]> {
  const config = readConfig(node, (await node.host.readText(`${node.directory}/${configFileOf(node)}`)) ?? "");
  const candidates = Object.entries(roots)
    .flatMap(([flag, usual]) => (config.get(flag) ?? usual).split(","))
    .map((root) => root.trim().replace(/^\.\//, ""))
    .filter((root) => root !== "")
    .map((root) => `${root.startsWith("/") ? root : `${node.directory}/${root}`}/${String(tid)}_${String(pid)}`);
  const found: string[] = [];
  for (const path of new Set(candidates)) if ((await node.host.stat(path)).kind === "directory") found.push(path);
  if (found.length > 0) return found;
  throw new StillwaterError("SW3005", `no directory of partition ${String(tid)}_${String(pid)} lies on ${node.host.name}`, {
    object: `${node.host.name}:${candidates[0] ?? node.directory}`,
    why: candidates,
    remedy: "Check db_root_path of the tablet and `directory` of the node in the cluster file; skip this step only once the rows are safe.",
  });
}

export const keepRowsOperation = (cluster: OmCluster) =>
  operation<OmFacts, KeepRowsParams, { readonly sources: readonly string[] }>("keepRows", {
    fenced: "host",
    prepare: async (params) => ({ sources: await filesOf(cluster.node(params.node), params) }),
    async look({ node, directory, ...rows }, { before }): Promise<Look> {
      const { host } = cluster.node(node);
      // A copy appears under its name when it is complete.
      if ((await host.stat(directory)).kind !== "directory") return { is: "open" };
      const { leaderBegan, offset } = rows;
      return {
        is: "done",
        proof: { partition: nameOf(rows), offsets: { from: leaderBegan, to: offset }, kept: `${host.name}:${directory}`, sources: before.sources },
      };
    },
    async act({ node: name, directory }, { before }, context) {
      const { host, backups } = cluster.node(name);
      await context.send(host.name, async (fence) => {
        await host.makeDirectory(fence, backups, "700");
        await host.backup(fence, before.sources, directory);
      });
      return null;
    },
  });
