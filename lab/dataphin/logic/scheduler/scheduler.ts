import type { Database } from "../database.ts";
import type { Instance, Taskrun } from "../entities.ts";
import type { Task } from "../executors.ts";
import { ask, isSilent } from "../http.ts";
import type { Surroundings } from "../cluster.ts";
import { Dag } from "./dag.ts";
import { generateIfDue } from "./generate.ts";

/** A change of an instance, as the tracker came to see it. */
export interface Observation {
  readonly instance: Instance;
  readonly run: Taskrun;
  /** By the tracker's clock: what a rule about durations goes by. */
  readonly seenAt: number;
}

const waits: ReadonlySet<Instance["status"]> = new Set(["WAIT_SCHEDULE", "DISPATCH_BLOCKED", "WAIT_RESOURCE", "WAIT_SUBMISSION"]);

/**
 * Generator, dispatcher behind its gate, and tracker (facts 5.1), in rounds. What runs is the executors' business: the tracker asks them how it went. While it
 * is switched off, instances stay as they were seen last, whatever happens to them.
 */
export class Scheduler {
  readonly #surroundings: Pick<Surroundings, "clock" | "network" | "endpoints" | "settings">;
  readonly #database: Database;
  readonly #from: string;

  constructor(surroundings: Pick<Surroundings, "clock" | "network" | "endpoints" | "settings">, database: Database, from: string) {
    this.#surroundings = surroundings;
    this.#database = database;
    this.#from = from;
  }

