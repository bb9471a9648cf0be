// What happened meanwhile, from samples of the controller's own tables and from the machines' process tables: was a second host taken down while a chunk
// needed it, were chunks copied that nobody had to copy. Imports nothing.

/** getClusterChunksStatus as it was at one moment. */
export interface ChunkSample {
  /** Milliseconds since 1970; samples are in this order. */
  readonly at: number;
  /** `replicas`: those that can serve. */
  readonly chunks: readonly { readonly chunkId: string; readonly state: string; readonly replicas: readonly string[] }[];
}
export interface NodeDown {
  readonly at: number;
  readonly alias: string;
  readonly host: string;
  /** A fault of the trial has done it. */
  readonly byFault: boolean;
}
export interface RecoveryTaskSample {
  readonly taskId: string;
  readonly chunkId: string;
  readonly type: string;
  readonly incremental: boolean;
  readonly createdAt: number;
}
export interface Exposure {
  readonly at: number;
  readonly alias: string;
  readonly host: string;
  /** Chunks whose last replica was there. */
  readonly chunks: readonly string[];
}
export interface HistoryVerdict {
  /** A data node was taken down that held the last replica of a chunk. */
  readonly exposed: readonly Exposure[];
  /** Tasks that gave a chunk a replica on a node that had none: the storm that dfsRecoveryWaitTime sets off. */
  readonly copies: readonly RecoveryTaskSample[];
}

export function judgeHistory(samples: readonly ChunkSample[], downs: readonly NodeDown[], tasks: readonly RecoveryTaskSample[]): HistoryVerdict {
  const exposed = downs.flatMap((down) => {
    if (down.byFault) return [];
    // It says goodbye before its process ends: the last sample that still has it is the one that counts.
    const sample = samples.findLast(({ at, chunks }) => at <= down.at && chunks.some(({ replicas }) => replicas.includes(down.alias)));
    const chunks = (sample?.chunks ?? []).filter(({ replicas }) => replicas.length === 1 && replicas[0] === down.alias).map(({ chunkId }) => chunkId);
    return chunks.length === 0 ? [] : [{ at: down.at, alias: down.alias, host: down.host, chunks }];
  });
  return { exposed, copies: tasks.filter(({ type, incremental }) => type === "ChunkRecovery" && !incremental) };
}
