// What of a goal only files on this machine tell: what is inside the package, and the plugins for the new release.
import { resolve } from "node:path";
import { StillwaterError } from "../../../model/errors.ts";
import type { Goal } from "../../../model/goal.ts";
import { packageOptions, pluginOptions } from "../planning/options.ts";
import { readPackage } from "./artefact.ts";
import { readPluginDirectory, type PackOptions } from "./plugin-directory.ts";

/** The cluster is not asked. Errors SW1203, SW1205; SW1001 for plugins without a version to go to. */
export async function completeGoal(_cluster: unknown, goal: Goal, options: PackOptions = {}): Promise<Goal> {
  const { plugins } = goal.options;
  if (plugins !== undefined && goal.version === null)
    throw new StillwaterError("SW1001", "Plugins are replaced together with a release.", {
      object: plugins,
      remedy: "Give --to and --artifact with them.",
    });
  const [made, packed] = await Promise.all([
    goal.artefact === null ? null : readPackage(goal.artefact.path),
    plugins === undefined ? null : readPluginDirectory(resolve(plugins), options),
  ]);
  return {
    ...goal,
    options: { ...goal.options, ...(made === null ? {} : packageOptions(made.facts)), ...(packed === null ? {} : pluginOptions(packed)) },
  };
}
