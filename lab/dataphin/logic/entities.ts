// What Dataphin's metadata database holds (facts 5.2). Times are milliseconds since 1970; ids are 64-bit numbers as text, as its OpenAPI tells them.

/** As `RunStatusList` of ListInstances has them (facts 2.5). There is no state of its own for what was killed: it is FAILED. */
export type InstanceStatus = "INIT" | "WAIT_SUBMISSION" | "WAIT_SCHEDULE" | "DISPATCH_BLOCKED" | "WAIT_RESOURCE" | "RUNNING" | "SUCCESS" | "FAILED";
export type Environment = "DEV" | "PROD";

export interface Project {
  readonly id: string;
  readonly name: string;
  /** Instances of it that may run at a time: the throttling rule. */
  readonly parallelism: number;
}

/** An offline node: a task with a schedule. */
export interface Node {
  readonly id: string;
  readonly name: string;
  readonly project: string;
  readonly owner: string;
  /** `daily`: once a day at that minute of the day; `minutes`: so many minutes apart, from midnight on; `manual`: never by itself. */
  readonly schedule:
    | { readonly kind: "daily"; readonly minute: number }
    | { readonly kind: "minutes"; readonly every: number }
    | { readonly kind: "manual" };
  readonly priority: "HIGHEST" | "HIGH" | "MIDDLE" | "LOW" | "LOWEST";
  resourceGroup: string;
  readonly timeoutMs: number;
  readonly autoRerun: { readonly count: number; readonly intervalMs: number };
  readonly upstream: readonly string[];
  paused: boolean;
  /** How long a run of it takes. */
  durationMs: number;
  /** Its runs end with an error. */
  fails: boolean;
  /** It appends rows instead of writing its partition anew: a second run leaves some of them twice. */
  readonly appends: boolean;
}

export type Trigger = "AUTO_SCHEDULED" | "RERUN" | "RERUN_FORCIBLY" | "AUTO_RERUN";
export interface Taskrun {
  readonly id: string;
  readonly trigger: Trigger;
  readonly start: number;
  /** By the executor's clock; null: it runs. */
  end: number | null;
  status: "RUNNING" | "SUCCESS" | "FAILED";
  killedBy: string | null;
}
export interface Instance {
  readonly id: string;
  readonly nodeId: string;
  /** `yyyy-MM-dd`: the day before the one it is due on. */
  readonly bizDate: string;
  readonly dueTime: number;
  readonly index: number;
  readonly createdAt: number;
  status: InstanceStatus;
  schedulePaused: boolean;
  /** Why it will run next. */
  trigger: Trigger;
  taskruns: Taskrun[];
  /** An automatic run after a failure is due then; null: none. */
  autoRerunAt: number | null;
  autoReruns: number;
  /** Somebody wants it ended. */
  terminateBy: string | null;
}

export type ApiClass = "direct" | "serviceUnit" | "composite" | "registered" | "logicalTable" | "dataphinSource";
export interface Api {
  readonly id: number;
  readonly name: string;
  readonly class: ApiClass;
  /** APIs that a composite one calls. */
  readonly refs: readonly number[];
  readonly environments: readonly Environment[];
  readonly fields: readonly string[];
  /** Calls a second; null: no limit. */
  readonly rateLimit: number | null;
  /** What it reads: a physical table, or a logical one that only the application resolves. */
  readonly table: string;
  readonly version: string;
}
export interface App {
  readonly id: number;
  readonly name: string;
  readonly key: string;
  secret: string;
}
export interface Grant {
  readonly app: number;
  readonly api: number;
  readonly environment: Environment;
  /** Null: every field. */
  readonly fields: readonly string[] | null;
  /** `yyyy-MM-dd`: valid to the end of that day. */
  readonly expireDate: string;
  readonly type: "USE" | "DELEGATION";
}

export type AlertType = "ERROR" | "FINISH" | "TIME_OUT" | "UNDONE" | "JOB_FAILURE" | "CHECKPOINT_FAILURE" | "ERROR_RATE";
export interface AlertRule {
  readonly id: string;
  readonly type: AlertType;
  /** Id of a node, of a real-time job or of an API. */
  readonly object: string;
  /** TIME_OUT, UNDONE: milliseconds; ERROR_RATE: part of the calls, 0 to 1. */
  readonly limit: number;
}
export interface AlertEvent {
  readonly id: string;
  readonly uniqueKey: string;
  readonly ruleId: string;
  readonly source: "VDM_BATCH" | "STREAM" | "REAL_TIME_PIPELINE" | "OS";
  readonly reason: string;
  readonly object: string;
  readonly objectName: string;
  readonly project: string;
  readonly bizDate: string | null;
  readonly occurredAt: number;
  readonly firstAlertTime: number;
  readonly status: "ALERTING" | "DO_NOT_DISTURB" | "SILENCING" | "FINISH";
}
export interface Notification {
  readonly eventId: string;
  readonly sentAt: number;
  readonly channel: "EMAIL" | "SMS";
}

export type StreamKind = "FLINK_SQL" | "FLINK_DATASTREAM" | "REALTIME_PIPELINE";
/** A real-time job as it was developed; its runs are the runtime's business. */
export interface StreamJob {
  readonly id: number;
  readonly name: string;
  readonly project: string;
  readonly kind: StreamKind;
  readonly environment: Environment;
  /** Of the job in the runtime: 32 hexadecimal digits. */
  readonly flinkId: string;
}

/** The Manager's upgrade maintenance mode, as the application sees it. */
export interface Maintenance {
  readonly on: boolean;
  readonly since: number | null;
  readonly reason: string;
  /** Whether users may log on meanwhile. */
  readonly logon: boolean;
}
