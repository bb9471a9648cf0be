// Who uses the installation while a demo upgrades it: callers of APIs, tasks, real-time jobs. They know nothing of Stillwater.
import { setTimeout as after } from "node:timers/promises";
import { isOpen } from "../logic/manager/record.ts";
import type { Metadata } from "../logic/database.ts";
import { LabClient } from "../processes/ask.ts";
import { readWorkload, type LabFile } from "../processes/lab-file.ts";
import { runningIn } from "../processes/up.ts";

export interface ClientFigures {
  /** Calls of a direct API that were answered, each tried three times at most. */
  readonly acknowledged: number;
  /** Tries that were not. */
  readonly failed: number;
  /** Tasks that ran when it began and have written nothing, or twice; real-time jobs that started again. */
  readonly lost: number;
  readonly longestGapMs: number;
  readonly told: string;
}
interface Executed {
  readonly tasks: Readonly<Record<string, { readonly instanceId: string }>>;
  readonly outputs: readonly { readonly instanceId: string }[];
}
interface Streams {
  readonly jobs: readonly { readonly restarts: number; readonly committed: number }[];
}
const EVERY_MS = 100;
const TRIES = 3;
const PAUSE_MS = 250;
/** Longer than any task of the demo runs. */
const PATIENCE_MS = 120_000;

/** Instances that run now, but for those of tasks that fail whenever they run. */
async function tasksThatSucceed(client: LabClient, lab: LabFile): Promise<ReadonlySet<string>> {
  const held = await client.json<Pick<Metadata, "instances" | "nodes">>(lab.endpoints.platform, "/lab/platform");
  const running = (await runningIn(client, lab)) ?? [];
  return new Set(running.filter((id) => held?.nodes[held.instances[id]?.nodeId ?? ""]?.fails === false));
}

export async function startClients(lab: LabFile): Promise<{ stop(): Promise<ClientFigures> }> {
  const client = new LabClient(lab);
  const { endpoints } = lab;
  const workload = readWorkload(lab);
  if (workload === null) throw new Error("the lab has no workload");
  const { key, secret } = workload.apps.caller;
  const path = `/list/${String(workload.apis.direct)}?appKey=${key}&appSecret=${secret}&env=PROD`;
  const atFirst = await tasksThatSucceed(client, lab);
  const streamsBefore = await streams();
  const ending = new AbortController();
  let acknowledged = 0;
  let failed = 0;
  let longestGapMs = 0;

  async function streams(): Promise<Streams["jobs"]> {
    return (await client.json<Streams>(endpoints.realtime, "/lab/realtime"))?.jobs ?? [];
  }
  const calls = async (): Promise<void> => {
    let last = Date.now();
    while (!ending.signal.aborted) {
      for (let attempt = 1; attempt <= TRIES; attempt += 1) {
        if ((await client.ask(endpoints.gateway, "GET", path))?.status === 200) {
          acknowledged += 1;
          longestGapMs = Math.max(longestGapMs, Date.now() - last);
          last = Date.now();
          break;
        }
        failed += 1;
        await after(PAUSE_MS);
      }
      await after(EVERY_MS);
    }
  };
  /** In every installation a checkpoint fails now and then: here, in each step of the upgrade. */
  const troubles = async (): Promise<void> => {
    let seen = "";
    while (!ending.signal.aborted) {
      const record = (await client.records())?.at(-1);
      const step = record === undefined || !isOpen(record) ? "" : (record.steps.find(({ state }) => state === "running")?.step ?? seen);
      if (step !== seen && step !== "") await client.ask(endpoints.realtime, "POST", "/lab/realtime", { fault: "fail-checkpoint", job: "orders_2" });
      seen = step;
      await after(EVERY_MS);
    }
  };
  const working = Promise.all([calls(), troubles()]);
  return {
    async stop() {
      ending.abort();
      await working;
      try {
        // Whatever ran at the beginning has run to its end, then and now.
        await client.until("tasks have ended", async () => (await runningIn(client, lab))?.every((id) => !atFirst.has(id)) ?? false, PATIENCE_MS);
        const executed = await client.json<Executed>(endpoints.executors, "/lab/executors");
        if (executed === null) throw new Error("the executors cannot be asked what has run");
        const written = (id: string): number => executed.outputs.filter(({ instanceId }) => instanceId === id).length;
        const wrong = [...atFirst].filter((id) => written(id) !== 1);
        const again = [...atFirst].filter((id) => Object.values(executed.tasks).filter(({ instanceId }) => instanceId === id).length > 1);
        const now = await streams();
        const restarted = now.filter(({ restarts }, index) => restarts !== streamsBefore[index]?.restarts);
        const total = (jobs: Streams["jobs"]): number => jobs.reduce((sum, { committed }) => sum + committed, 0);
        const told = [
          `of a direct API ${String(acknowledged)} calls were answered, after ${String(failed)} that failed and were sent again`,
          `of ${String(atFirst.size)} tasks that ran when it began, ${String(again.length)} ended early and ran again, and ${String(atFirst.size - wrong.length)} wrote exactly once`,
          `${String(now.length)} real-time jobs committed ${String(total(now) - total(streamsBefore))} records; ${String(restarted.length)} of them restarted`,
        ].join("; ");
        return { acknowledged, failed, lost: wrong.length + restarted.length, longestGapMs, told: `Its users say: ${told}.` };
      } finally {
        client.close();
      }
    },
  };
}
