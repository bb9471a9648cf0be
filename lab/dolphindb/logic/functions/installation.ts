import { nothing } from "../../value.ts";
import { tableOf, type FunctionTable } from "../../script/values.ts";
import { licensePath, licenseValue, readLicense } from "../license.ts";
import { loadPlugin, type Plugin } from "../plugins.ts";
import type { NodeProcess } from "../process.ts";
import type { Checked } from "../start-checks.ts";
import { atomAt, textAt } from "./arguments.ts";

/** Licence and plugins (facts 1.7, 2). */
export function installationFunctions(process: NodeProcess, checked: () => Checked | null): FunctionTable {
  const later: Plugin[] = [];
  const startedAt = process.clock.now();
  return {
    // Since 2.00.10.2 what is in memory, before that the file (facts 1.7).
    license: (_, args) => {
      const path = atomAt(args, 0);
      const inMemory = checked()?.license;
      if (path === null && process.behaviour.licenseFromMemory && inMemory !== undefined) return licenseValue(inMemory);
      return licenseValue(readLicense(process, path === null ? licensePath(process) : String(path)));
    },
    getLoadedPlugins: () =>
      tableOf([...(checked()?.plugins ?? []), ...later], {
        plugin: ["string", ({ name }) => name],
        version: ["string", ({ version }) => version],
        user: ["string", () => "admin"],
        time: ["timestamp", () => BigInt(Math.floor(startedAt))],
      }),
    loadPlugin: (_, args) => {
      const name = textAt(args, 0, "pluginName");
      later.push(loadPlugin(process, name.replace(/^.*\/Plugin(\w+)\.txt$/, "$1").toLowerCase()));
      return nothing;
    },
  };
}
