// The rpcs that the driver uses (facts 2.5 and 2.6), as one interface: over HTTP in `wire/`, and whatever a test gives.
import type { Fence } from "../../model/fence.ts";

export interface TablePartitionMeta {
  readonly endpoint: string;
  readonly is_leader: boolean;
  readonly is_alive: boolean;
  readonly offset: number;
  readonly record_cnt: number;
  readonly record_byte_size: number;
}
export interface TablePartition {
  readonly pid: number;
  readonly partition_meta: readonly TablePartitionMeta[];
  readonly term_offset: readonly { readonly term: number; readonly offset: number }[];
}
export interface TableInfo {
  readonly name: string;
  readonly db: string;
  readonly tid: number;
  readonly replica_num: number;
  readonly storage_mode: "kUnknown" | "kMemory" | "kSSD" | "kHDD";
  readonly table_partition: readonly TablePartition[];
}
export interface TabletRow {
  readonly endpoint: string;
  readonly state: "kHealthy" | "kOffline";
  readonly age: number;
  readonly real_endpoint?: string | undefined;
}
export interface OpStatus {
  readonly op_id: number;
  readonly op_type: string;
  readonly status: "kInited" | "kDoing" | "kDone" | "kFailed" | "kCanceled";
  readonly start_time: number;
  readonly end_time: number;
  readonly task_type: string;
  readonly name: string;
  readonly db: string;
  readonly pid: number;
}
export interface TableStatus {
  readonly tid: number;
  readonly pid: number;
  readonly offset: number;
  readonly mode: "kTableLeader" | "kTableFollower";
  readonly state: "kTableUndefined" | "kTableNormal" | "kTableLoading" | "kMakingSnapshot" | "kSnapshotPaused";
  readonly record_cnt: number;
  readonly name: string;
  readonly storage_mode: "kUnknown" | "kMemory" | "kSSD" | "kHDD";
}
/** A partition by the names that the nameserver's rpcs want. */
export interface PartitionName {
  readonly db: string;
  readonly name: string;
  readonly pid: number;
}

/** Reads. Each throws Unreachable when there is no answer, and StillwaterError SW6001 with the code and words of an answer that refuses. */
export interface NameserverReads {
  showTablet(): Promise<readonly TabletRow[]>;
  showDatabase(): Promise<readonly string[]>;
  /** Hidden databases included. */
  showTables(): Promise<readonly TableInfo[]>;
  showTable(db: string, name: string): Promise<TableInfo | null>;
  autoFailover(): Promise<boolean>;
  showOpStatus(filter?: { readonly db?: string; readonly name?: string; readonly pid?: number }): Promise<readonly OpStatus[]>;
}
/** Effects, sent to the nameserver that leads now: code 300 or a refused connection resolves it again. `Refused` carries the answer's code in its words. */
export interface NameserverEffects {
  setAutoFailover(fence: Fence, value: boolean): Promise<void>;
  /** `candidate`: an endpoint, `auto`, or null. */
  changeLeader(fence: Fence, partition: PartitionName, candidate: string | null): Promise<void>;
  recoverTable(fence: Fence, partition: PartitionName, endpoint: string): Promise<void>;
  addReplica(fence: Fence, partition: PartitionName, endpoint: string): Promise<void>;
  delReplica(fence: Fence, partition: PartitionName, endpoint: string): Promise<void>;
  updateTableAlive(fence: Fence, partition: PartitionName, endpoint: string, alive: boolean): Promise<void>;
  cancelOp(fence: Fence, id: number): Promise<void>;
}
export interface TabletReads {
  /** All partitions that the tablet has loaded. */
  tableStatus(): Promise<readonly TableStatus[]>;
  /** Only a leader answers; null: it is a follower (103), has no follower (134) or no such table (100). */
  followers(tid: number, pid: number): Promise<{ readonly offset: number; readonly followers: Readonly<Record<string, number>> } | null>;
  termPair(tid: number, pid: number): Promise<{ readonly term: number; readonly offset: number; readonly leads: boolean } | null>;
}
export interface TabletEffects {
  /** Whole-tablet write fence: Put, Delete and BulkLoad answer 453. */
  setMode(fence: Fence, follower: boolean): Promise<void>;
  changeRole(
    fence: Fence,
    partition: { readonly tid: number; readonly pid: number },
    to: { readonly mode: "kTableFollower" } | { readonly mode: "kTableLeader"; readonly term: number; readonly replicas: readonly string[] },
  ): Promise<void>;
  /** A table that is on the tablet's disk and not loaded: the last resort of `recover`, for a leader. */
  loadTable(
    fence: Fence,
    table: { readonly name: string; readonly tid: number; readonly pid: number; readonly storage: "kMemory" | "kSSD" | "kHDD" },
  ): Promise<void>;
}

export interface Rpc {
  readonly nameserver: NameserverReads & NameserverEffects;
  /** By the tablet's endpoint as the metadata names it; real endpoints are resolved. */
  tablet(endpoint: string): TabletReads & TabletEffects;
  /** `/version`, without the commit; null: nothing answers there. */
  version(endpoint: string): Promise<string | null>;
  /** Endpoint of the leading nameserver, asked anew; null: none leads. */
  leader(): Promise<string | null>;
  /** SQL through the first APIServer that answers. */
  sql(database: string, sql: string): Promise<readonly (readonly (string | number | boolean | null)[])[]>;
}
