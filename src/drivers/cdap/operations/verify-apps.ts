// After an upgrade: artefacts and plug-ins are on target, and everything else is as the backup of this run has it (facts 9: schedules, triggers, post-run actions).
import type { Look } from "../../../model/driver.ts";
import { canonicalJson, type Json } from "../../../model/json.ts";
import { operation, type NamedOperation } from "../../../planner/kit.ts";
import { definitionOf } from "../backup/schedule-definition.ts";
import { appFile, readJson, type BackupFiles } from "../backup/files.ts";
import type { CdapFacts } from "../facts.ts";
import { meaningOf, pluginsBehind } from "../ledger/configuration.ts";
import { appKey } from "../ledger/program-directory.ts";
import type { AppBefore, StepParams } from "../step-names.ts";
import { chunksOf, inParallel } from "../wire/parallel.ts";
import type { Desk } from "./desk.ts";

export type VerifyProof = {
  readonly apps: number;
  /** Those of the backup, each compared. */
  readonly schedules: number;
  /** Each: an application, and what is not as it should be. */
  readonly differences: readonly { readonly app: string; readonly what: string }[];
};
export const isVerifyProof = (proof: Json): proof is VerifyProof =>
  proof !== null && typeof proof === "object" && "differences" in proof && Array.isArray(proof["differences"]);

const batch = 50;
const lanes = 16;
type Tree = { readonly [key: string]: Json };
const isTree = (value: Json | undefined): value is Tree => value !== null && typeof value === "object" && !Array.isArray(value);

const scheduleMeaning = (schedule: Json): string => canonicalJson(definitionOf(schedule));
const schedulesIn = (value: Json): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);
const nameOf = (schedule: Json): string => (isTree(schedule) && typeof schedule["name"] === "string" ? schedule["name"] : "");

export function verifyApps(desk: Desk): NamedOperation<CdapFacts, StepParams["verifyApps"]> {
  const { api } = desk.cluster;
  return operation<CdapFacts, StepParams["verifyApps"]>("verifyApps", {
    look: async ({ apps, targets, backup }): Promise<Look> => {
      const files = await desk.files();
      const differences: { readonly app: string; readonly what: string }[] = [];
      let schedules = 0;
      for (const [ns, own] of Map.groupBy(apps, (app) => app.ns))
        for (const some of chunksOf(own, batch)) {
          const records = new Map((await desk.directory.apps(ns)).map(({ name, version }) => [name, version]));
          const there = some.filter(({ app }) => records.has(app));
          for (const app of some) if (!records.has(app.app)) differences.push({ app: appKey(app), what: "it is gone" });
          const details = await api.appDetails(
            ns,
            there.map(({ app }) => ({ app, version: records.get(app) ?? "" })),
          );
          await inParallel(there, lanes, async (app, index) => {
            const detail = details[index] ?? null;
            const say = (what: string): void => void differences.push({ app: appKey(app), what });
            if (detail === null) return say("it is gone");
            const target = targets[app.artifact.name];
            if (target !== undefined && detail.artifact.version !== target)
              say(`${detail.artifact.name} ${detail.artifact.version} instead of ${target}`);
            for (const plugin of pluginsBehind(detail.configuration, targets)) say(`plug-in ${plugin}, and there is a newer one`);
            const before = await readJson(files, backup, appFile(ns, app.app, "detail"));
            const text = isTree(before) && typeof before["configuration"] === "string" ? before["configuration"] : null;
            if (text === null) say(`it is not in ${backup} any more, so nothing proves that its configuration is as before`);
            else if (meaningOf(text) !== meaningOf(detail.configuration)) say("its configuration differs in more than versions of artefacts");
            schedules += await compareSchedules(desk, files, backup, app, say);
          });
        }
      const proof: VerifyProof = {
        apps: apps.length,
        schedules,
        differences: differences.toSorted((a, b) => (a.app < b.app ? -1 : 1)),
      };
      return { is: "done", proof };
    },
  });
}

async function compareSchedules(
  desk: Desk,
  files: BackupFiles,
  backup: string,
  { ns, app }: AppBefore,
  say: (what: string) => void,
): Promise<number> {
  const before = schedulesIn(await readJson(files, backup, appFile(ns, app, "schedules")));
  if (before.length === 0) return 0;
  const after = new Map((await desk.cluster.api.schedules(ns, app)).map((schedule) => [schedule.name, schedule as unknown as Json]));
  for (const schedule of before) {
    const name = nameOf(schedule);
    const now = after.get(name);
    if (now === undefined) say(`its schedule ${name} is gone`);
    else if (scheduleMeaning(now) !== scheduleMeaning(schedule)) say(`its schedule ${name} differs: trigger, properties or program`);
  }
  return before.length;
}
