import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Durations, LabRole } from "../logic/node.ts";

export interface LabNode {
  /** Its alias: `ctl1`, `agent1`, `node1`, ... */
  readonly name: string;
  readonly role: LabRole;
  readonly endpoint: string;
  /** `h1`, ...; its directory is below the lab's. */
  readonly host: string;
  /** Installation directory, shared by the nodes of a host. */
  readonly server: string;
}
export interface LabArchive {
  /** As its name says: `2.00.8.12`, `2.00.8.12_JIT`. */
  readonly version: string;
  /** What its binary is. */
  readonly inside: string;
  readonly path: string;
}

/** `lab.json` at the top of a lab's directory. */
export interface LabFile {
  readonly lab: "dolphindb";
  readonly format: 1;
  readonly directory: string;
  readonly seed: number;
  /** Of the vendor's waits and time-outs: 1 is as long as theirs. */
  readonly scale: number;
  /** Of every host when the lab was made. */
  readonly release: string;
  readonly replicationFactor: number;
  readonly nodes: readonly LabNode[];
  readonly archives: readonly LabArchive[];
  readonly durations: Durations;
}

const path = (directory: string): string => join(directory, "lab.json");

/** Error with the directory when there is no lab. */
export function readLabFile(directory: string): LabFile {
  let text: string;
  try {
    text = readFileSync(path(directory), "utf8");
  } catch (error) {
    throw new Error(`${directory} holds no lab (there is no lab.json)`, { cause: error });
  }
  const file = JSON.parse(text) as LabFile;
  if (file.lab !== "dolphindb" || file.format !== 1) throw new Error(`${path(directory)} is not of a DolphinDB lab that this Stillwater knows`);
  return file;
}

export function writeLabFile(file: LabFile): void {
  const partial = `${path(file.directory)}.new`;
  writeFileSync(partial, `${JSON.stringify(file, null, 2)}\n`);
  renameSync(partial, path(file.directory));
}

export const nodesOf = ({ nodes }: LabFile, role: LabRole): readonly LabNode[] => nodes.filter((node) => node.role === role);
/** Error for a name that the lab does not have. */
export function nodeOf(lab: LabFile, name: string): LabNode {
  const found = lab.nodes.find((node) => node.name === name);
  if (found === undefined) throw new Error(`the lab has no node ${name}; it has ${lab.nodes.map((node) => node.name).join(", ")}`);
  return found;
}
export const hostsOf = ({ nodes }: LabFile): readonly string[] => [...new Set(nodes.map(({ host }) => host))];
export const clusterDirectoryOf = ({ server }: LabNode): string => join(server, "clusterDemo");

/** In `clusterDemo`, which no exchange of an installation touches: of which lab this is. */
const CONF = "lab.conf";
export const writeLabConf = (clusterDirectory: string, { directory }: LabFile): void => {
  writeFileSync(join(clusterDirectory, CONF), `# Stillwater lab\nlab=${directory}\n`);
};
/** Null: put to use by hand, outside of any lab. */
export const labOf = (clusterDirectory: string): string | null => {
  try {
    return /^lab=(.+)$/m.exec(readFileSync(join(clusterDirectory, CONF), "utf8"))?.[1] ?? null;
  } catch {
    return null;
  }
};
