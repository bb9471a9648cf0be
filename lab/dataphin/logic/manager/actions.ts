import type { Clock } from "../../../kit/clock.ts";
import type { Surroundings } from "../cluster.ts";
import { DATA_UPDATE_PARTS } from "../database.ts";
import { ask } from "../http.ts";
import type { PlatformState, RunningInstance } from "../platform/platform.ts";
import type { Killed, ManagerStep, Mode, StepState, UpgradeRecord } from "./record.ts";

const POLL_MS = 500;
/** How much longer than usual a pod may take. */
const PATIENCE = 4;

export interface ActionContext {
  readonly surroundings: Surroundings;
  readonly record: UpgradeRecord;
  readonly step: StepState;
  /** What must outlive a crash of the Manager is saved before it is acted upon. */
  readonly save: () => void;
}
type Action = (context: ActionContext) => Promise<void>;

export class PlatformClient {
  readonly #surroundings: Surroundings;
  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }
  state(): Promise<PlatformState> {
    return this.#ask("GET", "/platform");
  }
  set(controls: object): Promise<PlatformState> {
    return this.#ask("POST", "/platform/controls", controls);
  }
  pods(command: object): Promise<PlatformState> {
    return this.#ask("POST", "/platform/pods", command);
  }
  database(command: object): Promise<{ readonly parts: number }> {
    return this.#ask("POST", "/platform/database", command);
  }
  async instances(ids?: readonly string[]): Promise<readonly RunningInstance[]> {
    return (await this.#ask<{ readonly instances: readonly RunningInstance[] }>("POST", "/platform/instances", ids === undefined ? {} : { ids }))
      .instances;
  }
  terminate(ids: readonly string[]): Promise<unknown> {
    return this.#ask("POST", "/platform/terminate", { ids });
  }
  rerun(ids: readonly string[]): Promise<unknown> {
    return this.#ask("POST", "/platform/rerun", { ids });
  }
  #ask<T>(method: "GET" | "POST", path: string, body?: object): Promise<T> {
    const { network, endpoints } = this.#surroundings;
    return ask<T>({ network, from: endpoints.manager, to: endpoints.platform, timeoutMs: 10_000 }, method, path, body);
  }
}
export const sleep = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(ms, resolve);
  });

const enterMaintenance: Action = async ({ surroundings, record }) => {
  const { mode, target } = record;
  const reason = `Dataphin is being upgraded to ${target} (${mode}).`;
  const platform = new PlatformClient(surroundings);
  // Instances are not followed for the whole of a semi-downtime upgrade (facts 5.1).
  await platform.set({ maintenance: { on: true, logon: false, reason }, ...(mode === "semi-downtime" ? { tracking: false } : {}) });
  record.maintenanceStart ??= surroundings.clock.now();
};

const stopDispatch: Action = async ({ surroundings }) => {
  await new PlatformClient(surroundings).set({ dispatch: false });
  await sleep(surroundings.clock, surroundings.settings.stopDispatchMs);
};

/** What runs is listed, the list is saved, and only then is anything ended. What ended by itself meanwhile was not killed. */
const forceStop: Action = async ({ surroundings, record, step, save }) => {
  const platform = new PlatformClient(surroundings);
  for (;;) {
    const running = await platform.instances();
    const known = new Set(record.killList.map(({ id }) => id));
    const fresh = running.filter(({ id }) => !known.has(id));
    if (fresh.length > 0) {
      record.killList.push(...fresh.map(({ id, taskruns, upstream }): Killed => ({ id, taskruns, upstream })));
      step.log.push(`${String(fresh.length)} running instances listed`);
      save();
    }
    if (running.length === 0) return;
    await platform.terminate(running.map(({ id }) => id));
    await sleep(surroundings.clock, surroundings.settings.roundMs);
  }
};

const shutDown: Action = async ({ surroundings }) => {
  await new PlatformClient(surroundings).pods({ action: "stop" });
  await sleep(surroundings.clock, surroundings.settings.shutDownMs);
};

const backUp: Action = async ({ surroundings, record, step }) => {
  const platform = new PlatformClient(surroundings);
  const name = `backup-${String(record.id)}`;
  await sleep(surroundings.clock, surroundings.settings.backupMs);
  await platform.database({ action: "backup", name });
  step.log.push(`backup ${name}`);
};

const preUpgrade: Action = async ({ surroundings, record }) => {
  await sleep(surroundings.clock, surroundings.settings.preUpgradeMs);
  await new PlatformClient(surroundings).database({ action: "expand", version: record.target });
};

/** Error when the pods of the target do not come. */
async function untilReady({ surroundings, step }: ActionContext, target: string, count: number): Promise<void> {
  const platform = new PlatformClient(surroundings);
  const { clock, settings } = surroundings;
  const until = clock.now() + settings.podStartMs * PATIENCE;
  for (;;) {
    const { pods } = await platform.state();
    if (pods.filter(({ version, state }) => version === target && state === "ready").length >= count) return;
    if (clock.now() > until) {
      const stuck = pods.filter(({ state }) => state === "starting").map(({ name }) => name);
      step.log.push(`not ready: ${stuck.join(", ")}`);
      throw new Error(`application pods are not ready: ${stuck.join(", ")}`);
    }
    await sleep(clock, POLL_MS);
  }
}

