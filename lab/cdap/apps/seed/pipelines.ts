// Configurations as the studio writes them (facts 4.1).
import type { PipelineConfig, PluginArtifact, Stage } from "../pipeline-config.ts";

/** A plug-in's artefact as one platform ships it: an exact version, as the studio pins it. */
export type Shipped = (name: string) => PluginArtifact;

const stage = (name: string, type: string, artifact: PluginArtifact, properties: Readonly<Record<string, string>> = {}): Stage => ({
  name,
  plugin: { name, type, label: name, artifact, properties },
});
const chain = (stages: readonly Stage[]) => stages.slice(1).map(({ name }, index) => ({ from: stages[index]?.name ?? "", to: name }));

export interface BatchWords {
  readonly shipped: Shipped;
  /** Cron expression. */
  readonly schedule?: string;
  /** Plug-ins by range instead of by exact version. */
  readonly range?: string;
  readonly mails?: boolean;
  readonly properties?: Readonly<Record<string, string>>;
}
export function batchPipeline({ shipped, schedule, range, mails = false, properties = {} }: BatchWords): PipelineConfig {
  const pinned = (name: string): PluginArtifact => ({ ...shipped(name), ...(range === undefined ? {} : { version: range }) });
  const stages = [
    stage("GCSFile", "batchsource", shipped("google-cloud"), { path: "gs://lab/in", format: "csv" }),
    stage("JavaScript", "transform", pinned("core-plugins"), { script: "function transform(input, emitter) { emitter.emit(input); }" }),
    stage("BigQueryTable", "batchsink", shipped("google-cloud"), { dataset: "lab", table: "rows" }),
  ];
  return {
    stages,
    connections: chain(stages),
    postActions: mails ? [stage("Email", "postaction", shipped("core-plugins"), { recipients: "operations@lab.example" })] : [],
    properties,
    ...(schedule === undefined ? {} : { schedule }),
  };
}

export interface StreamWords {
  readonly shipped: Shipped;
  readonly source: "queue" | "kafka";
  /** Absent: as the platform has it. */
  readonly writeAheadLog?: boolean;
  readonly disableCheckpoints?: boolean;
  readonly batchInterval: string;
  readonly properties?: Readonly<Record<string, string>>;
}
export function streamPipeline({ shipped, source, writeAheadLog, disableCheckpoints, batchInterval, properties = {} }: StreamWords): PipelineConfig {
  const stages = [
    source === "kafka"
      ? stage("Kafka", "streamingsource", shipped("kafka-plugins"), { topic: "orders", defaultInitialOffset: "-1" })
      : stage("GoogleSubscriber", "streamingsource", shipped("google-cloud"), { subscription: "clicks" }),
    stage("JavaScript", "transform", shipped("core-plugins")),
    stage("BigQueryTable", "batchsink", shipped("google-cloud"), { dataset: "lab", table: "clicks" }),
  ];
  const wal = { "system.spark.spark.streaming.receiver.writeAheadLog.enable": String(writeAheadLog) };
  return {
    stages,
    connections: chain(stages),
    batchInterval,
    stopGracefully: true,
    ...(disableCheckpoints === undefined ? {} : { disableCheckpoints }),
    properties: { ...(writeAheadLog === undefined ? {} : wal), ...properties },
  };
}
