import { NoReply } from "../../../kit/network.ts";
import { ServerError } from "../node.ts";
import type { NodeProcess } from "../process.ts";
import type { ChunkMap } from "./chunk-map.ts";
import type { ChunkMeta, Metadata } from "./metadata.ts";
import type { Members } from "./members.ts";

export interface RecoveryTask {
  readonly id: string;
  readonly type: "ChunkRecovery" | "LoadRebalance";
  readonly chunkId: string;
  readonly path: string;
  /** `heal`: the destination has another version; `copy`: it has none. */
  readonly why: "heal" | "copy";
  source: string;
  readonly destination: string;
  readonly deletesSource: boolean;
  status: "Waiting" | "In-Progress" | "Finished" | "Aborted";
  attempts: number;
  readonly createdAt: number;
  startedAt: number | null;
  finishedAt: number | null;
  isIncremental: boolean;
  failure: string;
}
export interface PullRequest {
  readonly chunk: ChunkMeta;
  readonly source: string;
}
export interface PullReply {
  readonly version: number;
  readonly rows: number;
}
export interface RecoveryContext {
  readonly process: NodeProcess;
  readonly metadata: Metadata;
  readonly members: Members;
  readonly map: ChunkMap;
  readonly replicationFactor: () => number;
  readonly reliabilityLevel: () => number;
}
/** Facts 5.2: five attempts (S01007); below 1000 rows of difference, or behind five copies, the rest is copied while writers wait. */
const ATTEMPTS = 5;
const COPIES = 5;
const SYNC_ROWS = 1_000;
const RETRY_MS = 1_000;
const PULL_TIMEOUT_MS = 600_000;
const POLL_MS = 20;
const LOCK_WAIT_MS = 10_000;
const KEPT = 2_000;

/** Copies that make replicas equal and many enough, ordered by the leading controller. suspendRecovery holds what waits; what runs goes on. */
export class Recovery {
  readonly #context: RecoveryContext;
  #tasks: RecoveryTask[] = [];
  #suspended = false;
  #concurrency: number;
  #epoch = 0;

  constructor(context: RecoveryContext) {
    this.#context = context;
    this.#concurrency = 0;
  }

  get tasks(): readonly RecoveryTask[] {
    return this.#tasks;
  }
  get isSuspended(): boolean {
    return this.#suspended;
  }
  get concurrency(): number {
    return this.#concurrency > 0 ? this.#concurrency : Math.max(1, this.#context.members.dataNodes().length * 2);
  }
  setConcurrency(tasks: number): void {
    this.#concurrency = tasks;
    this.pump();
  }
  suspend(): void {
    this.#suspended = true;
  }
  resume(): void {
    this.#suspended = false;
    this.pump();
  }
  /** A leader that becomes a follower forgets its tasks (facts 5.3). */
  clear(): void {
    this.#tasks = [];
    this.#epoch += 1;
  }

