import { readFile } from "node:fs/promises";
import type { ClusterDefinition } from "../model/cluster.ts";
import { StillwaterError } from "../model/errors.ts";
import type { SystemKeys } from "../model/system-keys.ts";
import { parseClusterFile } from "./parse.ts";

/**
 * Reads a cluster file from the disk. Errors: SW1101, SW1102, and what `systemKeysOf` throws. `systemKeysOf` may load the system first: it is
 * asked once, for the system that the file names.
 */
export async function readClusterFile(
  path: string,
  systemKeysOf: (system: string) => SystemKeys | null | Promise<SystemKeys | null> = () => null,
): Promise<ClusterDefinition> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const why = error instanceof Error ? [error.message] : [];
    throw new StillwaterError("SW1101", `The cluster file ${path} cannot be read`, { object: path, why, cause: error });
  }
  let named: string | null = null;
  try {
    parseClusterFile(text, path, (system) => {
      named = system;
      return null;
    });
  } catch (error) {
    // The second reading tells these problems again, together with those of the system's keys; where no system is named, there is no second one.
    if (named === null) throw error;
  }
  const keys = named === null ? null : await systemKeysOf(named);
  return parseClusterFile(text, path, () => keys);
}