  async round(): Promise<readonly Observation[]> {
    const { clock, settings } = this.#surroundings;
    generateIfDue(this.#database, clock.now(), settings.generationMinute);
    const open = Object.values(this.#database.data.instances).filter(
      ({ status, autoRerunAt }) => status !== "SUCCESS" && (status !== "FAILED" || autoRerunAt !== null),
    );
    const running = open.filter(({ status }) => status === "RUNNING");
    const terminated = await this.#terminate(running);
    const tracked = this.#database.controls.tracking ? await this.#track(running) : [];
    this.#wakeUp(open);
    if (this.#database.controls.dispatch) await this.#dispatch(open);
    return [...terminated, ...tracked];
  }

  #executors<T>(path: string, body: object): Promise<T> {
    const { network, endpoints } = this.#surroundings;
    return ask<T>({ network, from: this.#from, to: endpoints.executors }, "POST", path, body);
  }

  async #terminate(running: readonly Instance[]): Promise<readonly Observation[]> {
    const seen: Observation[] = [];
    for (const instance of running) {
      const run = instance.taskruns.at(-1);
      if (instance.terminateBy === null || run === undefined) continue;
      try {
        const task = await this.#executors<Task>(`/tasks/${run.id}/kill`, { by: instance.terminateBy });
        this.#ended(instance, run, task);
        seen.push({ instance, run, seenAt: this.#surroundings.clock.now() });
      } catch (error) {
        if (!isSilent(error)) this.#lost(instance, run);
      }
    }
    return seen;
  }

  async #track(open: readonly Instance[]): Promise<readonly Observation[]> {
    const running = open.filter(({ status }) => status === "RUNNING");
    if (running.length === 0) return [];
    const ids = running.map(({ taskruns }) => taskruns.at(-1)?.id ?? "");
    let tasks: readonly Task[];
    try {
      tasks = (await this.#executors<{ readonly tasks: readonly Task[] }>("/tasks/query", { ids })).tasks;
    } catch {
      return [];
    }
    const seenAt = this.#surroundings.clock.now();
    const byId = new Map(tasks.map((task) => [task.id, task]));
    const seen: Observation[] = [];
    for (const instance of running) {
      const run = instance.taskruns.at(-1);
      if (run === undefined || instance.status !== "RUNNING") continue;
      const task = byId.get(run.id);
      if (task === undefined) this.#lost(instance, run);
      else if (task.state !== "RUNNING") this.#ended(instance, run, task);
      else if (seenAt - run.start > this.#database.node(instance.nodeId).timeoutMs) instance.terminateBy = "timeout";
      seen.push({ instance, run, seenAt });
    }
    return seen;
  }

  #ended(instance: Instance, run: Taskrun, { state, end, killedBy }: Task): void {
    run.end = end;
    run.status = state;
    run.killedBy = killedBy;
    instance.terminateBy = null;
    instance.status = state;
    if (state === "FAILED") this.#maybeAgain(instance);
  }
  /** The executors know nothing of it: its machine is gone. */
  #lost(instance: Instance, run: Taskrun): void {
    this.#ended(instance, run, { state: "FAILED", end: this.#surroundings.clock.now(), killedBy: "executor lost" } as Task);
  }
  /** Automatic rerun after a failure; a run that somebody ended has failed, too (facts 2.5). */
  #maybeAgain(instance: Instance): void {
    const { count, intervalMs } = this.#database.node(instance.nodeId).autoRerun;
    if (instance.autoReruns >= count) return;
    instance.autoReruns += 1;
    instance.autoRerunAt = this.#surroundings.clock.now() + intervalMs;
  }

  /** Not Running becomes Waiting for Scheduled Time once all upstream has succeeded. */
  #wakeUp(open: readonly Instance[]): void {
    const asleep = open.filter(({ status }) => status === "INIT");
    if (asleep.length === 0) return;
    const dag = new Dag(this.#database);
    for (const instance of asleep) if (dag.upstream(instance).every(({ status }) => status === "SUCCESS")) instance.status = "WAIT_SCHEDULE";
  }

  async #dispatch(open: readonly Instance[]): Promise<void> {
    const now = this.#surroundings.clock.now();
    for (const instance of open)
      if (instance.status === "FAILED" && instance.autoRerunAt !== null && instance.autoRerunAt <= now) {
        instance.autoRerunAt = null;
        instance.status = "WAIT_SCHEDULE";
        instance.trigger = "AUTO_RERUN";
      }
    const waiting = open
      .filter(({ dueTime, schedulePaused, status }) => dueTime <= now && !schedulePaused && waits.has(status))
      .toSorted((left, right) => left.dueTime - right.dueTime);
    for (const instance of waiting) {
      // The gate may have been closed since the round began.
      if (!this.#database.controls.dispatch) return;
      await this.#submit(instance, open);
    }
  }

  async #submit(instance: Instance, open: readonly Instance[]): Promise<void> {
    const node = this.#database.node(instance.nodeId);
    const running = open.filter(({ status }) => status === "RUNNING");
    const ofProject = running.filter(({ nodeId }) => this.#database.node(nodeId).project === node.project).length;
    const limit = this.#database.data.projects.find(({ id }) => id === node.project)?.parallelism ?? 0;
    if (instance.status !== "WAIT_SUBMISSION") {
      if (ofProject >= limit) {
        instance.status = "DISPATCH_BLOCKED";
        return;
      }
      if (running.length >= this.#surroundings.settings.slots) {
        instance.status = "WAIT_RESOURCE";
        return;
      }
      // Written down before anything is sent: an answer that is lost is asked for again under the same id.
      instance.status = "WAIT_SUBMISSION";
      const id = `tr_${this.#database.nextId()}`;
      instance.taskruns.push({ id, trigger: instance.trigger, start: this.#surroundings.clock.now(), end: null, status: "RUNNING", killedBy: null });
    }
    const run = instance.taskruns.at(-1);
    if (run === undefined) return;
    const { durationMs, fails, appends } = node;
    try {
      await this.#executors("/tasks", { id: run.id, instanceId: instance.id, nodeId: node.id, durationMs, fails, appends });
      instance.status = "RUNNING";
    } catch {
      // Nobody answered: it stays Waiting for Submission until somebody does.
    }
  }
}
