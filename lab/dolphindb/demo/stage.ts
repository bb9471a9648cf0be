import type { DemoOptions, DemoStage } from "../../../src/model/demo.ts";
import { writeClusterFile } from "../processes/cluster-file.ts";
import { down } from "../processes/down.ts";
import { up } from "../processes/up.ts";
import { startApplication } from "./application.ts";

/** The vendor's waits are cut to a tenth: a tour of a whole upgrade takes minutes, not an hour. */
const scale = 0.1;
/** A patch, which the vendor calls level 4 or 5 in general and has published none for: an operator says what support has told. */
const patch = { from: "2.00.9.1", to: "2.00.9.6", options: { level: "4", "level-source": "the lab: simulated releases that understand each other" } };
/** The vendor's own example, which is published at level 2. */
const tutorial = {
  from: "2.00.7.4",
  to: "2.00.8.12",
  overrides: [{ code: "compatibility-level", reason: "a lab: the tutorial's own example, to see what it does" }],
};

/** A lab cluster of the tutorial's three hosts with an application beside it, for the `demo` verb. */
export async function demoStage({ directory, log, tutorial: asTutorial = false }: DemoOptions): Promise<DemoStage> {
  log("This is a lab: the servers are simulated by Stillwater's own programs, not DolphinDB's.");
  const hop = asTutorial ? tutorial : patch;
  const lab = await up({ directory: directory ?? undefined, hosts: 3, release: hop.from, scale, log });
  const archive = lab.archives.find(({ version, inside, path }) => version === hop.to && inside === hop.to && path.includes("Linux64"));
  if (archive === undefined) throw new Error(`the lab has no package of ${hop.to}`);
  return {
    directory: lab.directory,
    clusterFile: writeClusterFile(lab),
    versions: { from: hop.from, to: hop.to },
    artefact: archive.path,
    ...("options" in hop ? { options: hop.options } : { overrides: hop.overrides }),
    setting: { key: "controller.dfsRecoveryWaitTime", value: "600000" },
    startLoad: async () => startApplication(lab),
    howToPlay: () => [
      `The lab is in ${lab.directory} and still runs. Its servers are simulated.`,
      ...lab.nodes.map(({ name, role, endpoint }) => `  ${name}  ${role}  ${endpoint}`),
      `  stillwater --cluster ${lab.directory}/cluster.yaml inspect`,
      `  stillwater lab status --directory ${lab.directory}`,
      `  stillwater lab fault kill node1 --directory ${lab.directory}`,
      `Stop and remove it: stillwater lab down --remove --directory ${lab.directory}`,
    ],
    destroy: async () => {
      await down(lab.directory, { remove: true });
    },
  };
}
