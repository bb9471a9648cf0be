// What one version of an application is made of. A version never changes, so it is asked for once (facts 3.1).
import { z } from "zod";
import type { CdapPlugin, CdapSource } from "../facts.ts";
import type { AppDetail, CdapApi } from "../wire/api.ts";
import { artifactId } from "../wire/answers.ts";
import { programType, type ProgramType } from "../wire/programs.ts";

/** The artefact of CDAP's own real-time pipelines, and its program (facts 4). */
const streamingArtifact = "cdap-data-streams";
export const streamingProgram = "DataStreamsSparkStreaming";

export interface AppDigest {
  readonly programs: readonly { readonly type: ProgramType; readonly program: string }[];
  readonly plugins: readonly CdapPlugin[];
  readonly hasSchedules: boolean;
  /** `pipeline`: a real-time pipeline of CDAP's own. `custom`: code with a Spark program, of which nobody knows whether it streams. Null: neither. */
  readonly streams: "pipeline" | "custom" | null;
  /** What the configuration of a real-time pipeline says; empty for all others. */
  readonly streaming: StreamingConfig;
}
export interface StreamingConfig {
  readonly disableCheckpoints: boolean | null;
  readonly checkpointDir: string | null;
  readonly stopGracefully: boolean | null;
  readonly properties: Readonly<Record<string, string>>;
  readonly batchIntervalMs: number | null;
  readonly sources: readonly CdapSource[];
}

const flag = z.union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")]);
const plugin = z.looseObject({
  name: z.string().default(""),
  type: z.string().default(""),
  properties: z.record(z.string(), z.unknown()).nullish(),
  artifact: artifactId.partial({ version: true, scope: true }).nullish(),
});
const stage = z.looseObject({ name: z.string().default(""), plugin: plugin.nullish() });
const pipelineConfig = z.looseObject({
  stages: z.array(stage).nullish(),
  postActions: z.array(stage).nullish(),
  disableCheckpoints: flag.nullish(),
  checkpointDir: z.string().nullish(),
  stopGracefully: flag.nullish(),
  batchInterval: z.string().nullish(),
  properties: z.record(z.string(), z.union([z.string(), z.boolean(), z.number()]).transform(String)).nullish(),
});
type PipelineConfig = z.output<typeof pipelineConfig>;
const nothing: StreamingConfig = {
  disableCheckpoints: null,
  checkpointDir: null,
  stopGracefully: null,
  properties: {},
  batchIntervalMs: null,
  sources: [],
};

/** Pure. */
export function digestOf(detail: AppDetail): AppDigest {
  const config = configOf(detail.configuration ?? "");
  const programs = detail.programs.flatMap(({ type, name }) => {
    const known = programType(type);
    return known === null ? [] : [{ type: known, program: name }];
  });
  const streams = streamsOf(detail.artifact.name, programs);
  const postActions = (config?.postActions ?? []).flatMap(pluginOf);
  return {
    programs,
    plugins: [...(config?.stages ?? []).flatMap(pluginOf), ...postActions.map((each): CdapPlugin => ({ ...each, post: true }))],
    hasSchedules: programs.some(({ type }) => type === "workflows"),
    streams,
    streaming: streams === "pipeline" && config !== null ? streamingOf(config) : nothing,
  };
}

function streamsOf(artifact: string, programs: AppDigest["programs"]): AppDigest["streams"] {
  if (artifact.startsWith(streamingArtifact)) return "pipeline";
  const spark = programs.some(({ type }) => type === "spark");
  // In an application with a workflow, Spark programs are its children.
  const batch = /^cdap-(?:data-pipeline|sql)/.test(artifact) || programs.some(({ type }) => type === "workflows");
  return spark && !batch ? "custom" : null;
}
function pluginOf({ name, plugin: used }: z.output<typeof stage>): readonly CdapPlugin[] {
  if (used == null) return [];
  const { artifact } = used;
  const named = artifact == null ? null : { name: artifact.name, version: artifact.version ?? "", scope: artifact.scope ?? "SYSTEM" };
  return [{ stage: name, name: used.name, artifact: named }];
}
function streamingOf({ disableCheckpoints, checkpointDir, stopGracefully, properties, batchInterval, stages }: PipelineConfig): StreamingConfig {
  return {
    disableCheckpoints: disableCheckpoints ?? null,
    checkpointDir: checkpointDir == null || checkpointDir === "" ? null : checkpointDir,
    // The default of the vendor's configuration class.
    stopGracefully: stopGracefully ?? true,
    properties: properties ?? {},
    batchIntervalMs: milliseconds(batchInterval ?? "10s"),
    sources: (stages ?? []).flatMap(({ plugin: used }) => (used?.type === "streamingsource" ? [sourceOf(used)] : [])),
  };
}

/** Sources by how they read: only Kafka's keep records that can be read again (facts 4.3). */
const logs = /kafka|confluent|maprstream/i;
const queues = /poller|pubsub|subscriber|kinesis|twitter|mqtt|amqp|rabbit|jms|websocket|zeromq|eventhub/i;
function sourceOf({ name, properties }: z.output<typeof plugin>): CdapSource {
  const kind = logs.test(name) ? "log" : queues.test(name) ? "receiver" : null;
  const offset = properties?.["defaultInitialOffset"];
  // -2 is the first record that is there, -1 what comes next.
  return { plugin: name, kind, begins: offset === "-2" || offset === -2 ? "earliest" : "latest" };
}
/** `10s`, `1m`, `500ms` (facts 4.1). Null: of no such form. */
function milliseconds(interval: string): number | null {
  const [, number, unit = ""] = /^\s*(\d+)\s*(ms|s|m|h|d)\s*$/.exec(interval) ?? [];
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  const one = units[unit];
  return one === undefined ? null : Number(number) * one;
}
function configOf(text: string): PipelineConfig | null {
  try {
    const parsed = pipelineConfig.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

export interface AppKey {
  readonly app: string;
  readonly version: string;
  /** Version of its artefact: before 6.9 an upgrade overwrites a version in place (facts 3.1). */
  readonly artifact: string;
}
export class AppDetails {
  readonly #api: CdapApi;
  readonly #known = new Map<string, AppDigest>();
  constructor(api: CdapApi) {
    this.#api = api;
  }

  /** In the order of the keys; null: it has vanished meanwhile. */
  async of(ns: string, apps: readonly AppKey[]): Promise<readonly (AppDigest | null)[]> {
    const keyOf = ({ app, version, artifact }: AppKey): string => `${ns} ${app} ${version} ${artifact}`;
    const missing = apps.filter((each) => !this.#known.has(keyOf(each)));
    const found = await this.#api.appDetails(ns, missing);
    for (const [index, detail] of found.entries()) {
      const key = missing[index];
      if (key !== undefined && detail !== null) this.#known.set(keyOf(key), digestOf(detail));
    }
    return apps.map((each) => this.#known.get(keyOf(each)) ?? null);
  }
}
