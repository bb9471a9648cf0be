import type { DemoLoad, DemoOptions, DemoStage } from "../../../src/model/demo.ts";
import { writeClusterFile } from "../processes/cluster-file.ts";
import { down } from "../processes/down.ts";
import { startLoad } from "../processes/load.ts";
import { defaultRelease, up } from "../processes/up.ts";

/** The vendor's waits are cut to a tenth: a tour of a whole upgrade takes about a minute. */
const scale = 0.1;
const nextRelease = "0.9.3";
// All of it shares the processors of one machine with the cluster and the probe.
const rowsPerSecond = 50;

/** A lab cluster with an application beside it, for the `demo` verb. */
export async function demoStage({ directory, log }: DemoOptions): Promise<DemoStage> {
  log("This is a lab: the components are simulated by Stillwater's own programs, not OpenMLDB's.");
  const lab = await up({
    directory: directory ?? undefined,
    tablets: 3,
    nameservers: 2,
    apiservers: 2,
    taskmanagers: 2,
    partitions: 8,
    scale,
    log,
  });
  const archive = lab.archives.find(({ version, inside }) => version === nextRelease && inside === nextRelease);
  if (archive === undefined) throw new Error(`the lab has no release ${nextRelease}`);
  return {
    directory: lab.directory,
    clusterFile: writeClusterFile(lab),
    versions: { from: defaultRelease, to: nextRelease },
    artefact: archive.path,
    // Every flag of these releases needs a restart; the templates have 23 here: the hour at which snapshots are made.
    options: { "single-replica": "allow-unavailable" },
    setting: { key: "tablet.make_snapshot_time", value: "22" },
    tour: ["version", "configuration"],
    startLoad: () => applicationOf(lab.directory),
    howToPlay: () => [
      `The lab is in ${lab.directory} and still runs. Its components are simulated.`,
      ...lab.nodes.map(({ name, role, endpoint }) => `  ${name}  ${role}  ${endpoint}`),
      `  stillwater --cluster ${lab.directory}/cluster.yaml inspect`,
      `  stillwater lab status --directory ${lab.directory}`,
      `  stillwater lab fault kill ${lab.nodes.find(({ role }) => role === "tablet")?.name ?? ""} --directory ${lab.directory}`,
      `Stop and remove it: stillwater lab down --remove --directory ${lab.directory}`,
    ],
    destroy: async () => {
      await down(lab.directory, { remove: true });
    },
  };
}

async function applicationOf(directory: string): Promise<DemoLoad> {
  const running = await startLoad(directory, { perSecond: rowsPerSecond });
  return {
    stop: async () => {
      const { figures, lost } = await running.stop();
      const longestGapMs = Math.round(Math.max(0, ...Object.values(figures.longestGapMs)));
      return { acknowledged: figures.acknowledged, failed: figures.refused + figures.unknown, lost, longestGapMs };
    },
  };
}
