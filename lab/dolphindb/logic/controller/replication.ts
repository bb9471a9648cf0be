import type { NodeProcess } from "../process.ts";
import type { ChunkMap } from "./chunk-map.ts";
import type { ChunkMeta, Metadata } from "./metadata.ts";
import type { Members } from "./members.ts";
import { placeReplicas } from "./placement.ts";
import type { Recovery } from "./recovery.ts";
import { ServerError } from "../node.ts";

/** Real milliseconds: a dfsRecoveryWaitTime that is not 0 counts as at least this (facts 0.3). */
const WAIT_TIME_FLOOR_MS = 60_000;

export interface ReplicationContext {
  readonly process: NodeProcess;
  readonly metadata: Metadata;
  readonly members: Members;
  readonly map: ChunkMap;
  readonly recovery: Recovery;
  readonly replicationFactor: () => number;
  readonly reliabilityLevel: () => number;
}

/** What is to be copied: replicas with another version than the controller's, and replicas of nodes that are away too long. */
export class Replication {
  readonly #context: ReplicationContext;

  constructor(context: ReplicationContext) {
    this.#context = context;
  }

  /** A node told its chunks: those with another version than the controller's are queued. */
  reported(alias: string, ids: readonly string[]): void {
    const { map, recovery, members } = this.#context;
    const factor = this.#context.replicationFactor();
    const stale: string[] = [];
    for (const id of ids) {
      const chunk = map.meta(id);
      const replica = map.replicas(id).get(alias);
      if (chunk === null || replica === undefined) continue;
      if (replica.version !== chunk.version || replica.corrupted) stale.push(id);
    }
    // Copies that its absence made necessary and that have not begun.
    recovery.cancelWaiting((task) => {
      const chunk = map.meta(task.chunkId);
      // A replica that is behind counts: it is healed, and a copy beside it would be one too many.
      return task.why === "copy" && task.type === "ChunkRecovery" && chunk !== null && map.replicas(task.chunkId).size >= factor;
    });
    for (const id of stale) {
      const chunk = map.meta(id);
      if (chunk !== null && members.row(alias) !== null) recovery.add(chunk, alias, { type: "ChunkRecovery", why: "heal" });
    }
    recovery.pump();
  }

  tick(): void {
    const { process, members } = this.#context;
    const wait = process.number("dfsRecoveryWaitTime", 0);
    if (wait === 0) return;
    const limit = process.scaled(Math.max(wait, WAIT_TIME_FLOOR_MS));
    const now = process.clock.now();
    const due = members.dataNodes().flatMap(({ alias }) => {
      const member = members.get(alias);
      return member === null || member.online || member.replaced || now - member.offlineSince <= limit ? [] : [member];
    });
    if (due.length === 0) return;
    for (const member of due) {
      member.replaced = true;
      process.log("WARNING", `node ${member.alias} is away longer than dfsRecoveryWaitTime: its chunks are replicated again`);
    }
    this.#replicateMissing();
  }

  #replicateMissing(): void {
    const { metadata, map, recovery } = this.#context;
    const factor = this.#context.replicationFactor();
    for (const chunk of metadata.chunks.values()) {
      const missing = factor - map.current(chunk).length;
      if (missing > 0 && map.current(chunk).length > 0) this.#copy(chunk, missing);
    }
    recovery.pump();
  }
  #copy(chunk: ChunkMeta, missing: number): void {
    const { members, map, recovery, process } = this.#context;
    const there = map.replicas(chunk.id);
    const hosts = new Set([...there.keys()].map((alias) => members.row(alias)?.host));
    const level = this.#context.reliabilityLevel();
    const free = members.dataNodes().filter(({ alias }) => !there.has(alias) && members.isReady(alias));
    const elsewhere = free.filter(({ host }) => !hosts.has(host));
    const candidates = level === 1 || (level === 2 && elsewhere.length >= missing) ? elsewhere : free;
    try {
      for (const alias of placeReplicas({ candidates, count: Math.min(missing, candidates.length), level, random: () => process.random() }))
        recovery.add(chunk, alias, { type: "ChunkRecovery", why: "copy" });
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      process.log("WARNING", `chunk ${chunk.id}: ${error.message}`);
    }
  }
}