  /** False: there is one already. */
  add(
    chunk: ChunkMeta,
    destination: string,
    how: Pick<RecoveryTask, "type" | "why"> & { readonly source?: string; readonly deletesSource?: boolean },
  ): boolean {
    const isThere = this.#tasks.some(
      (task) => task.chunkId === chunk.id && task.destination === destination && (task.status === "Waiting" || task.status === "In-Progress"),
    );
    if (isThere) return false;
    const { process, map } = this.#context;
    this.#tasks.push({
      id: `${process.random().toString(16).slice(2, 10)}-${String(this.#tasks.length + 1)}`,
      type: how.type,
      chunkId: chunk.id,
      path: chunk.file,
      why: how.why,
      source: how.source ?? "",
      destination,
      deletesSource: how.deletesSource ?? false,
      status: "Waiting",
      attempts: 0,
      createdAt: process.clock.now(),
      startedAt: null,
      finishedAt: null,
      isIncremental: how.why === "heal",
      failure: "",
    });
    map.addTask(chunk.id, 1);
    if (this.#tasks.length > KEPT * 2)
      this.#tasks = this.#tasks.filter(({ status }, index) => status === "Waiting" || status === "In-Progress" || index > KEPT);
    return true;
  }
  /** Of a node that is gone, or that has come back: what waits for it has no more reason. */
  cancelWaiting(reason: (task: RecoveryTask) => boolean): number {
    const canceled = this.#tasks.filter((task) => task.status === "Waiting" && reason(task));
    for (const task of canceled) this.#context.map.addTask(task.chunkId, -1);
    this.#tasks = this.#tasks.filter((task) => !canceled.includes(task));
    return canceled.length;
  }
  pump(): void {
    if (this.#suspended) return;
    let running = this.#tasks.filter(({ status }) => status === "In-Progress").length;
    const busy = new Set(this.#tasks.flatMap((task) => (task.status === "In-Progress" ? [task.destination] : [])));
    for (const task of this.#tasks) {
      if (running >= this.concurrency) return;
      if (task.status !== "Waiting" || busy.has(task.destination)) continue;
      busy.add(task.destination);
      running += 1;
      task.status = "In-Progress";
      task.attempts += 1;
      task.startedAt = this.#context.process.clock.now();
      this.#context.process.log("INFO", `recovery task ${task.id} begins: chunk ${task.chunkId} on ${task.destination}`);
      void this.#run(task, this.#epoch);
    }
  }

  async #run(task: RecoveryTask, epoch: number): Promise<void> {
    try {
      await this.#copy(task, epoch);
      if (epoch !== this.#epoch) return;
      this.#finish(task, "Finished");
    } catch (error) {
      if (!(error instanceof ServerError) && !(error instanceof NoReply)) throw error;
      if (epoch !== this.#epoch) return;
      task.failure = error.message;
      this.#context.process.log(
        "WARNING",
        `recovery of chunk ${task.chunkId} on ${task.destination}: attempt ${String(task.attempts)}: ${error.message}`,
      );
      if (task.attempts >= ATTEMPTS) {
        task.failure = `${error.message} RefId: S01007`;
        this.#finish(task, "Aborted");
      } else {
        this.#context.process.clock.after(this.#context.process.scaled(RETRY_MS), () => {
          if (epoch !== this.#epoch) return;
          task.status = "Waiting";
          this.pump();
        });
      }
    } finally {
      if (epoch === this.#epoch) this.pump();
    }
  }
  #finish(task: RecoveryTask, status: "Finished" | "Aborted"): void {
    task.status = status;
    task.finishedAt = this.#context.process.clock.now();
    this.#context.process.log("INFO", `recovery task ${task.id} ends: ${status}`);
    this.#context.map.addTask(task.chunkId, -1);
  }

  async #copy(task: RecoveryTask, epoch: number): Promise<void> {
    const { process, map, members } = this.#context;
    if (!this.#isNeeded(task)) return;
    for (let copies = 0; copies < COPIES; copies += 1) {
      const pulled = await this.#pull(task);
      if (epoch !== this.#epoch) return;
      const chunk = map.meta(task.chunkId);
      if (chunk === null) return;
      if (chunk.version === pulled.version || pulled.rows < SYNC_ROWS) break;
    }
    // The rest, while nobody writes: less than a second.
    const deadline = process.clock.now() + process.scaled(LOCK_WAIT_MS);
    map.synchronize(task.chunkId, true);
    try {
      while (map.lockedBy(task.chunkId) !== null) {
        if (process.clock.now() > deadline) throw new ServerError(`The chunk ${task.chunkId} is in a transaction for too long. RefId: S01008`);
        await process.sleep(process.scaled(POLL_MS));
        if (epoch !== this.#epoch) return;
      }
      const chunk = map.meta(task.chunkId);
      if (chunk === null) return;
      const pulled = await this.#pull(task);
      if (epoch !== this.#epoch) return;
      if (pulled.version !== chunk.version)
        throw new ServerError(`The copy of chunk ${chunk.id} has version ${String(pulled.version)}. RefId: S01008`);
      if (!members.isOnline(task.destination)) throw new ServerError(`${task.destination} went offline.`);
      map.set(chunk.id, task.destination, { version: chunk.version, corrupted: false, since: process.clock.now() });
      if (task.deletesSource) await this.#deleteReplica(chunk, task.source);
    } finally {
      if (epoch === this.#epoch) map.synchronize(task.chunkId, false);
    }
  }
  async #deleteReplica(chunk: ChunkMeta, alias: string): Promise<void> {
    const row = this.#context.members.row(alias);
    if (row === null) return;
    await this.#context.process.ask(row.endpoint, "chunk/delete", { ids: [chunk.id] });
    this.#context.map.dropReplica(chunk.id, alias);
  }
  #isNeeded(task: RecoveryTask): boolean {
    const { map, replicationFactor } = this.#context;
    const chunk = map.meta(task.chunkId);
    if (chunk === null) return false;
    const current = map.current(chunk);
    if (task.type === "LoadRebalance") return !current.includes(task.destination);
    if (task.why === "heal") return !current.includes(task.destination);
    return map.replicas(chunk.id).size < replicationFactor() && !current.includes(task.destination);
  }
  #pull(task: RecoveryTask): Promise<PullReply> {
    const { process, map, members } = this.#context;
    const chunk = map.meta(task.chunkId);
    if (chunk === null) throw new ServerError(`The chunk ${task.chunkId} is gone.`);
    const sources = map.current(chunk).filter((alias) => alias !== task.destination && members.isReady(alias));
    const source = sources.includes(task.source) ? task.source : sources[0];
    if (source === undefined)
      throw new ServerError(`No source for the recovery of chunk ${chunk.id}: no replica agrees with the controller. RefId: S01008`);
    task.source = source;
    const [from, to] = [members.row(source), members.row(task.destination)];
    if (from === null || to === null || !members.isReady(task.destination)) throw new ServerError(`${task.destination} is not available.`);
    return process.ask<PullReply>(to.endpoint, "chunk/pull", { chunk, source: from.endpoint } satisfies PullRequest, process.scaled(PULL_TIMEOUT_MS));
  }
}
