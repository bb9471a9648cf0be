// The rpcs that the driver uses (facts 2.5 and 2.6), as one interface: over HTTP in `wire/`, and whatever a test gives.
import { Refused, type ErrorDetail } from "../../model/errors.ts";
import type { Fence } from "../../model/fence.ts";

/** Longest time in milliseconds of one read, and of one effect: after that nothing of it is on its way any more. */
export const readTimeoutMs = 5_000;
export const effectTimeoutMs = 10_000;

/** Codes of src/base/status.h that the driver tells apart (facts 2.7). */
export const rpcCodes = {
  tableDoesNotExist: 100,
  isLeader: 102,
  isFollower: 103,
  noFollower: 134,
  notLeadingNameserver: 300,
  autoFailoverEnabled: 301,
  endpointDoesNotExist: 302,
  setZooKeeperFailed: 304,
  leaderIsAlive: 309,
  noAliveFollower: 310,
  partitionIsAlive: 311,
  operationNotRunning: 312,
  pidExists: 317,
  zooKeeperError: 326,
  followerCluster: 453,
} as const;

/** The server answered with a code: it did nothing. */
export class RpcRefused extends Refused {
  readonly rpcCode: number;
  constructor(rpcCode: number, message: string, detail: ErrorDetail) {
    super(message, detail);
    this.name = "RpcRefused";
    this.rpcCode = rpcCode;
  }
}

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
  /** Bytes; absent: the release does not tell. */
  readonly record_byte_size?: number | undefined;
  readonly record_idx_byte_size?: number | undefined;
  readonly name: string;
  readonly storage_mode: "kUnknown" | "kMemory" | "kSSD" | "kHDD";
}
/** A partition by the names that the nameserver's rpcs want. */
export interface PartitionName {
  readonly db: string;
  readonly name: string;
  readonly pid: number;
}

/** Reads. Each throws Unreachable when there is no answer, and RpcRefused with the code and words of an answer that refuses. */
export interface NameserverReads {
  showTablet(): Promise<readonly TabletRow[]>;
  showDatabase(): Promise<readonly string[]>;
  /** Hidden databases included. */
  showTables(): Promise<readonly TableInfo[]>;
  showTable(db: string, name: string): Promise<TableInfo | null>;
  autoFailover(): Promise<boolean>;
  showOpStatus(filter?: { readonly db?: string; readonly name?: string; readonly pid?: number }): Promise<readonly OpStatus[]>;
}
/**
 * Effects, sent to the nameserver that leads now: code 300 or a refused connection resolves it again. Throws RpcRefused when an answer refuses, Refused
 * when nothing was sent, Unreachable when it may have happened (a time-out, a cut, an answer that ZooKeeper failed).
 */
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
  /** Whether SetMode fences all its writes: a Put to a table that cannot exist (tid 4294967295) is refused with 453 before the table is looked for, else with 100. */
  writeFenced(): Promise<boolean>;
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
  /** From kSnapshotPaused to kTableNormal; 107: it is not paused. An operation that failed after its PauseSnapshot leaves its leader so. */
  recoverSnapshot(fence: Fence, partition: { readonly tid: number; readonly pid: number }): Promise<void>;
  /** A table that is on the tablet's disk and not loaded, as a follower: the last resort of `recover`, for a leader, which gets its role with its followers afterwards. */
  loadTable(
    fence: Fence,
    table: { readonly name: string; readonly tid: number; readonly pid: number; readonly storage: "kMemory" | "kSSD" | "kHDD" },
  ): Promise<void>;
}

export interface Rpc {
  readonly nameserver: NameserverReads & NameserverEffects;
  /** By the tablet's endpoint as the metadata names it; real endpoints are resolved. */
  tablet(endpoint: string): TabletReads & TabletEffects;
  /** `/version` without the commit (a taskmanager: GetVersion); null: nothing answers there, or it has not registered yet. */
  version(endpoint: string): Promise<string | null>;
  /** Endpoint of the leading nameserver, asked anew; null: none leads. Throws Unreachable when one does not answer and so could lead. */
  leader(): Promise<string | null>;
  /** SQL through the first APIServer that answers. */
  sql(database: string, sql: string): Promise<readonly (readonly (string | number | boolean | null)[])[]>;
}
