// What a test says was seen of a cluster: tablets a, b and c, table db.t with the number 6.
import type { MoveLeadersParams } from "../../../steps.ts";
import type { Watching } from "../judge.ts";
import type { Note } from "../notes.ts";
import { keyOf, type Observation, type Own, type PartitionView, type ReplicaView } from "../observation.ts";
import { partitionOf } from "./world.ts";

export const NOW = 1_000_000;
export const own = (offset: number, mode: "leader" | "follower" = "follower", normal = true): Own => ({ offset, mode, normal });
export const replica = (endpoint: string, is: Own, more: Partial<ReplicaView> = {}): ReplicaView => ({
  endpoint,
  leads: typeof is !== "string" && is.mode === "leader",
  alive: true,
  healthy: true,
  known: 0,
  own: is,
  ...more,
});
export const view = (pid: number, replicas: readonly ReplicaView[], term = { term: 1, offset: 1 }, starts = [term.offset]): PartitionView => ({
  partition: partitionOf(pid),
  storage: "kMemory",
  replicas,
  term,
  starts,
});
export const seen = (views: readonly PartitionView[], more: Partial<Observation> = {}): Observation => ({
  now: NOW,
  partitions: new Map(views.map((each) => [keyOf(each.partition), each])),
  operations: [],
  writeFenced: new Set(),
  ...more,
});
export const params = (pids: readonly number[], more: Partial<MoveLeadersParams> = {}): MoveLeadersParams => ({
  from: "a",
  to: null,
  avoid: [],
  fence: "partition",
  concurrency: 2,
  partitions: pids.map(partitionOf),
  returns: true,
  ...more,
});
export const watching = (more: Partial<Watching> = {}): Watching => ({
  stable: () => true,
  lags: () => false,
  tries: () => 0,
  stuck: () => false,
  ...more,
});
export const note = (more: Partial<Note> = {}): Note => ({
  from: "a",
  to: "b",
  frozen: 10,
  candidate: 10,
  sentAt: NOW - 60_000,
  after: 0,
  sent: "changeLeader",
  proof: null,
  ...more,
});
