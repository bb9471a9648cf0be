import { readFile } from "node:fs/promises";
import type { ClusterDefinition } from "../model/cluster.ts";
import { StillwaterError } from "../model/errors.ts";
import { parseClusterFile, type SystemKeysOf } from "./parse.ts";

/** Reads a cluster file from the disk. Errors: SW1101, SW1102, and what `systemKeysOf` throws. */
export async function readClusterFile(path: string, systemKeysOf?: SystemKeysOf): Promise<ClusterDefinition> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const why = error instanceof Error ? [error.message] : [];
    throw new StillwaterError("SW1101", `The cluster file ${path} cannot be read`, { object: path, why, cause: error });
  }
  return parseClusterFile(text, path, systemKeysOf);
}
