import { dirname } from "node:path";
import type { DemoOptions, DemoStage } from "../../../model/demo.ts";
import { createDemoCluster, temporaryDirectory } from "./demo-cluster.ts";
import { startLoad } from "./load.ts";

/** A cluster with an application beside it, for the `demo` verb. */
export async function demoStage(options: DemoOptions): Promise<DemoStage> {
  const directory = options.directory ?? (await temporaryDirectory());
  const cluster = await createDemoCluster({ directory, log: options.log });
  try {
    const artefact = await cluster.artefact();
    return {
      directory: dirname(cluster.clusterFile),
      clusterFile: cluster.clusterFile,
      versions: cluster.releases,
      artefact,
      // postmaster context: it cannot change without a restart, and raising it must reach the standbys first.
      setting: { key: "max_connections", value: "120" },
      startLoad: async () => {
        const load = await startLoad(cluster);
        return {
          stop: async () => {
            const { lost, acknowledged, refused, unknown, longestGapMs } = await load.stop();
            return { acknowledged, failed: refused + unknown, lost: lost.length, longestGapMs };
          },
        };
      },
      howToPlay: () => [
        `The cluster is in ${directory} and still runs.`,
        ...cluster.nodes.map((node) => `  ${node.name}  ${node.endpoint}  user ${cluster.user}, password ${cluster.password}`),
        `  cd ${dirname(cluster.clusterFile)} && npx --prefix "$OLDPWD" stillwater inspect`,
        `Stop and remove it: kill ${cluster.nodes.map((node) => `$(head -1 ${node.dataDirectory}/postmaster.pid)`).join(" ")}; rm -r ${directory}`,
      ],
      destroy: () => cluster.destroy(),
    };
  } catch (error) {
    await cluster.destroy();
    throw error;
  }
}
