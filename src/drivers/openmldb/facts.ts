// One observation of an OpenMLDB cluster. Structure is what makes a plan stale; who leads and how far is `now`.
import type { Facts } from "../../model/facts.ts";

export type Role = "nameserver" | "tablet" | "apiserver" | "taskmanager";
/** `background`: bin/start.sh start; `daemon`: with mon, which restarts the component (OM-5). */
export type StartMode = "background" | "daemon";

export type OmNodeStructure = {
  readonly role: Role;
  readonly endpoint: string;
  /** Working directory: bin/, conf/, data beside them. */
  readonly directory: string;
  /** As start.sh calls it: `tablet`, `tablet2`, ... */
  readonly component: string;
  /** Of bin/openmldb (taskmanager: of taskmanager/); null: cannot be read. */
  readonly installed: string | null;
  /** Other nodes whose component lives in the same directory. */
  readonly shares: readonly string[];
  /** Its file of settings by key, without secrets; absent: not read. */
  readonly settings?: Readonly<Record<string, string>>;
};
export type OmTableStructure = {
  readonly db: string;
  readonly name: string;
  readonly tid: number;
  readonly replicas: number;
  readonly storage: "kMemory" | "kSSD" | "kHDD";
  /** Partition (pid as text) to the endpoints that hold it, sorted; dead ones too. */
  readonly placement: Readonly<Record<string, readonly string[]>>;
};
export type OmStructure = {
  readonly nodes: Readonly<Record<string, OmNodeStructure>>;
  /** By `db.table`; hidden databases included, the probe's own left out. */
  readonly tables: Readonly<Record<string, OmTableStructure>>;
};

/** The process of a component. `daemon-lost-mon`: mon died, its child goes on (OM-7). */
export type OmProcess = "down" | "background" | "daemon" | "daemon-lost-mon";
export type OmNodeNow = {
  readonly process: OmProcess;
  /** pid of the component itself; null: down. */
  readonly pid: number | null;
  /** pid of mon; null: none. */
  readonly monPid: number | null;
  /** What `/version` says; a standby taskmanager, whose port is closed: the release of the directory that its process works in. Null: nobody tells. */
  readonly running: string | null;
  /** Tablet: as ShowTablet has it. Nameserver: it answers. Taskmanager: it leads, or is the standby. */
  readonly state: "healthy" | "offline" | "unregistered" | "leader" | "standby" | "answers" | "silent";
  /** Milliseconds in that state, by the nameserver; null: not a tablet. */
  readonly ageMs: number | null;
  readonly memoryBytes: number | null;
  readonly maxMemoryBytes: number | null;
};
export type OmReplica = {
  readonly endpoint: string;
  /** Of the nameserver's metadata; two rows may say leader after a change, so the leader is `leads && alive`. */
  readonly leads: boolean;
  readonly alive: boolean;
  /** As the tablet itself says (GetTableStatus); null: it has not loaded the partition, or does not answer. */
  readonly own: { readonly offset: number; readonly mode: "leader" | "follower"; readonly state: string } | null;
};
export type OmPartition = {
  /** `db.table`. */
  readonly table: string;
  readonly tid: number;
  readonly pid: number;
  readonly replicas: readonly OmReplica[];
  /** The last of term_offset: the new leader's first offset; null: none yet. */
  readonly term: { readonly term: number; readonly offset: number } | null;
  readonly rows: number;
  readonly bytes: number;
};
export type OmOperation = {
  readonly id: number;
  readonly type: string;
  readonly db: string;
  readonly name: string;
  readonly pid: number | null;
  readonly status: "kInited" | "kDoing" | "kDone" | "kFailed" | "kCanceled";
  readonly task: string;
};
export type OmNow = {
  readonly nodes: Readonly<Record<string, OmNodeNow>>;
  /** Endpoint of the nameserver that leads; null: none answers as leader. */
  readonly nameserver: string | null;
  readonly autoFailover: boolean;
  /** By `TID/PID`. */
  readonly partitions: Readonly<Record<string, OmPartition>>;
  /** Not finished, and failed ones: what `showopstatus` hides nothing of. */
  readonly operations: readonly OmOperation[];
  /** Highest operation id ever seen. */
  readonly lastOperation: number;
  /** `SHOW TABLE STATUS` through an APIServer: one text for each table with a warning; null: no APIServer was asked. */
  readonly warnings: readonly string[] | null;
  /** ZooKeeper as the four-letter words tell it; null: the cluster file names none. */
  readonly zookeeper: {
    readonly servers: number;
    readonly answering: number;
    readonly quorum: boolean;
    /** A session could be opened and read; absent: not asked. */
    readonly session?: boolean;
    /** The most requests that wait on one server; absent or null: none tells. */
    readonly outstanding?: number | null;
  } | null;
  /** Tablets write-fenced as a whole (SetMode), as far as their refusals tell; empty when unknown. */
  readonly settings: {
    readonly taskConcurrency: number;
    readonly systemTableReplicas: number;
    readonly sessionTimeoutMs: number;
    readonly heartbeatTimeoutMs: number;
  };
};
export type OmFacts = Facts<OmStructure, OmNow>;

export const partitionKey = (tid: number, pid: number): string => `${String(tid)}/${String(pid)}`;
/** The one that leads by the metadata: after a change two rows say leader, and one of them is dead. */
export const leaderOf = (partition: OmPartition): OmReplica | null => partition.replicas.find(({ leads, alive }) => leads && alive) ?? null;
export const nodesOf = (facts: OmFacts, role: Role): readonly string[] =>
  Object.entries(facts.structure.nodes).flatMap(([name, node]) => (node.role === role ? [name] : []));
