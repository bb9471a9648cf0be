import { readLabJson, writeLabJson } from "../../kit/lab-json.ts";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { componentNames, type ComponentName, type Endpoints } from "../logic/cluster.ts";
import type { Settings } from "../logic/settings.ts";
import type { Workload, WorkloadOptions } from "../logic/workload.ts";

/** `lab.json` at the top of a lab's directory. */
export interface LabFile {
  readonly lab: "dataphin";
  readonly format: 1;
  readonly directory: string;
  readonly seed: number;
  /** Of the vendor's waits: 1 is as long as theirs. */
  readonly scale: number;
  /** Of the application when the lab was made. */
  readonly release: string;
  /** The lab's clock is so many milliseconds ahead of this machine's. */
  readonly aheadMs: number;
  readonly endpoints: Endpoints;
  readonly settings: Settings;
  readonly work: WorkloadOptions;
}

/** Error with the directory when there is no lab. */
export const readLabFile = (directory: string): LabFile => readLabJson<LabFile>(directory, { lab: "dataphin", title: "Dataphin" });
export const writeLabFile = (file: LabFile): void => writeLabJson(file);
/** There is never half of it. */
export function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** A component works in a directory of its own: that is what its process is found by. */
export const directoryOf = ({ directory }: LabFile, name: ComponentName): string => join(directory, name);
export const commandOf = ({ directory }: LabFile): string => join(directory, "bin", "dataphin-manager");

const workloadPath = ({ directory }: LabFile): string => join(directory, "workload.json");
export const writeWorkload = (lab: LabFile, workload: Workload): void => {
  writeWhole(workloadPath(lab), JSON.stringify(workload));
};
/** Null: the platform has not begun yet. */
export function readWorkload(lab: LabFile): Workload | null {
  try {
    return JSON.parse(readFileSync(workloadPath(lab), "utf8")) as Workload;
  } catch {
    return null;
  }
}

/** Error for a name that the lab does not have. */
export function componentOf(name: string): ComponentName {
  const found = componentNames.find((each) => each === name);
  if (found === undefined) throw new Error(`the lab has no component ${name}; it has ${componentNames.join(", ")}`);
  return found;
}
