import { setTimeout as after } from "node:timers/promises";
import type { DemoOptions, DemoStage } from "../../../src/model/demo.ts";
import { DATA_UPDATE_PARTS } from "../logic/database.ts";
import type { PlatformState } from "../logic/platform/platform.ts";
import { LabClient } from "../processes/ask.ts";
import { writeClusterFile } from "../processes/cluster-file.ts";
import { down } from "../processes/down.ts";
import type { LabFile } from "../processes/lab-file.ts";
import { defaultRelease, runningIn, up } from "../processes/up.ts";
import { startClients } from "./clients.ts";

/** The vendor's waits are cut to a twentieth: a tour takes minutes, not hours. */
const scale = 0.05;
/** A build of the same release, which alone can be rolled, and the next release. */
const targets = { "zero-downtime": "6.2.0.2", "semi-downtime": "6.3.0.1", downtime: "6.3.0.1" } as const;
const work = { longJobs: 20, longMs: 75_000, shortMs: 2_000, everyMinutes: 1, troubles: true };
/** Minutes, of the whole and of the application's own part. */
const planned = { duration: "4", "application-minutes": "1" };
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Nobody upgrades over 23:00, when the next day's instances are generated. */
async function untilTheGenerationIsOver(log: (line: string) => void): Promise<void> {
  const left = 23 * 60 * MINUTE - (Date.now() % DAY);
  if (left < 0 || left > (Number(planned.duration) + 2) * MINUTE) return;
  log("It is nearly 23:00 (UTC), when the instances of the next day are generated: the demo waits until that is over.");
  await after(left + 5_000);
}

/** A lab with tasks, APIs of every class, real-time jobs and alert rules at work, for the `demo` verb. */
export async function demoStage({ directory, mode, log }: DemoOptions): Promise<DemoStage> {
  log("This is a lab: the servers are simulated by Stillwater's own programs, not Dataphin's.");
  await untilTheGenerationIsOver(log);
  // The cache of field-level grants keeps its five minutes: the downtime of the demo ends within them, and no field is open.
  const lab = await up({ directory: directory ?? undefined, scale, settings: { fieldCacheMs: 5 * MINUTE }, work, log });
  const to = targets[mode ?? "zero-downtime"];
  return {
    directory: lab.directory,
    clusterFile: writeClusterFile(lab),
    versions: { from: defaultRelease, to },
    artefact: null,
    setting: null,
    options: planned,
    ...(to === targets.downtime ? { verify: () => verify(lab, to) } : {}),
    startLoad: () => startClients(lab),
    howToPlay: () => [
      `The lab is in ${lab.directory} and still runs. Its servers are simulated.`,
      `  stillwater --cluster ${lab.directory}/cluster.yaml inspect`,
      `  stillwater lab status --directory ${lab.directory}`,
      `  stillwater lab fault kill manager --directory ${lab.directory}`,
      `Stop and remove it: stillwater lab down --remove --directory ${lab.directory}`,
    ],
    destroy: async () => {
      await down(lab.directory, { remove: true });
    },
  };
}

/** What somebody looks at before he clicks Finish. */
async function verify(lab: LabFile, version: string): Promise<string> {
  const client = new LabClient(lab);
  try {
    let state: PlatformState | null = null;
    await client.until(`${version} is verified`, async () => {
      state = await client.json<PlatformState>(lab.endpoints.platform, "/platform");
      return isUpgraded(state, version);
    });
    const running = (await runningIn(client, lab))?.length ?? 0;
    return `every pod runs ${version}, all ${String(DATA_UPDATE_PARTS)} parts of the data update are done; instances that run: ${String(running)}`;
  } finally {
    client.close();
  }
}
const isUpgraded = (state: PlatformState | null, version: string): boolean =>
  state !== null && state.schema === version && state.pods.length > 0 && state.pods.every((pod) => pod.version === version && pod.state === "ready");
