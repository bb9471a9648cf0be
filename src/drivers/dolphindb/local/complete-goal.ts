// What of a goal only files on this machine tell: what is inside the package, the plugins for the new release, and edited files of settings.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { StillwaterError } from "../../../model/errors.ts";
import type { Goal } from "../../../model/goal.ts";
import type { DdCluster } from "../cluster.ts";
import { packageOptions, pluginOptions } from "../planning/options.ts";
import { completeSettings } from "../settings/complete.ts";
import { readPackage } from "./artefact.ts";
import { readPluginDirectory, type PackOptions } from "./plugin-directory.ts";

/** Errors SW1203, SW1205; SW1001 for plugins without a version to go to; and those of `completeSettings`. */
export async function completeGoal(cluster: DdCluster, goal: Goal, options: PackOptions = {}): Promise<Goal> {
  const { plugins } = goal.options;
  if (plugins !== undefined && goal.version === null)
    throw new StillwaterError("SW1001", "Plugins are replaced together with a release.", {
      object: plugins,
      remedy: "Give --to and --artifact with them.",
    });
  const [made, packed, withSettings] = await Promise.all([
    goal.artefact === null ? null : readPackage(goal.artefact.path),
    plugins === undefined ? null : readPluginDirectory(resolve(plugins), options),
    completeSettings(cluster, goal, readEdited),
  ]);
  return {
    ...withSettings,
    options: {
      ...withSettings.options,
      ...(made === null ? {} : packageOptions(made.facts)),
      ...(packed === null ? {} : pluginOptions(packed)),
    },
  };
}

async function readEdited(path: string): Promise<string> {
  const file = resolve(path);
  return readFile(file, "utf8").catch((cause: unknown) => {
    throw new StillwaterError("SW1203", `${file} cannot be read`, {
      object: file,
      why: [cause instanceof Error ? cause.message : String(cause)],
      cause,
    });
  });
}
