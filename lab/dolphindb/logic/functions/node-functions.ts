import { int, nothing, text, type LabValue } from "../../value.ts";
import { scalar, symbols, type FunctionTable } from "../../script/values.ts";
import { siteOf } from "../cluster-files.ts";
import type { LabRole } from "../node.ts";
import type { NodeProcess } from "../process.ts";
import { isAtLeast } from "../release.ts";
import { atomAt } from "./arguments.ts";

/** As getNodeType and the column `mode` of getClusterPerf say it. */
export const MODES: Readonly<Record<LabRole, number>> = { datanode: 0, agent: 1, controller: 2, computenode: 4 };

/** Functions that every node has (facts 2). */
export function nodeFunctions(process: NodeProcess): FunctionTable {
  const { component } = process;
  const colon = component.endpoint.lastIndexOf(":");
  const settings = (): Readonly<Record<string, string>> => ({ mode: component.role, home: process.home, ...process.settings });
  return {
    version: () => text(process.behaviour.versionText),
    getNodeAlias: () => text(component.alias),
    getNodeHost: () => text(component.endpoint.slice(0, colon)),
    getNodePort: () => int(Number(component.endpoint.slice(colon + 1))),
    getNodeType: () => int(MODES[component.role]),
    getHomeDir: () => text(process.home),
    ...(isAtLeast(component.release, "3.00.3.1") ? { getExecDir: () => text(process.server), getWorkDir: () => text(component.directory) } : {}),
    getConfig: (_, args) => {
      const key = atomAt(args, 0);
      const known = settings();
      if (key === null) return { form: "dictionary", keys: symbols(Object.keys(known)), values: symbols(Object.values(known)) };
      const value = known[String(key)];
      if (value === undefined) return nothing;
      const isList = String(key) === "volumes" && value.includes(",");
      return isList ? symbols(value.split(",").map((path) => path.trim())) : text(value);
    },
    now: () => scalar("timestamp", BigInt(Math.floor(process.clock.now()))),
    getRequiredAPIVersion: () => ({ form: "tuple", items: [text("0"), text("0")] }) satisfies LabValue,
    isNodeInitialized: () => scalar("bool", true),
    getLocalSite: () => text(siteOf(process.setting("localSite", ""))?.endpoint ?? component.endpoint),
  };
}
