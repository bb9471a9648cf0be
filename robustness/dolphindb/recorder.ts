// Samples of the controller's table of chunks, and every recovery task that was ever begun: for the judgement of what happened meanwhile.
import { ServerError } from "../../lab/dolphindb/logic/node.ts";
import type { MemoryCluster } from "../../lab/dolphindb/memory/cluster.ts";
import type { ChunkSample, NodeDown, RecoveryTaskSample } from "../validators/dolphindb-history.ts";

export class Recorder {
  readonly samples: ChunkSample[] = [];
  readonly #tasks = new Map<string, RecoveryTaskSample>();
  readonly #cluster: MemoryCluster;
  readonly #since: number;
  #running = false;

  constructor(cluster: MemoryCluster) {
    this.#cluster = cluster;
    this.#since = cluster.world.now();
  }
  start(everyMs: number): void {
    this.#running = true;
    const again = (): void => {
      if (!this.#running) return;
      void this.look();
      this.#cluster.world.after(everyMs, again);
    };
    again();
  }
  stop(): void {
    this.#running = false;
  }
  get tasks(): readonly RecoveryTaskSample[] {
    return [...this.#tasks.values()];
  }
  /** Data nodes whose processes ended since; `byFault`: which of these were the trial's own doing. */
  downs(byFault: (alias: string, at: number) => boolean): readonly NodeDown[] {
    return this.#cluster.machines
      .flatMap(({ name, ends }) =>
        ends.flatMap(({ at, alias, role }) =>
          role === "datanode" && alias !== null && at >= this.#since ? [{ at, alias, host: name, byFault: byFault(alias, at) }] : [],
        ),
      )
      .toSorted((a, b) => a.at - b.at);
  }
  async look(): Promise<void> {
    const cluster = this.#cluster;
    try {
      const at = cluster.world.now();
      const chunks = (await cluster.chunks()).map((row) => ({
        chunkId: String(row["chunkId"]),
        state: String(row["state"]),
        // One that is behind serves nobody; in a transaction versions differ for a moment.
        replicas: String(row["replicas"])
          .split(",")
          .flatMap((part) => {
            const [alias = "", version] = part.split(":");
            return alias !== "" && (row["state"] === "CONSTRUCTING" || version === String(row["version"])) ? [alias] : [];
          }),
      }));
      this.samples.push({ at, chunks });
      for (const task of await cluster.recoveryTasks()) {
        const taskId = String(task["TaskId"]);
        // One that waited, and was cancelled when its reason went away, has copied nothing.
        if (!this.#tasks.has(taskId) && task["Status"] !== "Waiting")
          this.#tasks.set(taskId, {
            taskId,
            chunkId: String(task["ChunkId"]),
            type: String(task["TaskType"]),
            incremental: task["IsIncrementalRecovery"] === true || task["IsIncrementalRecovery"] === 1,
            createdAt: at,
          });
      }
    } catch (error) {
      // Nobody leads at this moment.
      if (!(error instanceof ServerError)) throw error;
    }
  }
}
