// What one version of an application is made of. A version never changes, so it is asked for once (facts 3.1).
import { z } from "zod";
import type { CdapPlugin } from "../facts.ts";
import type { AppDetail, CdapApi } from "../wire/api.ts";
import { artifactId } from "../wire/answers.ts";
import { programType, type ProgramType } from "../wire/programs.ts";

/** The artefacts of CDAP's own real-time pipelines and replication jobs, and their programs (facts 4). */
export const streamingArtifact = "cdap-data-streams";
export const streamingProgram = "DataStreamsSparkStreaming";
const batchArtifacts: ReadonlySet<string> = new Set(["cdap-data-pipeline", "cdap-data-pipeline2_11", "cdap-data-pipeline3_12", "cdap-sql"]);

export interface AppDigest {
  readonly programs: readonly { readonly type: ProgramType; readonly program: string }[];
  readonly plugins: readonly CdapPlugin[];
  readonly hasSchedules: boolean;
  /** `pipeline`: a real-time pipeline of CDAP's own. `custom`: code with a Spark program, of which nobody knows whether it streams. Null: neither. */
  readonly streams: "pipeline" | "custom" | null;
  /** What the configuration of a real-time pipeline says; empty for all others. */
  readonly streaming: StreamingConfig;
  /** The configuration is not the JSON of a pipeline. */
  readonly opaque: boolean;
}
export interface StreamingConfig {
  readonly disableCheckpoints: boolean | null;
  readonly checkpointDir: string | null;
  readonly stopGracefully: boolean | null;
  readonly properties: Readonly<Record<string, string>>;
}

const flag = z.union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")]);
const plugin = z.looseObject({
  name: z.string().default(""),
  artifact: artifactId.partial({ version: true, scope: true }).nullish(),
});
const stage = z.looseObject({ name: z.string().default(""), plugin: plugin.nullish() });
const pipelineConfig = z.looseObject({
  stages: z.array(stage).nullish(),
  postActions: z.array(stage).nullish(),
  disableCheckpoints: flag.nullish(),
  checkpointDir: z.string().nullish(),
  stopGracefully: flag.nullish(),
  properties: z.record(z.string(), z.union([z.string(), z.boolean(), z.number()]).transform(String)).nullish(),
});
const nothing: StreamingConfig = { disableCheckpoints: null, checkpointDir: null, stopGracefully: null, properties: {} };

/** Pure. */
export function digestOf(detail: AppDetail): AppDigest {
  const config = configOf(detail.configuration ?? "");
  const programs = detail.programs.flatMap(({ type, name }) => {
    const known = programType(type);
    return known === null ? [] : [{ type: known, program: name }];
  });
  const stages = [...(config?.stages ?? []), ...(config?.postActions ?? [])];
  const streams = streamsOf(detail.artifact.name, programs);
  return {
    programs,
    plugins: stages.flatMap(({ name, plugin: used }): readonly CdapPlugin[] => {
      if (used == null) return [];
      const { artifact } = used;
      const named = artifact == null ? null : { name: artifact.name, version: artifact.version ?? "", scope: artifact.scope ?? "SYSTEM" };
      return [{ stage: name, name: used.name, artifact: named }];
    }),
    hasSchedules: programs.some(({ type }) => type === "workflows"),
    streams,
    streaming: streams === "pipeline" && config !== null ? streamingOf(config) : nothing,
    opaque: config === null,
  };
}

function streamsOf(artifact: string, programs: AppDigest["programs"]): AppDigest["streams"] {
  if (artifact.startsWith(streamingArtifact)) return "pipeline";
  const spark = programs.some(({ type }) => type === "spark");
  // In an application with a workflow, Spark programs are its children.
  const batch = batchArtifacts.has(artifact) || artifact.startsWith("cdap-data-pipeline") || programs.some(({ type }) => type === "workflows");
  return spark && !batch ? "custom" : null;
}
const streamingOf = ({ disableCheckpoints, checkpointDir, stopGracefully, properties }: z.output<typeof pipelineConfig>): StreamingConfig => ({
  disableCheckpoints: disableCheckpoints ?? null,
  checkpointDir: checkpointDir == null || checkpointDir === "" ? null : checkpointDir,
  stopGracefully: stopGracefully ?? null,
  properties: properties ?? {},
});

function configOf(text: string): z.output<typeof pipelineConfig> | null {
  try {
    const parsed = pipelineConfig.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

export interface AppKey {
  readonly ns: string;
  readonly app: string;
  readonly version: string;
}
export class AppDetails {
  readonly #api: CdapApi;
  readonly #known = new Map<string, AppDigest>();
  constructor(api: CdapApi) {
    this.#api = api;
  }

  /** In the order of the keys; null: it has vanished meanwhile. `changes`: the version may be overwritten in place, and is asked for again when its artefact has changed. */
  async of(ns: string, apps: readonly (AppKey & { readonly artifact: string })[]): Promise<readonly (AppDigest | null)[]> {
    const missing = apps.filter((each) => !this.#known.has(keyOf(each)));
    const found = await this.#api.appDetails(ns, missing);
    for (const [index, detail] of found.entries()) {
      const key = missing[index];
      if (key !== undefined && detail !== null) this.#known.set(keyOf(key), digestOf(detail));
    }
    return apps.map((each) => this.#known.get(keyOf(each)) ?? null);
  }
}
/** With the artefact: before 6.9 an upgrade overwrites a version in place (facts 3.1). */
const keyOf = ({ ns, app, version, artifact }: AppKey & { readonly artifact: string }): string => `${ns} ${app} ${version} ${artifact}`;
