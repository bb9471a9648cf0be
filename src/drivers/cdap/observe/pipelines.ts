// How a real-time pipeline keeps its state and whether its write-ahead log is on, read from its own configuration (CD-6; facts 4.1, 4.2).
import { z } from "zod";
import type { CdapPipeline, StateMode } from "../facts.ts";
import { behavioursOf } from "../matrix/behaviours.ts";
import type { ProgramSpec } from "../wire/api.ts";
import type { StreamingConfig } from "./app-details.ts";

/** The UI adds the prefix `system.spark.` to every key of the engine that a user writes (facts 4.1). */
const walKeys = ["spark.streaming.receiver.writeAheadLog.enable", "system.spark.spark.streaming.receiver.writeAheadLog.enable"] as const;
const atLeastOnce = "cdap.streaming.atleastonce.enabled";

/** Where a setting of a pipeline can stand. */
export interface PipelineSources {
  readonly config: StreamingConfig;
  /** Null: the server does not tell it. */
  readonly spec: ProgramSpec | null;
  readonly preferences: Readonly<Record<string, string>>;
  readonly runtimeArgs: Readonly<Record<string, string>>;
  /** Arguments of the run that goes on; null: none does. They are what it was launched with. */
  readonly runArgs: Readonly<Record<string, string>> | null;
  readonly version: string | null;
}

const specPipeline = z.looseObject({
  stateSpec: z.looseObject({ mode: z.enum(["STATE_STORE", "SPARK_CHECKPOINTING", "NONE"]), checkpointDir: z.string().nullish() }).nullish(),
  checkpointsDisabled: z.boolean().nullish(),
  checkpointDirectory: z.string().nullish(),
  stopGracefully: z.boolean().nullish(),
});

/** Pure. */
export function pipelineOf(at: { readonly ns: string; readonly app: string; readonly program: string }, sources: PipelineSources): CdapPipeline {
  const spec = specOf(sources.spec);
  const mode = modeOf(sources, spec);
  const wal = walOf(sources, mode.is);
  return {
    ...at,
    mode: mode.is,
    modeFrom: mode.from,
    wal: wal.is,
    walFrom: wal.from,
    checkpointDir: spec?.stateSpec?.checkpointDir ?? spec?.checkpointDirectory ?? sources.config.checkpointDir,
    stopGracefully: spec?.stopGracefully ?? sources.config.stopGracefully,
    batchIntervalMs: sources.config.batchIntervalMs,
    sources: sources.config.sources,
    known: true,
  };
}
export const customPipeline = (at: { readonly ns: string; readonly app: string; readonly program: string }): CdapPipeline => ({
  ...at,
  mode: null,
  modeFrom: "code of its own: only its authors know whether it streams and what it keeps",
  wal: null,
  walFrom: "code of its own",
  checkpointDir: null,
  stopGracefully: null,
  batchIntervalMs: null,
  sources: [],
  known: false,
});

interface Read<T> {
  readonly is: T | null;
  readonly from: string;
}

function modeOf(sources: PipelineSources, spec: z.output<typeof specPipeline> | null): Read<StateMode> {
  // A preference or an argument decides over what the source can do (facts 4.1).
  for (const [from, map] of placesOf(sources)) {
    if (boolean(map[atLeastOnce]) === false) return { is: "NONE", from: `${atLeastOnce} in ${from}` };
  }
  if (spec?.stateSpec != null) return { is: spec.stateSpec.mode, from: "stateSpec of its program" };
  const disabled = spec?.checkpointsDisabled ?? sources.config.disableCheckpoints;
  if (disabled === true) return { is: "NONE", from: "disableCheckpoints in its configuration" };
  if (spec !== null || disabled === false) return { is: "SPARK_CHECKPOINTING", from: "checkpoints are not disabled in its configuration" };
  if (sources.version === null || behavioursOf(sources.version) === null)
    return { is: null, from: "its program could not be read, and the server's version is not known" };
  return { is: "SPARK_CHECKPOINTING", from: "its configuration does not disable checkpoints, which is the default" };
}

/**
 * What the running launch was given decides: it must be on since then (CD-6). Otherwise every place that names it must agree: one that says no may be what
 * it was launched with.
 */
function walOf(sources: PipelineSources, mode: StateMode | null): Read<boolean> {
  const launched = sources.runArgs === null ? null : walIn(sources.runArgs);
  if (launched !== null) return { is: launched.value, from: `${launched.key} in the arguments of its run` };
  const named = [...placesOf(sources)].flatMap(([from, map]) => {
    const found = walIn(map);
    return found === null ? [] : [{ ...found, from }];
  });
  const off = named.find(({ value }) => !value);
  if (off !== undefined) return { is: false, from: `${off.key} in ${off.from}` };
  const on = named[0];
  if (on !== undefined) return { is: true, from: `${on.key} in ${on.from}` };
  const behaviours = behavioursOf(sources.version);
  if (mode === "SPARK_CHECKPOINTING" && behaviours !== null)
    return behaviours.autoWal
      ? { is: true, from: `nothing says otherwise, and its launcher turns it on with checkpoints from 6.7 on` }
      : { is: false, from: "nothing turns it on, and before 6.7 its launcher does not either" };
  if (mode === "NONE") return { is: false, from: "nothing turns it on, and without checkpoints it cannot be on" };
  return { is: null, from: "nothing names it" };
}

function* placesOf({ runArgs, runtimeArgs, preferences, config }: PipelineSources): Iterable<readonly [string, Readonly<Record<string, string>>]> {
  if (runArgs !== null) yield ["the arguments of its run", runArgs];
  yield ["its runtime arguments", runtimeArgs];
  yield ["preferences", preferences];
  yield ["its configuration", config.properties];
}
function walIn(map: Readonly<Record<string, string>>): { readonly key: string; readonly value: boolean } | null {
  const found = walKeys.flatMap((key) => {
    const value = boolean(map[key]);
    return value === null ? [] : [{ key, value }];
  });
  // Both spellings at once: what is off in one is not surely on.
  return found.find(({ value }) => !value) ?? found[0] ?? null;
}
function boolean(text: string | undefined): boolean | null {
  const lower = text?.trim().toLowerCase();
  return lower === "true" ? true : lower === "false" ? false : null;
}
function specOf(spec: ProgramSpec | null): z.output<typeof specPipeline> | null {
  const text = spec?.properties?.["pipeline"];
  if (text === undefined) return null;
  try {
    const parsed = specPipeline.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
