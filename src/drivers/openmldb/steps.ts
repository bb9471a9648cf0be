// The steps that this driver plans and expands into. Pure: the operations of the same names do them.
import type { Json } from "../../model/json.ts";
import type { Phase, Step } from "../../model/step.ts";
import type { StartMode } from "./facts.ts";
import type { BackupParams, ReadBackParams, SetFlagsParams, SwapParams, UnpackParams, UploadParams } from "./operations/install-params.ts";

export type OnNode = { readonly node: string };

/** A partition by every name that it has. */
export type Partition = { readonly db: string; readonly name: string; readonly tid: number; readonly pid: number };
export const nameOf = ({ db, name, pid }: Omit<Partition, "tid">): string => `${db}.${name}/${String(pid)}`;

/**
 * How writes are kept from being lost while a leader changes. `partition`: ChangeRole on that partition alone, once its follower has everything;
 * `tablet`: SetMode on the leader's whole tablet; `hook`: the operator's commands; `none`: the vendor's way, rows may be lost.
 */
export type FenceKind = "partition" | "tablet" | "hook" | "none";

export type AutoFailoverParams = { readonly value: boolean };
/** How leaders are moved. */
export type Moving = {
  readonly fence: FenceKind;
  /** Operations that the nameserver does at a time (name_server_task_concurrency). */
  readonly concurrency: number;
};
export type MoveAwayParams = OnNode &
  Moving & {
    readonly endpoint: string;
    /** Tablets that go with it, and so must not become leaders: endpoints. */
    readonly avoid: readonly string[];
    /** `replicated`: what has a replica elsewhere that may lead; `all`: everything that it leads; else these and no others. */
    readonly which: "replicated" | "all" | readonly Partition[];
    /** An undo brings the leaders back. */
    readonly returns: boolean;
  };
export type MoveBackParams = Moving & { readonly endpoint: string; readonly partitions: readonly Partition[] };
/** `from` null: whoever leads. `to` null: the best follower outside `avoid`. */
export type MoveLeadersParams = Moving & {
  readonly from: string | null;
  readonly to: string | null;
  readonly avoid: readonly string[];
  readonly partitions: readonly Partition[];
  readonly returns: boolean;
};
export type PartitionsParams = { readonly partitions: readonly Partition[] };
export type TabletFenceParams = { readonly endpoint: string; readonly fenced: boolean };
export type TrafficParams = { readonly paused: boolean };
export type ReplicaParams = Partition & { readonly endpoint: string };
export type RecoverReplicasParams = Pick<Moving, "concurrency"> & {
  /** Null: of every tablet. */
  readonly endpoint: string | null;
  /** Null: whatever is sick there. */
  readonly partitions: readonly Partition[] | null;
};
export type RecoverOverParams = Partition & {
  readonly endpoint: string;
  /** Its own last offset, and the offset at which the new leader began. */
  readonly offset: number;
  readonly leaderBegan: number;
  /** HOST:PATH of the copy that is made before a person is asked; absent: its host is not known, so there is none. */
  readonly kept?: string;
};
/** The files of one partition on one tablet, copied to a directory on its host. */
export type KeepRowsParams = Partition & OnNode & { readonly offset: number; readonly leaderBegan: number; readonly directory: string };
export type StopParams = OnNode & {
  /** Tablet: what it leads by then (a table that was created meanwhile) is moved first. Null: not a tablet. */
  readonly moving: (Moving & { readonly endpoint: string; readonly avoid: readonly string[] }) | null;
  /** Tablet: partitions of one replica that are accepted to be unavailable meanwhile. */
  readonly unavailable: readonly Partition[];
  /** Other nodes go down with it, so it does not count as one of them. */
  readonly together?: true;
};
export type StartParams = OnNode & {
  /** Null: as it ran before. */
  readonly mode: StartMode | null;
  /** As in the stop that undoes it; absent: none. */
  readonly unavailable?: readonly Partition[];
  readonly together?: true;
};
export type ReadyParams = OnNode & { readonly version: string | null };
export type LeadsParams = { readonly sessionTimeoutMs: number };
export type JobsParams = OnNode & { readonly jobs: "wait" | "list" };

type More = Partial<Omit<Step, "id" | "phase" | "do" | "params">>;
const make = (id: string, phase: Phase, operation: string, params: Json, more: More): Step => ({ id, phase, do: operation, params, ...more });
const seconds = (count: number): number => count * 1_000;
const minutes = (count: number): number => count * 60_000;
const plural = (count: number, what: string): string => `${String(count)} ${what}${count === 1 ? "" : "s"}`;

/** One operation of the nameserver with its polls of two seconds; for forecasts, never a deadline. */
export const operationMs = 4_000;

const fenceWords: Readonly<Record<FenceKind, string>> = {
  partition: "each partition fenced for its own move",
  tablet: "the whole tablet fenced meanwhile",
  hook: "traffic paused by hooks.pauseTraffic meanwhile",
  none: "without a fence: rows may be lost",
};

