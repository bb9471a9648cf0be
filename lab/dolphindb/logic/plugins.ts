import { ServerError } from "./node.ts";
import type { NodeProcess } from "./process.ts";

export interface Plugin {
  readonly name: string;
  /** As its description file says: `2.00.9` or longer. */
  readonly version: string;
}
const triple = (version: string): string => version.split(".").slice(0, 3).join(".");

/** Null: it is not in plugins/. */
function pluginOnDisk(process: NodeProcess, name: string): Plugin | null {
  const directory = `${process.server}/plugins/${name}`;
  for (const file of process.disk.list(directory)) {
    if (!file.endsWith(".txt")) continue;
    const [plugin = "", , version = ""] =
      (process.disk.read(`${directory}/${file}`) ?? "")
        .split("\n")[0]
        ?.split(",")
        .map((part) => part.trim()) ?? [];
    if (plugin === name) return { name, version };
  }
  return null;
}
/** Error: it is missing, or not of the server's first three numbers (facts 1.7). */
export function loadPlugin(process: NodeProcess, name: string): Plugin {
  const found = pluginOnDisk(process, name);
  if (found === null) throw new ServerError(`The plugin ${name} does not exist.`);
  const own = triple(process.component.release.split("_")[0] ?? "");
  if (triple(found.version) !== own) throw new ServerError(`The version of plugin ${name} [${found.version}] does not match the server [${own}].`);
  return found;
}
/** Of `plugins::mysql,plugins::kafka`. */
export const preloaded = (process: NodeProcess): readonly string[] =>
  process
    .setting("preloadModules", "")
    .split(",")
    .flatMap((module) => /^\s*plugins::(\S+)\s*$/.exec(module)?.[1] ?? []);

/** Functions of plugins that a stored script names: without their plugin it cannot be read, and the node does not start (facts 5.3). */
export function needFunctions(process: NodeProcess, script: string): void {
  for (const [call, module = ""] of script.matchAll(/\b(\w+)::\w+/g)) {
    if (module === "ops") continue;
    try {
      loadPlugin(process, module);
    } catch {
      throw new ServerError(`Can't recognize function: ${call}`);
    }
  }
}
