// A whole upgrade by the lab's Manager with clients beside it that know nothing of it: what they meet, and when. For tests.
import type { Mode, UpgradeRecord } from "../logic/manager/record.ts";
import type { MemoryCluster } from "./cluster.ts";

export interface Sample {
  readonly at: number;
  /** HTTP status, or what the probe makes of its answer; 0: no answer. */
  readonly answer: number;
}
export type Probe = () => Promise<number>;
export interface Watched {
  readonly record: UpgradeRecord;
  readonly samples: Readonly<Record<string, readonly Sample[]>>;
  /** Instants, in ms since 1970. */
  readonly from: number;
  readonly applicationRestored: number;
  readonly finished: number;
}

export interface WatchOptions {
  readonly mode: Mode;
  readonly target: string;
  readonly everyMs?: number;
  /** Between the last step and Finish. */
  readonly verifyMs?: number;
  /** Watched before the upgrade begins, and after it has ended. */
  readonly aroundMs?: number;
  readonly probes: Readonly<Record<string, Probe>>;
  /** Called once each step has begun. */
  readonly during?: (step: string) => Promise<void>;
}

/** Drives the virtual world. */
export function watchedUpgrade(cluster: MemoryCluster, options: WatchOptions): Promise<Watched> {
  return cluster.world.run(watch(cluster, options));
}

async function watch(
  cluster: MemoryCluster,
  { mode, target, everyMs = 4_000, verifyMs = 30_000, aroundMs = 20_000, probes, during }: WatchOptions,
): Promise<Watched> {
  const { world } = cluster;
  const ending = new AbortController();
  const samples: Record<string, Sample[]> = {};
  const probing = Object.entries(probes).map(async ([name, probe]) => {
    const seen: Sample[] = (samples[name] = []);
    while (!ending.signal.aborted) {
      const at = world.now();
      const answer = await probe().catch(() => 0);
      seen.push({ at, answer });
      await world.sleep(everyMs);
    }
  });
  await world.sleep(aroundMs);
  await cluster.manager("start", { target, mode });
  const from = world.now();
  await cluster.manager("run");
  const told = new Set<string>();
  for (;;) {
    const record = (await cluster.records()).at(-1);
    if (record === undefined) throw new Error("there is no record");
    for (const { step, state } of record.steps)
      if (state === "running" && !told.has(step)) {
        told.add(step);
        await during?.(step);
      }
    const failed = record.steps.find(({ state }) => state === "failed");
    if (failed !== undefined) throw new Error(`${failed.step}: ${failed.log.join("; ")}`);
    if (record.status !== "Configuring" && record.status !== "Upgrading") break;
    await world.sleep(500);
  }
  await world.sleep(verifyMs);
  if (mode !== "zero-downtime") await cluster.manager("finish");
  const finished = world.now();
  await world.sleep(aroundMs);
  ending.abort();
  await Promise.all(probing);
  const record = (await cluster.records()).at(-1);
  const restored = record?.steps.find(({ step }) => step === "upgrade-application")?.end ?? null;
  if (record === undefined || restored === null) throw new Error("the application was not upgraded");
  return { record, samples, from, applicationRestored: restored, finished };
}

/** Of those between two instants. */
export const between = (samples: readonly Sample[] | undefined, from: number, to: number): readonly number[] =>
  (samples ?? []).filter(({ at }) => at >= from && at < to).map(({ answer }) => answer);
export const stepOf = ({ record }: Watched, name: string): { readonly start: number; readonly end: number } => {
  const { start = null, end = null } = record.steps.find(({ step }) => step === name) ?? {};
  if (start === null || end === null) throw new Error(`${name} was not done`);
  return { start, end };
};
