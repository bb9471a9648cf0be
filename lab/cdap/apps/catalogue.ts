// What the lab's artefacts hold: the application classes and plug-ins that come with a platform, and one application of a user.
import type { ProgramSpec } from "../logic/applications.ts";
import type { PipelineConfig } from "./pipeline-config.ts";

export interface ArtifactKey {
  readonly name: string;
  readonly version: string;
}
export interface AppClass {
  readonly className: string;
  /** `isUpdateSupported()` of the class: without it every upgrade is answered 501. */
  readonly updatable: boolean;
  readonly programs: (config: PipelineConfig) => readonly ProgramSpec[];
}
export interface PluginClass {
  readonly type: string;
  readonly name: string;
}

const service = (name: string): readonly ProgramSpec[] => [{ type: "SERVICE", name }];
/** By name of the artefact (facts 4). */
const APP_CLASSES: Readonly<Record<string, AppClass>> = {
  "cdap-data-pipeline": {
    className: "io.cdap.cdap.datapipeline.DataPipelineApp",
    updatable: true,
    programs: (config) =>
      config.service === true
        ? service("studio")
        : [
            { type: "WORKFLOW", name: "DataPipelineWorkflow", description: "Data Pipeline Workflow", children: [{ type: "SPARK", name: "phase-1" }] },
            { type: "SPARK", name: "phase-1", description: "Sources to sinks" },
          ],
  },
  "cdap-data-streams": {
    className: "io.cdap.cdap.datastreams.DataStreamsApp",
    updatable: true,
    programs: () => [{ type: "SPARK", name: "DataStreamsSparkStreaming" }],
  },
  "delta-app": {
    className: "io.cdap.delta.app.DeltaApp",
    updatable: true,
    programs: (config) => (config.service === true ? service("assessor") : [{ type: "WORKER", name: "DeltaWorker" }]),
  },
  "wrangler-service": { className: "io.cdap.wrangler.DataPrepApp", updatable: true, programs: () => service("service") },
  "order-service": {
    className: "example.orders.OrderApp",
    updatable: false,
    programs: () => [
      { type: "SERVICE", name: "Orders" },
      { type: "WORKER", name: "Collector" },
      { type: "MAPREDUCE", name: "Summary" },
    ],
  },
};
const PLUGINS: Readonly<Record<string, readonly PluginClass[]>> = {
  "core-plugins": [
    { type: "batchsource", name: "File" },
    { type: "batchsink", name: "File" },
    { type: "transform", name: "JavaScript" },
    { type: "streamingsource", name: "HTTPPoller" },
    { type: "postaction", name: "Email" },
  ],
  "google-cloud": [
    { type: "batchsource", name: "GCSFile" },
    { type: "batchsink", name: "BigQueryTable" },
    { type: "streamingsource", name: "GoogleSubscriber" },
  ],
  "kafka-plugins": [
    { type: "streamingsource", name: "Kafka" },
    { type: "batchsink", name: "Kafka" },
  ],
};

/** Null: it holds no application. */
export const appClassOf = (artifact: string): AppClass | null => APP_CLASSES[artifact] ?? null;
export const pluginsOf = (artifact: string): readonly PluginClass[] => PLUGINS[artifact] ?? [];
/** Artefacts that plug-ins extend. */
export const parentsOf = (artifact: string): readonly string[] =>
  pluginsOf(artifact).length === 0 ? [] : ["system:cdap-data-pipeline[6.1.1,7.0.0)", "system:cdap-data-streams[6.1.1,7.0.0)"];

/** What lies in `app.artifact.dir` of a platform of that version: its own, and plug-ins that are numbered beside it. */
export function shippedWith(release: string): readonly ArtifactKey[] {
  const [, minor = 0, patch = 0] = release.split(/[.-]/).map(Number);
  const beside = (major: number, offset: number): string => `${String(major)}.${String(minor + offset)}.${String(patch)}`;
  return [
    { name: "cdap-data-pipeline", version: release },
    { name: "cdap-data-streams", version: release },
    { name: "core-plugins", version: beside(2, 2) },
    { name: "delta-app", version: beside(0, 0) },
    { name: "google-cloud", version: beside(0, 13) },
    { name: "kafka-plugins", version: beside(3, 0) },
    { name: "wrangler-service", version: beside(4, 0) },
  ];
}
