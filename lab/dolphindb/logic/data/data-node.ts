import { NoReply } from "../../../kit/network.ts";
import { ClusterLink } from "../cluster-link.ts";
import type { PullReply, PullRequest } from "../controller/recovery.ts";
import type { Load } from "../controller/members.ts";
import { Jobs } from "../functions/jobs.ts";
import { SharedTables } from "../functions/stream-tables.ts";
import { NO_LOAD } from "../load.ts";
import { ServerError } from "../node.ts";
import type { NodeProcess } from "../process.ts";
import { checkStart, orExit, type Checked } from "../start-checks.ts";
import { ChunkStore, type PendingWrite, type Row } from "./chunk-store.ts";
import { Coordinator } from "./coordinator.ts";
import { directoriesOf } from "./directories.ts";

/** Real milliseconds. */
const FLUSH_MS = 30_000;
const POLL_MS = 100;
const PULL_TIMEOUT_MS = 60_000;

/** A data node or, without chunks, a compute node (facts 1.3, 2 at its end, 5.2). */
export class DataNode {
  readonly process: NodeProcess;
  readonly link: ClusterLink;
  readonly store: ChunkStore;
  readonly coordinator: Coordinator;
  readonly jobs: Jobs;
  readonly shared: SharedTables;
  /** What its start found; null: it has not come so far. */
  checked: Checked | null = null;
  /** Of clients. */
  connections: () => number = () => 0;
  #isInitialised = false;
  #isEnding = false;

  constructor(process: NodeProcess) {
    this.process = process;
    this.jobs = new Jobs(process);
    this.shared = new SharedTables(process);
    this.store = new ChunkStore(process, directoriesOf(process));
    this.link = new ClusterLink(process, {
      beat: () => ({
        alias: process.alias,
        boot: process.boot,
        release: process.component.release,
        initialised: this.#isInitialised,
        transactions: this.coordinator.running.map(({ tid }) => tid),
        load: this.#load(),
      }),
      report: (leader) => void this.#report(leader),
      leaderChanged: () => {},
    });
    this.coordinator = new Coordinator(process, this.link, this.store);
  }