async function rollGateway({ surroundings }: ActionContext, version: string): Promise<void> {
  const { network, endpoints, clock } = surroundings;
  const to = { network, from: endpoints.manager, to: endpoints.gateway };
  const state = (): Promise<{ readonly rolling: boolean; readonly replicas: readonly { readonly version: string }[] }> =>
    ask(to, "GET", "/internal/replicas");
  if ((await state()).replicas.every((replica) => replica.version === version)) return;
  await ask(to, "POST", "/internal/roll", { version });
  while ((await state()).rolling) await sleep(clock, POLL_MS);
}

/** One pod after the other. */
async function rollPods(context: ActionContext): Promise<void> {
  const { surroundings, record } = context;
  const platform = new PlatformClient(surroundings);
  if (context.step.attempts > 1) await platform.pods({ action: "restart-stuck" });
  const { pods } = await platform.state();
  const done = pods.filter(({ version }) => version === record.target).length;
  if (done > 0) await untilReady(context, record.target, done);
  for (let count = done; count < pods.length; count += 1) {
    await platform.pods({ action: "replace", version: record.target });
    await untilReady(context, record.target, count + 1);
  }
}

const upgradeApplication: Action = async (context) => {
  const { surroundings, record } = context;
  const platform = new PlatformClient(surroundings);
  switch (record.mode) {
    case "zero-downtime":
      await rollPods(context);
      await rollGateway(context, record.target);
      await platform.database({ action: "same-release", version: record.target });
      return;
    case "semi-downtime":
      await platform.set({ dispatch: false });
      await rollPods(context);
      await rollGateway(context, record.target);
      await platform.set({ dispatch: true });
      // Users may log on again, though maintenance mode goes on (facts 1.5 d).
      await platform.set({ maintenance: { on: true, logon: true, reason: `Dataphin runs ${record.target}; its data is being updated.` } });
      return;
    case "downtime":
      await platform.pods({ action: context.step.attempts > 1 ? "restart-stuck" : "start", version: record.target });
      await platform.pods({ action: "start", version: record.target });
      await untilReady(context, record.target, 2);
      await rollGateway(context, record.target);
      await platform.set({ dispatch: true });
  }
};

/**
 * Those that the Manager ended, and that have had no run since, upstream first: each is set to run, or to Not Running until its upstream has succeeded. One
 * that runs again by itself is left alone.
 */
export const rerunKilled = async ({ surroundings, record, step }: ActionContext): Promise<void> => {
  if (record.killList.length === 0) return;
  const platform = new PlatformClient(surroundings);
  const now = new Map((await platform.instances(record.killList.map(({ id }) => id))).map((instance) => [instance.id, instance]));
  const open = record.killList.filter(({ id, taskruns }) => {
    const found = now.get(id);
    return found !== undefined && found.status === "FAILED" && found.killedBy === "manager" && found.taskruns.length === taskruns.length;
  });
  for (const { id } of inOrder(open)) await platform.rerun([id]);
  step.log.push(`${String(open.length)} of ${String(record.killList.length)} ended instances set to run again`);
};

function inOrder(killed: readonly Killed[]): readonly Killed[] {
  const done = new Set<string>();
  const result: Killed[] = [];
  const visit = (one: Killed): void => {
    if (done.has(one.id)) return;
    done.add(one.id);
    for (const up of killed) if (one.upstream.includes(up.id)) visit(up);
    result.push(one);
  };
  for (const one of killed) visit(one);
  return result;
}

const updateData: Action = async ({ surroundings, record, step }) => {
  const platform = new PlatformClient(surroundings);
  for (let parts = 0; parts < DATA_UPDATE_PARTS;) {
    await sleep(surroundings.clock, surroundings.settings.dataUpdatePartMs);
    ({ parts } = await platform.database({ action: "update", version: record.target }));
    step.log.push(`${String(parts)} of ${String(DATA_UPDATE_PARTS)} parts`);
  }
};

export const actions: Readonly<Record<ManagerStep, Action>> = {
  "enter-maintenance": enterMaintenance,
  "stop-dispatch": stopDispatch,
  "force-stop": forceStop,
  "shut-down": shutDown,
  "backup-database": backUp,
  "pre-upgrade": preUpgrade,
  "upgrade-application": upgradeApplication,
  rerun: rerunKilled,
  "update-data": updateData,
};

/** Everything as it is when no upgrade is under way. */
export const leaveMaintenance = (surroundings: Surroundings): Promise<PlatformState> =>
  new PlatformClient(surroundings).set({ dispatch: true, tracking: true, maintenance: { on: false, logon: true, reason: "" } });

/** Which steps a mode has is data; which mode this one is, too. */
export const nameOf = (mode: Mode): string => ({ "zero-downtime": "zero downtime", "semi-downtime": "semi-downtime", downtime: "downtime" })[mode];
