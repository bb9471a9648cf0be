// One observation of a DolphinDB cluster. Structure is what makes a plan stale; who leads, what runs and what the chunks are like is `now`.
import type { Facts } from "../../model/facts.ts";

export const roles = ["controller", "agent", "datanode", "computenode"] as const;
export type Role = (typeof roles)[number];

export type DdNodeStructure = {
  readonly role: Role;
  readonly alias: string;
  /** HOST:PORT. */
  readonly endpoint: string;
  /** Name of the host in the cluster file. */
  readonly host: string;
  /** Installation directory (`.../server`): binary, libraries, plugins, clusterDemo. Nodes of one host usually share it. */
  readonly server: string;
  /** Version in the installation directory; null: cannot be read. */
  readonly installed: string | null;
  readonly settings?: Readonly<Record<string, string>>;
};
export type DdStructure = {
  readonly nodes: Readonly<Record<string, DdNodeStructure>>;
  readonly replicationFactor: number;
  /** 0: same host allowed; 1: never; 2: spread if resources allow. */
  readonly reliabilityLevel: 0 | 1 | 2;
  readonly haMode: "Raft" | "none";
};

/** `down`: its process does not run. `starting`: it runs and is not initialised (green is before startup.dos). `draining`: it stops gracefully. */
export type DdState = "serving" | "starting" | "draining" | "down" | "unreachable";
export type DdNodeNow = {
  readonly state: DdState;
  /** Asked of the node itself, token 0 of version(); null: it does not answer. */
  readonly running: string | null;
  /** Flavour and architecture, the rest of version(): `LINUX x86_64`; null: the release does not say. */
  readonly flavour: string | null;
  readonly pid: number | null;
  /** Identity of its process: pid and start ticks. A restarted controller has forgotten suspendRecovery. */
  readonly boot: string | null;
  /** Controllers only: it leads the Raft group. */
  readonly leads: boolean;
  /** Null: not a controller, or it does not answer. */
  readonly restartIntervalS: number | null;
  readonly runningJobs: number | null;
  readonly connections: number | null;
  readonly diskFreeBytes: number | null;
  /** What is gone when its process ends; absent or null: nobody asked, or it could not tell. Read by `observe-felt.ts`. */
  readonly felt?: DdFelt | null;
};
/** What users of one data or compute node lose with its process (facts 5.3). */
export type DdFelt = {
  /** Stream tables that are not persisted, and shared tables in memory. */
  readonly volatileTables: readonly { readonly name: string; readonly kind: "stream" | "shared"; readonly rows: number }[];
  /** Run only on the node that owns them, and are missed while it is down. `minutes`: after midnight, by the server's clock. */
  readonly scheduledJobs: readonly { readonly id: string; readonly frequency: string; readonly minutes: readonly number[] }[];
  /** Batch jobs that run now. */
  readonly batchJobs: readonly string[];
  /** Minutes after midnight by the server's clock when it was asked. */
  readonly serverMinute: number | null;
};

/** The controller's own aggregate over all chunks: the table is never pulled (10 million rows are usual). */
export type DdChunks = {
  readonly total: number;
  readonly constructing: number;
  readonly recovering: number;
  /** replicaCount below the replication factor. */
  readonly underReplicated: number;
  readonly overReplicated: number;
  /** Replicas of one chunk whose versions differ, or that are marked corrupted. */
  readonly unequal: number;
  /** `CHUNKS:VERSIONS` outside of the probe's database, the sum of all versions: every transaction adds to it. Absent: not asked. Read by `rollback.ts`. */
  readonly written?: string;
  /** Not COMPLETE although nothing has changed for an hour (`now() - lastUpdated`); absent: not asked. */
  readonly stuck?: number;
  /** All replicas of the chunk on one host: stopping that host takes it away. By host. */
  readonly onOneHost: Readonly<Record<string, number>>;
  /** The first few that are not as they should be, for people. */
  readonly examples: readonly { readonly chunkId: string; readonly file: string; readonly what: string }[];
};
export type DdRecovery = { readonly waiting: number; readonly inProgress: number; readonly aborted: number; readonly loadRebalance: number };
export type DdNow = {
  readonly nodes: Readonly<Record<string, DdNodeNow>>;
  /** Name of the controller that leads; null: none does. */
  readonly leader: string | null;
  /** Null: no leader could be asked; that is never the same as none. */
  readonly chunks: DdChunks | null;
  readonly recovery: DdRecovery | null;
  readonly unresolvedTransactions: number | null;
  /** What data nodes themselves say of their chunks: states 3 and 4 (waiting for recovery, in recovery). */
  readonly replicasInRecovery: number | null;
  /** As the leading controller is configured; absent: defaults of the vendor are assumed. */
  readonly timing?: DdTiming;
};
export type DdTiming = {
  /** raftElectionTick: an election takes 10 to 20 ms for each, so the default of 800 is 8 to 16 s (facts 1.5). */
  readonly electionTick: number;
  /** dfsChunkNodeHeartBeatTimeout. */
  readonly heartbeatTimeoutMs: number;
};
export type DdFacts = Facts<DdStructure, DdNow>;

export const nodesOf = (facts: DdFacts, role: Role): readonly string[] =>
  Object.entries(facts.structure.nodes).flatMap(([name, node]) => (node.role === role ? [name] : []));
export const nodesOn = (facts: DdFacts, host: string): readonly string[] =>
  Object.entries(facts.structure.nodes).flatMap(([name, node]) => (node.host === host ? [name] : []));
