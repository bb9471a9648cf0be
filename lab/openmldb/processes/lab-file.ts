import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Component, Durations } from "../logic/node.ts";

export type Role = Component["role"];

export interface LabNode {
  /** `tablet1`, `nameserver2`, ... */
  readonly name: string;
  readonly role: Role;
  /** As start.sh calls it. */
  readonly component: string;
  readonly endpoint: string;
  /** bin/, conf/, data beside them. Several components may share one. */
  readonly directory: string;
}
export interface LabTable {
  readonly db: string;
  readonly name: string;
  readonly partitions: number;
  readonly replicas: number;
}
export interface LabArchive {
  /** As its name says. */
  readonly version: string;
  /** What is inside. */
  readonly inside: string;
  readonly path: string;
}

/** `lab.json` at the top of a lab's directory. */
export interface LabFile {
  readonly lab: "openmldb";
  readonly format: 1;
  readonly directory: string;
  readonly seed: number;
  /** Of the vendor's waits and time-outs: 1 is as long as theirs. */
  readonly scale: number;
  /** Of every node when the lab was made. */
  readonly release: string;
  readonly zookeeper: { readonly endpoint: string; readonly control: string; readonly rootPath: string };
  readonly nodes: readonly LabNode[];
  readonly tables: readonly LabTable[];
  readonly archives: readonly LabArchive[];
  readonly sparkHome: string;
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
  if (file.lab !== "openmldb" || file.format !== 1) throw new Error(`${path(directory)} is not of an OpenMLDB lab that this Stillwater knows`);
  return file;
}

export function writeLabFile(file: LabFile): void {
  const partial = `${path(file.directory)}.new`;
  writeFileSync(partial, `${JSON.stringify(file, null, 2)}\n`);
  renameSync(partial, path(file.directory));
}

/** In each installation directory, for the scripts and the processes in it; an exchange of bin/ leaves it alone. */
export const labConf = ({ directory, scale }: LabFile): string => `# Stillwater lab\nlab=${directory}\nscale=${String(scale)}\n`;
export const labOf = (installation: string): string | null => {
  try {
    return /^lab=(.+)$/m.exec(readFileSync(join(installation, "lab.conf"), "utf8"))?.[1] ?? null;
  } catch {
    return null;
  }
};
