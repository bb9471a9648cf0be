import type { DemoOptions, DemoStage } from "../../../src/model/demo.ts";
import { writeClusterFile } from "../processes/cluster-file.ts";
import { down } from "../processes/down.ts";
import { up } from "../processes/up.ts";
import { startApplication } from "./application.ts";

/** The platform's waits are cut to a tenth: a tour of a whole upgrade takes minutes, not an hour. */
const scale = 0.1;
const versions = { from: "6.8.3", to: "6.9.2" } as const;

/** A lab's CDAP with batch and streaming work in it, for the `demo` verb. */
export async function demoStage({ directory, log }: DemoOptions): Promise<DemoStage> {
  log("This is a lab: CDAP is simulated by Stillwater's own program.");
  const lab = await up({
    directory: directory ?? undefined,
    release: versions.from,
    scale,
    apps: 40,
    programs: 6,
    // Those of which nothing may get lost: the others' plans are refused.
    streams: ["clicks", "orders"],
    site: { "feature.streaming.pipeline.native.state.tracking.enabled": "true" },
    log,
  });
  return {
    directory: lab.directory,
    clusterFile: writeClusterFile(lab),
    versions,
    artefact: null,
    setting: null,
    options: { "apps-after": "all", "real-time": "redeploy" },
    startLoad: async () => startApplication(lab),
    howToPlay: () => [
      `The lab is in ${lab.directory} and still runs. Its CDAP is simulated.`,
      `  router ${lab.endpoint}`,
      `  stillwater --cluster ${lab.directory}/cluster.yaml inspect`,
      `  stillwater lab status --directory ${lab.directory}`,
      `  stillwater lab fault restart-appfabric --directory ${lab.directory}`,
      `Stop and remove it: stillwater lab down --remove --directory ${lab.directory}`,
    ],
    destroy: async () => {
      await down(lab.directory, { remove: true });
    },
  };
}
