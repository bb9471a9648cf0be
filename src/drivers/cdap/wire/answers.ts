// What CDAP answers, as far as this driver reads it (facts 3). Keys that it does not know are left out or kept, never refused.
import { z } from "zod";
import { runStatuses } from "./programs.ts";

/** Lower case in an export, upper case elsewhere. */
const scope = z
  .string()
  .transform((text) => text.toUpperCase())
  .pipe(z.enum(["SYSTEM", "USER"]));
export type Scope = z.output<typeof scope>;

export const artifactId = z.object({ name: z.string(), version: z.string(), scope });
export type ArtifactId = z.output<typeof artifactId>;
const change = z.object({
  description: z.string().nullish(),
  parentVersion: z.string().nullish(),
  author: z.string().nullish(),
  creationTimeMillis: z.number().nullish(),
  latest: z.boolean().nullish(),
});

export const appRecord = z.object({
  name: z.string(),
  /** `-SNAPSHOT` where applications have no versions of their own. */
  version: z.string().default("-SNAPSHOT"),
  description: z.string().nullish(),
  artifact: artifactId,
  change: change.nullish(),
});
export type AppRecord = z.output<typeof appRecord>;
export const appPage = z.object({ applications: z.array(appRecord), nextPageToken: z.string().nullish() });

export const appDetail = z.object({
  name: z.string(),
  appVersion: z.string().default("-SNAPSHOT"),
  description: z.string().nullish(),
  /** JSON as a text. */
  configuration: z.string().nullish(),
  artifact: artifactId,
  programs: z.array(z.object({ type: z.string(), name: z.string(), description: z.string().nullish() })).default([]),
  plugins: z.array(z.object({ id: z.string().nullish(), name: z.string(), type: z.string().nullish() })).nullish(),
  change: change.nullish(),
  principal: z.string().nullish(),
});
export type AppDetail = z.output<typeof appDetail>;
export const appDetailItems = z.array(z.object({ statusCode: z.number(), detail: z.unknown().optional(), error: z.string().nullish() }));

/** Times in seconds since 1970. */
export const runRecord = z.object({
  runid: z.string(),
  starting: z.number().nullish(),
  start: z.number().nullish(),
  stopping: z.number().nullish(),
  suspend: z.number().nullish(),
  resume: z.number().nullish(),
  end: z.number().nullish(),
  status: z.enum(runStatuses),
  /** `runtimeArgs`: JSON as a text; of a workflow also one entry for each child, with its run id. */
  properties: z.record(z.string(), z.string()).default({}),
  profile: z.object({ profileName: z.string(), namespace: z.string().nullish() }).nullish(),
});
export type RunRecord = z.output<typeof runRecord>;

const programItem = z.object({
  appId: z.string(),
  programType: z.string(),
  programId: z.string(),
  appVersion: z.string().nullish(),
  statusCode: z.number(),
  error: z.string().nullish(),
});
export const statusItems = z.array(programItem.extend({ status: z.string().nullish() }));
export const runItems = z.array(programItem.extend({ runs: z.array(runRecord).nullish() }));
export const startItems = z.array(programItem.extend({ runId: z.string().nullish() }));
export type StartItem = z.output<typeof startItems>[number];

export const scheduleDetail = z.looseObject({
  name: z.string(),
  application: z.string().nullish(),
  program: z.object({ programName: z.string(), programType: z.string() }),
  trigger: z.looseObject({ type: z.string() }),
  /** Absent in old releases: asked by `scheduleStatus`. */
  status: z.string().nullish(),
});
export type ScheduleDetail = z.output<typeof scheduleDetail>;

export const upgradeItem = z.object({
  statusCode: z.number(),
  error: z.string().nullish(),
  appId: z.object({ namespace: z.string().nullish(), application: z.string(), version: z.string().nullish() }),
});
export type UpgradeItem = z.output<typeof upgradeItem>;

export const artifactRecords = z.array(artifactId);
export const namespaces = z.array(z.object({ name: z.string(), description: z.string().nullish() }));
export const stringMap = z.record(z.string(), z.string());
export const version = z.object({ version: z.string() });
export const programSpec = z.looseObject({ name: z.string().nullish(), properties: z.record(z.string(), z.string()).nullish() });
export type ProgramSpec = z.output<typeof programSpec>;
/** `format=json` gives a map; some releases a list of names and values. */
export const configuration = z.union([
  z.record(z.string(), z.union([z.string(), z.null()])),
  z
    .array(z.object({ name: z.string(), value: z.string().nullable() }))
    .transform((list) => Object.fromEntries(list.map(({ name, value }) => [name, value]))),
]);
