import { readLabJson, writeLabJson } from "../../kit/lab-json.ts";
import { readFileSync } from "node:fs";
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

/** Error with the directory when there is no lab. */
export const readLabFile = (directory: string): LabFile => readLabJson<LabFile>(directory, { lab: "openmldb", title: "OpenMLDB" });
export const writeLabFile = (file: LabFile): void => writeLabJson(file);

/** In each installation directory, for the scripts and the processes in it; an exchange of bin/ leaves it alone. */
export const labConf = ({ directory, scale }: LabFile): string => `# Stillwater lab\nlab=${directory}\nscale=${String(scale)}\n`;
export const labOf = (installation: string): string | null => {
  try {
    return /^lab=(.+)$/m.exec(readFileSync(join(installation, "lab.conf"), "utf8"))?.[1] ?? null;
  } catch {
    return null;
  }
};
