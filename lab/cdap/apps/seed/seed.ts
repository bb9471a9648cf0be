// What is in a lab's CDAP when it begins: work of each kind, and everything that a backup has to find.
import type { Platform } from "../../logic/platform.ts";
import type { ProgramId } from "../../logic/programs/run.ts";
import { shippedWith } from "../catalogue.ts";
import type { PluggedApplications } from "../plug.ts";
import { batchPipeline, streamPipeline, type Shipped, type StreamWords } from "./pipelines.ts";

export interface SeedOptions {
  /** Applications in all namespaces, without those of the system: at least those of each kind. */
  readonly apps?: number;
  /** How many batch pipelines run, besides everything that serves or streams. */
  readonly programs?: number;
  /** Which real-time pipelines there are; default: all. */
  readonly streams?: readonly StreamName[];
  /** A replication and an application of a user's own, whose upgrade is answered 501. Default: true. */
  readonly others?: boolean;
  /** Length of a micro-batch. */
  readonly batchInterval?: string;
  /** How many of those that run work on after they are told to stop, longer than any budget. Default: 0. */
  readonly stubborn?: number;
  /** How long a batch pipeline's one job runs. */
  readonly runSeconds?: number;
}
/** Real-time pipelines by what becomes of their records (facts 4.2). */
type StreamName = keyof typeof STREAMS;

const STREAMS = {
  /** A queue with a write-ahead log. */
  clicks: { source: "queue", writeAheadLog: true },
  /** A queue without. */
  views: { source: "queue", writeAheadLog: false },
  /** A log whose state outlives deployments, where the platform tracks it. */
  orders: { source: "kafka" },
  /** No checkpoint. */
  sensors: { source: "queue", disableCheckpoints: true },
} as const satisfies Record<string, Omit<StreamWords, "shipped" | "batchInterval">>;
const streamNames = Object.keys(STREAMS) as StreamName[];

const SECOND_NAMESPACE = "finance";
const OWN_ARTIFACT = { name: "order-service", version: "1.2.0" } as const;

/** Before the server starts. Returns what is to be started then. */
export function seed(
  { cluster, schedules }: Platform,
  { apps, artifacts, preferences }: PluggedApplications,
  options: SeedOptions = {},
): readonly ProgramId[] {
  const { streams = streamNames, others = true, batchInterval = "10s", runSeconds = 3_600, stubborn = 0 } = options;
  const { version: release } = cluster.release;
  artifacts.loadSystem(release);
  cluster.part<Record<string, object>>("namespaces", () => ({}))[SECOND_NAMESPACE] = { description: "Month ends", config: {}, generation: 0 };
  const shipped: Shipped = (name) => ({ name, version: shippedWith(release).find((each) => each.name === name)?.version ?? "", scope: "SYSTEM" });
  const deploy = (namespace: string, app: string, artifact: string, config: object, description: string): void => {
    apps.deploy(namespace, app, { artifact: shipped(artifact), config, description }, "lab");
  };
  const started: ProgramId[] = [];
  for (const name of streams) {
    deploy("default", name, "cdap-data-streams", streamPipeline({ shipped, batchInterval, ...STREAMS[name] }), `real-time: ${name}`);
    started.push({ namespace: "default", app: name, type: "SPARK", name: "DataStreamsSparkStreaming" });
  }
  if (others) {
    deploy("default", "replicate-crm", "delta-app", { stages: [], offsetBasePath: "gs://lab/offsets" }, "replication");
    artifacts.add("default", { ...OWN_ARTIFACT, properties: { team: "orders" } });
    apps.deploy(
      "default",
      "order-service",
      { artifact: { ...OWN_ARTIFACT, scope: "USER" }, config: {}, description: "an application of its own" },
      "lab",
    );
    started.push(
      { namespace: "default", app: "replicate-crm", type: "WORKER", name: "DeltaWorker" },
      { namespace: "default", app: "order-service", type: "SERVICE", name: "Orders" },
    );
  }
  const wanted = Math.max(4, (options.apps ?? 0) - started.length);
  const batches = options.programs ?? 2;
  for (let index = 1; index <= wanted; index += 1) {
    const app = `batch-${String(index).padStart(4, "0")}`;
    const namespace = index % 4 === 0 ? SECOND_NAMESPACE : "default";
    const config = batchPipeline({
      shipped,
      mails: index % 5 === 0,
      ...(index % 3 === 0 ? { schedule: `${String(index % 60)} 2 * * *` } : {}),
      ...(index % 7 === 0 ? { range: "[2.0.0,3.0.0)" } : {}),
      properties: { "lab.run.seconds": String(runSeconds), ...(index <= stubborn ? { "lab.drain.seconds": "86400" } : {}) },
    });
    deploy(namespace, app, "cdap-data-pipeline", config, `batch pipeline ${String(index)}`);
    if (index <= batches) started.push({ namespace, app, type: "WORKFLOW", name: "DataPipelineWorkflow" });
    for (const schedule of schedules.of(namespace, app)) if (index % 2 === 1) schedules.set(schedule, "SCHEDULED");
  }
  // The second begins whenever the first has ended, however it did: a drain that leaves schedules alone starts work.
  schedules.add("default", "batch-0002", {
    name: "after-first",
    program: { programName: "DataPipelineWorkflow", programType: "WORKFLOW" },
    trigger: {
      type: "PROGRAM_STATUS",
      programId: { namespace: "default", application: "batch-0001", type: "Workflow", program: "DataPipelineWorkflow" },
      programStatuses: ["COMPLETED", "FAILED", "KILLED"],
    },
  });
  schedules.set(schedules.get("default", "batch-0002", "after-first"), "SCHEDULED");
  preferences.set("", { "system.log.level": "INFO" });
  preferences.set("default", { region: "eu" });
  preferences.set("default/batch-0001/workflows/DataPipelineWorkflow", { day: "2026-03-01" });
  settings(cluster.part.bind(cluster), cluster.clock.now());
  return started;
}

/** Secure keys, profiles, connections and drafts, as their routes keep them. */
function settings(part: <T>(name: string, initial: () => T) => T, now: number): void {
  part<Record<string, object>>("secure-keys", () => ({}))["default"] = {
    "crm-password": { description: "of the replication", data: "not-a-secret", properties: {}, lastModifiedTime: now },
  };
  part<Record<string, object>>("profiles", () => ({}))["default"] = {
    cluster: {
      label: "Cluster",
      description: "of its own",
      status: "ENABLED",
      provisioner: { name: "gcp-dataproc", properties: [{ name: "region", value: "eu", isEditable: true }] },
      created: Math.floor(now / 1_000),
    },
  };
  part<Record<string, object>>("pipeline-connections", () => ({}))["default"] = {
    warehouse: {
      name: "warehouse",
      connectionId: "warehouse",
      connectionType: "BigQuery",
      description: "",
      createdTimeMillis: now,
      updatedTimeMillis: now,
      plugin: { name: "BigQuery", type: "connector" },
    },
  };
  part<Record<string, object>>("pipeline-drafts", () => ({}))["default/cdap"] = {
    "draft-1": {
      id: "draft-1",
      name: "not yet",
      config: { stages: [], connections: [] },
      revision: 1,
      createdTimeMillis: now,
      updatedTimeMillis: now,
    },
  };
}
