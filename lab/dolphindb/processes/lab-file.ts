import { readLabJson, writeLabJson } from "../../kit/lab-json.ts";
import { readFileSync, writeFileSync } from "node:fs";
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

/** Error with the directory when there is no lab. */
export const readLabFile = (directory: string): LabFile => readLabJson<LabFile>(directory, { lab: "dolphindb", title: "DolphinDB" });
export const writeLabFile = (file: LabFile): void => writeLabJson(file);

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