/** Far above what a cluster needs: a guard, a fence for each tablet, the moves, and the same once more for what was created meanwhile. */
const movingMay = (fence: FenceKind): NonNullable<Step["may"]> => ({
  do: ["recoverReplicas", "guardLeaders", "tabletFence", "moveLeaders", ...(fence === "hook" ? ["traffic"] : [])],
  atMost: 256,
});

const drainMs = (leaders: number, concurrency: number): number => Math.ceil((2 * leaders) / Math.max(1, concurrency)) * operationMs;

export const steps = {
  // ------------------------------------------------------------------------------------------------ releases and settings
  upload: (id: string, params: UploadParams): Step =>
    make(id, "stage", "upload", params, {
      title: `copy ${params.artefact.split("/").at(-1) ?? ""} to the host of ${params.node}`,
      expectedMs: seconds(2),
      withinMs: minutes(60),
    }),
  unpack: (id: string, params: UnpackParams): Step =>
    make(id, "stage", "unpack", params, {
      title: `unpack ${params.version} for ${params.node} and read its version`,
      expectedMs: seconds(3),
      withinMs: minutes(20),
    }),
  backup: (id: string, params: BackupParams): Step =>
    make(id, "backup", "backup", params, {
      title: `back up ${params.parts.join(", ")} and conf of ${params.node}`,
      expectedMs: seconds(1),
      withinMs: minutes(10),
    }),
  swap: (id: string, params: SwapParams): Step =>
    make(id, "replace", "swap", params, {
      title: `${params.version} in place as ${params.part} of ${params.node}; the former one is kept`,
      expectedMs: 50,
      withinMs: minutes(2),
    }),
  setFlags: (id: string, params: SetFlagsParams): Step =>
    make(id, "replace", "setFlags", params, {
      title: `${Object.keys(params.changes).join(", ")} in conf of ${params.node}${params.from === null ? "" : ", as they were"}`,
      expectedMs: 50,
      withinMs: minutes(2),
    }),
  readBack: (id: string, params: ReadBackParams): Step =>
    make(id, "ready", "readBack", params, {
      title: `what ${params.node} says of ${Object.keys(params.changes).join(", ")}`,
      expectedMs: 50,
      withinMs: minutes(1),
    }),

  // ------------------------------------------------------------------------------------------------ leases
  autoFailover: (id: string, params: AutoFailoverParams, more: More = {}): Step =>
    make(id, params.value ? "restore" : "guard", "autoFailover", params, {
      title: `confset auto_failover ${String(params.value)}`,
      expectedMs: 100,
      withinMs: minutes(params.value ? 10 : 2),
      ...more,
    }),
  guardLeaders: (id: string, params: PartitionsParams): Step =>
    make(id, "drain", "guardLeaders", params, {
      title: `no partition of these ${String(params.partitions.length)} stays fenced, whatever happens`,
      expectedMs: 20,
      withinMs: minutes(1),
      held: "release",
    }),
  settleLeaders: (id: string, params: PartitionsParams): Step =>
    make(id, "recover", "settleLeaders", params, {
      title: "one leader accepts writes on each of them",
      expectedMs: 50,
      withinMs: minutes(5),
    }),
  tabletFence: (id: string, params: TabletFenceParams): Step =>
    make(id, params.fenced ? "drain" : "recover", "tabletFence", params, {
      title: params.fenced ? `SetMode: ${params.endpoint} refuses writes` : `SetMode: ${params.endpoint} accepts writes`,
      expectedMs: 20,
      withinMs: minutes(1),
      ...(params.fenced ? { held: "release" as const } : {}),
    }),
  traffic: (id: string, params: TrafficParams): Step =>
    make(id, params.paused ? "drain" : "recover", "traffic", params, {
      title: params.paused ? "hooks.pauseTraffic" : "hooks.resumeTraffic",
      expectedMs: 100,
      withinMs: minutes(1),
      ...(params.paused ? { held: "release" as const } : {}),
    }),

  // ------------------------------------------------------------------------------------------------ leaders and replicas
  moveAway: (id: string, params: MoveAwayParams, leaders: number): Step =>
    make(id, "move", "moveAway", params, {
      title: `${plural(leaders, "leader")} away from ${params.node}: ${fenceWords[params.fence]}`,
      expectedMs: drainMs(leaders, params.concurrency),
      withinMs: minutes(15) + 4 * drainMs(leaders, params.concurrency),
      may: movingMay(params.fence),
    }),
  moveBack: (id: string, params: MoveBackParams): Step =>
    make(id, "restore", "moveBack", params, {
      title: `${plural(params.partitions.length, "leader")} back to ${params.endpoint}: ${fenceWords[params.fence]}`,
      expectedMs: drainMs(params.partitions.length, params.concurrency),
      withinMs: minutes(15) + 4 * drainMs(params.partitions.length, params.concurrency),
      may: movingMay(params.fence),
    }),
  moveLeaders: (id: string, params: MoveLeadersParams): Step =>
    make(id, "move", "moveLeaders", params, {
      title: `changeleader and recovertable of ${plural(params.partitions.length, "partition")}, fence=${params.fence}`,
      expectedMs: drainMs(params.partitions.length, params.concurrency),
      withinMs: minutes(15) + 4 * drainMs(params.partitions.length, params.concurrency),
      // When the lag of some does not reach 0: those again, with their tablets fenced. When a tablet dies and comes back meanwhile: its replicas.
      may: { do: ["tabletFence", "moveLeaders", "recoverReplicas"], atMost: 128 },
    }),
  addReplica: (id: string, params: ReplicaParams, more: More = {}): Step =>
    make(id, "drain", "addReplica", params, {
      title: `addreplica ${nameOf(params)} to ${params.endpoint}, until its offset is the leader's`,
      expectedMs: 2 * operationMs,
      withinMs: minutes(60),
      ...more,
    }),
  delReplica: (id: string, params: ReplicaParams): Step =>
    make(id, "restore", "delReplica", params, {
      title: `delreplica ${nameOf(params)} from ${params.endpoint}`,
      expectedMs: operationMs,
      withinMs: minutes(10),
    }),
  recoverReplicas: (id: string, params: RecoverReplicasParams, replicas: number, more: More = {}): Step =>
    make(id, "recover", "recoverReplicas", params, {
      title: params.endpoint === null ? "recovertable of every sick replica" : `recovertable of the replicas of ${params.endpoint}, no others`,
      expectedMs: Math.max(1, replicas) * operationMs,
      withinMs: minutes(30) + replicas * operationMs,
      // A replica with rows that its leader has not: a person decides.
      may: { do: ["keepRows", "recoverOver"], atMost: 8 * (replicas + 4) },
      ...more,
    }),
  recovered: (id: string, params: Pick<RecoverReplicasParams, "endpoint">): Step =>
    make(id, "recover", "recovered", params, {
      title: `every replica${params.endpoint === null ? "" : ` of ${params.endpoint}`} is alive and loaded`,
      expectedMs: 50,
      withinMs: minutes(10),
    }),
  keepRows: (id: string, params: KeepRowsParams): Step =>
    make(id, "recover", "keepRows", params, {
      title: `copy binlog and snapshot of ${nameOf(params)} on ${params.node}, rows of its own included`,
      expectedMs: seconds(2),
      withinMs: minutes(60),
    }),
  recoverOver: (id: string, params: RecoverOverParams): Step =>
    make(id, "recover", "recoverOver", params, {
      title: `recovertable ${nameOf(params)} on ${params.endpoint}, whose own rows are dropped`,
      expectedMs: 2 * operationMs,
      withinMs: minutes(30),
      ask:
        `${nameOf(params)}: the old leader ${params.endpoint} holds offsets ${String(params.leaderBegan)} to ${String(params.offset)} (${plural(params.offset - params.leaderBegan + 1, "row")}) ` +
        "that the new leader does not have. Recovering it drops them from the cluster. " +
        (params.kept === undefined
          ? "They are kept nowhere else, because the cluster file names no host of that tablet: copy its directory of this partition first. "
          : `They are kept, as the tablet's own files of this partition (binlog and snapshot, all its rows), in ${params.kept}. `) +
        "Either approve: they are accepted as lost to the cluster, with your name and reason; or abort, which rolls back and leaves them where they are.",
    }),

  // ------------------------------------------------------------------------------------------------ processes
  stop: (id: string, params: StopParams): Step =>
    make(id, "stop", "stop", params, {
      title: `bin/start.sh stop on ${params.node}: process and registration gone`,
      expectedMs: seconds(12),
      withinMs: minutes(5),
      ...(params.moving === null ? {} : { may: { do: ["moveAway"], atMost: 8 } }),
    }),
  start: (id: string, params: StartParams): Step =>
    make(id, "start", "start", params, { title: `bin/start.sh start on ${params.node}`, expectedMs: seconds(5), withinMs: minutes(10) }),
  ready: (id: string, params: ReadyParams, more: More = {}): Step =>
    make(id, "ready", "ready", params, {
      title: `${params.node} is registered and answers${params.version === null ? "" : ` as ${params.version}`}`,
      expectedMs: seconds(2),
      withinMs: minutes(5),
      ...more,
    }),
  nameserverLeads: (id: string, params: LeadsParams): Step =>
    make(id, "verify", "nameserverLeads", params, {
      title: "one nameserver leads, also after the ZooKeeper session time-out",
      expectedMs: params.sessionTimeoutMs + 1_000,
      withinMs: minutes(3) + params.sessionTimeoutMs,
    }),
  jobs: (id: string, params: JobsParams): Step =>
    make(id, "drain", "jobs", params, {
      title: params.jobs === "wait" ? "show jobs: wait until none is running" : "show jobs: list what is running",
      expectedMs: 100,
      withinMs: minutes(params.jobs === "wait" ? 24 * 60 : 2),
    }),
} as const;
