// A pipeline's configuration (facts 4.1), and what a real-time one makes of it when it starts.
import type { Release } from "../logic/release.ts";
import type { StreamingSettings } from "./streaming/streaming-data.ts";

export interface PluginArtifact {
  readonly name: string;
  /** Exact, or a range. */
  readonly version: string;
  readonly scope: string;
}
export interface Stage {
  readonly name: string;
  readonly plugin: {
    readonly name: string;
    readonly type: string;
    readonly label?: string;
    readonly artifact?: PluginArtifact;
    readonly properties?: Readonly<Record<string, string>>;
  };
}
export interface PipelineConfig {
  readonly stages?: readonly Stage[];
  readonly postActions?: readonly Stage[];
  readonly connections?: readonly { readonly from: string; readonly to: string }[];
  readonly properties?: Readonly<Record<string, string | boolean>>;
  /** `10s`, `1m`, `500ms`. */
  readonly batchInterval?: string;
  readonly disableCheckpoints?: boolean;
  readonly checkpointDir?: string;
  readonly stopGracefully?: boolean;
  /** Cron expression of a batch pipeline's own schedule. */
  readonly schedule?: string;
  readonly service?: boolean;
}
type Arguments = Readonly<Record<string, string>>;

/** A configuration that is no JSON object is one of nothing. */
export function parseConfig(configuration: string): PipelineConfig {
  try {
    const value: unknown = JSON.parse(configuration);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}

/** Runtime arguments win over the pipeline's own properties. */
export function propertyOf(config: PipelineConfig, args: Arguments, name: string): string | null {
  const value = args[name] ?? config.properties?.[name];
  return value === undefined ? null : String(value);
}
/** With the prefix that the UI gives to engine settings, or without (facts 4.1). */
const engineProperty = (config: PipelineConfig, args: Arguments, name: string): string | null =>
  propertyOf(config, args, `system.spark.${name}`) ?? propertyOf(config, args, name);
/** Of what a lab's pipeline is like, which no real one says. */
export function labNumber(config: PipelineConfig, args: Arguments, name: string): number | null {
  const text = propertyOf(config, args, `lab.${name}`);
  return text === null ? null : Number(text);
}

export interface Streaming {
  readonly release: Release;
  /** `feature.streaming.pipeline.native.state.tracking.enabled`. */
  readonly tracksState: boolean;
  readonly namespace: string;
  readonly app: string;
  readonly config: PipelineConfig;
  /** Preferences, saved and given runtime arguments, merged. */
  readonly args: Arguments;
}
const sourceOf = (config: PipelineConfig): Stage | null => config.stages?.find(({ plugin }) => plugin.type === "streamingsource") ?? null;

export function stateModeOf({ release, tracksState, config, args }: Streaming): StreamingSettings["stateMode"] {
  if (config.disableCheckpoints === true || propertyOf(config, args, "cdap.streaming.atleastonce.enabled") === "false") return "NONE";
  return release.nativeState && tracksState && sourceOf(config)?.plugin.name === "Kafka" ? "STATE_STORE" : "SPARK_CHECKPOINTING";
}
const WAL = "spark.streaming.receiver.writeAheadLog.enable";
const milliseconds = (interval: string): number => {
  const [, number = "10", unit = "s"] = /^(\d+)(ms|s|m|h)$/.exec(interval) ?? [];
  return Number(number) * { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[unit as "ms" | "s" | "m" | "h"];
};
/** Part of its interval that a batch works, whatever is in it. */
const BATCH_WORK = 0.15;
/** A FileSet of the namespace where the pipeline names no directory (facts 4.2). */
const checkpointDirectoryOf = (namespace: string, { checkpointDir = "" }: PipelineConfig): string =>
  checkpointDir === "" ? `/cdap/namespaces/${namespace}/data/defaultCheckpointDataset` : checkpointDir;

/** Error of the launcher where the configuration contradicts itself: the run fails at its start (facts 4.1). */
export function streamingSettingsOf(streaming: Streaming): StreamingSettings | { readonly error: string } {
  const { release, namespace, app, config, args } = streaming;
  const stateMode = stateModeOf(streaming);
  const wanted = engineProperty(config, args, WAL);
  if (wanted === "true" && stateMode === "NONE")
    return { error: "Checkpointing should be enabled when write-ahead logs are enabled for the pipeline." };
  const source = sourceOf(config);
  const batchMs = milliseconds(config.batchInterval ?? "10s");
  return {
    source: source?.plugin.name === "Kafka" ? "log" : "receiver",
    initialOffset: source?.plugin.properties?.["defaultInitialOffset"] === "-2" ? "earliest" : "latest",
    stateMode,
    writeAheadLog: wanted === null ? release.autoWal && stateMode === "SPARK_CHECKPOINTING" : wanted === "true",
    stopGracefully: config.stopGracefully ?? true,
    batchMs,
    batchWorkMs: labNumber(config, args, "batch.work.ms") ?? batchMs * BATCH_WORK,
    recordWorkMs: labNumber(config, args, "record.work.ms") ?? 4,
    checkpointDirectory: `${checkpointDirectoryOf(namespace, config)}/${app}`,
    spark: release.version.split(".").slice(0, 2).join("."),
  };
}

/** `properties.pipeline` of the program's specification (facts 4.2): two shapes. */
export function streamingSpecOf(streaming: Streaming, pipelineId: string): object {
  const { release, namespace, config } = streaming;
  const mode = stateModeOf(streaming);
  const directory = checkpointDirectoryOf(namespace, config);
  return {
    stages: (config.stages ?? []).map(({ name, plugin }) => ({ name, plugin: { type: plugin.type, name: plugin.name } })),
    connections: config.connections ?? [],
    batchIntervalMillis: milliseconds(config.batchInterval ?? "10s"),
    stopGracefully: config.stopGracefully ?? true,
    pipelineId,
    ...(release.nativeState
      ? { stateSpec: { mode, checkpointDir: directory, retryEnabled: true } }
      : { checkpointsDisabled: mode === "NONE", checkpointDirectory: directory }),
  };
}
