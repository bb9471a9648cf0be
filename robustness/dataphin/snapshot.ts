// What the lab kept, in the words that the validator judges.
import type { InstallationSeen } from "../validators/dataphin-work.ts";
import type { Stand } from "./stand.ts";

interface Runtime {
  readonly jobs: readonly { readonly restarts: number }[];
}

/** In virtual time. */
export async function seen({ lab, commands }: Stand): Promise<InstallationSeen> {
  const { data, controls } = lab.database;
  const runtime = await lab.asked<Runtime>(lab.endpoints.realtime, "/lab/realtime");
  const platform = await lab.asked<{ readonly pods: readonly { readonly version: string }[] }>(lab.endpoints.platform, "/platform");
  return {
    instances: Object.values(data.instances)
      .filter(({ taskruns }) => taskruns.length > 0)
      .map(({ id, nodeId, taskruns }) => ({
        id,
        name: data.nodes[nodeId]?.name ?? nodeId,
        runs: taskruns.map(({ id: run, trigger, status, killedBy }) => ({ id: run, trigger, status, killedBy })),
      })),
    pausedNodes: Object.values(data.nodes).flatMap(({ id, paused }) => (paused ? [id] : [])),
    pausedInstances: Object.values(data.instances).flatMap(({ id, schedulePaused }) => (schedulePaused ? [id] : [])),
    dispatch: controls.dispatch,
    tracking: controls.tracking,
    maintenance: controls.maintenance.on,
    versions: platform.pods.map(({ version }) => version),
    record: (await lab.records()).at(-1)?.status ?? null,
    commands: commands.filter(({ code }) => code === 0).map(({ step }) => step),
    realtimeRestarts: runtime.jobs.reduce((sum, { restarts }) => sum + restarts, 0),
  };
}