  get isInitialised(): boolean {
    return this.#isInitialised;
  }
  /** It stops gracefully: whatever is new is refused. */
  get isEnding(): boolean {
    return this.#isEnding;
  }
  get holdsChunks(): boolean {
    return this.process.component.role === "datanode";
  }
  #load(): Load {
    const connections = this.connections();
    const { process } = this;
    return {
      ...NO_LOAD,
      connections,
      runningJobs: this.jobs.running,
      workers: process.number("workerNum", NO_LOAD.workers),
      maxConnections: process.number("maxConnections", NO_LOAD.maxConnections),
    };
  }

  start(): Promise<void> {
    const { process } = this;
    return orExit(process, async () => {
      this.checked = checkStart(process);
      if (!(await process.listen())) return;
      this.#handlers();
      const replayed = this.holdsChunks ? this.store.load() : 0;
      process.log("INFO", "ChunkMgmt initialization completed.");
      await process.sleep(process.component.durations.listen);
      // Green from here on, which says nothing about its initialisation.
      this.link.start();
      void orExit(process, () => this.#initialise(replayed));
    });
  }
  terminate(): void {
    if (this.#isEnding || this.process.faults.has("ignore-terminate")) return;
    this.#isEnding = true;
    void this.#end();
  }

  async #initialise(replayed: number): Promise<void> {
    const { process } = this;
    const { durations } = process.component;
    process.log("INFO", "Restore TSDB meta successfuly.");
    if (replayed > 0) {
      process.log("INFO", `Start recovering from redo log: ${String(replayed)} transactions`);
      await process.sleep(replayed * durations.replayTransaction);
      this.store.flush();
      process.log("INFO", "Completed CacheEngine GC and RedoLog GC after recovering from redo log.");
    } else process.log("INFO", "No available redo log files were found.");
    await process.sleep(durations.initialise);
    this.jobs.load();
    for (const write of this.store.pending) this.coordinator.resolveLater(write);
    this.jobs.start();
    this.#isInitialised = true;
    this.link.tell();
    process.log("INFO", process.behaviour.jobSchedulerLine);
    process.every(process.scaled(FLUSH_MS), () => {
      this.store.flush();
    });
  }
  /** Facts 1.3: no more heartbeats, running transactions end, caches are flushed, redo logs recycled. */
  async #end(): Promise<void> {
    const { process } = this;
    process.log("INFO", "SIGTERM: graceful shutdown begins");
    await this.link.leave();
    while (this.coordinator.running.length > 0 || this.store.pending.length > 0) await process.sleep(process.scaled(POLL_MS));
    await process.sleep(process.component.durations.gracefulStop);
    if (this.holdsChunks) {
      this.store.flush();
      this.store.checkpoint();
    }
    process.log("ERROR", "The socket server ended.");
    process.exit(0, "SIGTERM");
  }
  async #report(leader: string): Promise<void> {
    const { alias, boot } = this.process;
    const chunks = this.store.chunks.map(({ id, version, isCorrupted }) => [id, version, isCorrupted ? 1 : 0] as const);
    const pending = this.store.pending.map(({ tid }) => tid);
    await this.process.ask(leader, "report", { alias, boot, chunks, pending }).catch((error: unknown) => {
      if (!(error instanceof NoReply) && !(error instanceof ServerError)) throw error;
    });
  }

  #handlers(): void {
    const { process, store, coordinator } = this;
    process.on("terminate", () => {
      this.terminate();
    });
    process.on("ping", () => process.alias);
    process.on("report-again", () => {
      const leader = this.link.leaderEndpoint;
      if (leader !== null) void this.#report(leader);
    });
    process.on("chunk/prepare", (body) => {
      if (this.#isEnding) throw new ServerError("The node is shutting down. RefId: S00005");
      if (!this.#isInitialised) throw new ServerError("<DataNodeNotReady>The data node is not initialized.");
      const write = body as PendingWrite;
      store.prepare(write);
      coordinator.resolveLater(write);
    });
    process.on("chunk/commit", (body) => {
      const { tid, id } = body as { readonly tid: number; readonly id: string };
      return store.commit(tid, id);
    });
    process.on("chunk/rollback", (body) => {
      const { tid, id } = body as { readonly tid: number; readonly id: string };
      store.rollback(tid, id);
    });
    process.on("chunk/read", (body) => {
      const { id, version } = body as { readonly id: string; readonly version: number };
      return coordinator.readLocal(id, version);
    });
    process.on("chunk/delete", (body) => {
      for (const id of (body as { readonly ids: readonly string[] }).ids) store.delete(id);
    });
    process.on("chunk/since", (body) => {
      if (process.faults.has("fail-recovery")) throw new ServerError("The chunk cannot be read.");
      const { id, version } = body as { readonly id: string; readonly version: number };
      return { ...store.since(id, version), version: store.get(id)?.version ?? 0 };
    });
    process.on("chunk/pull", (body) => this.#pull(body as PullRequest));
    process.on("seed", (body) => {
      store.seed(body as Parameters<ChunkStore["seed"]>[0]);
    });
  }
  /** One copy of a recovery: what the source has and this replica has not. */
  async #pull({ chunk, source }: PullRequest): Promise<PullReply> {
    const { process, store } = this;
    if (process.faults.has("fail-recovery")) throw new ServerError("The chunk cannot be written.");
    if (this.#isEnding) throw new ServerError("The node is shutting down. RefId: S00005");
    const own = store.get(chunk.id);
    const isUsable = own !== null && !own.isCorrupted && own.version <= chunk.version;
    const answer = await this.#askSource(source, chunk.id, isUsable ? own.version : 0);
    if (own?.version === answer.version && !own.isCorrupted) return { version: answer.version, rows: 0 };
    if (own !== null) own.state = 4;
    await process.sleep(process.component.durations.recoverChunk);
    store.copy(chunk, answer.version, answer.whole, answer.rows);
    return { version: answer.version, rows: answer.rows.length };
  }
  async #askSource(
    source: string,
    id: string,
    version: number,
  ): Promise<{ readonly whole: boolean; readonly rows: readonly Row[]; readonly version: number }> {
    try {
      return await this.process.ask(source, "chunk/since", { id, version }, this.process.scaled(PULL_TIMEOUT_MS));
    } catch (error) {
      if (error instanceof NoReply) throw new ServerError(`The source ${source} does not answer: ${error.message}`);
      throw error;
    }
  }
}
