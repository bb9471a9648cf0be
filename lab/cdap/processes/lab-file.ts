import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** `lab.json` at the top of a lab's directory. */
export interface LabFile {
  readonly lab: "cdap";
  readonly format: 1;
  readonly directory: string;
  readonly seed: number;
  /** Of the platform's waits and time-outs: 1 is as long as theirs. */
  readonly scale: number;
  /** With which the lab began. */
  readonly release: string;
  /** HOST:PORT of the router. */
  readonly endpoint: string;
  /** HOST:PORT of the authentication server; null: no perimeter security. */
  readonly authentication: string | null;
}

/** User and password of whoever operates the lab, where it has perimeter security. */
export const operator = { user: "admin", password: "lab-admin" } as const;

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
  if (file.lab !== "cdap" || file.format !== 1) throw new Error(`${path(directory)} is not of a CDAP lab that this Stillwater knows`);
  return file;
}
export function writeLabFile(file: LabFile): void {
  const partial = `${path(file.directory)}.new`;
  writeFileSync(partial, `${JSON.stringify(file, null, 2)}\n`);
  renameSync(partial, path(file.directory));
}

/** Where things lie in a lab's installation. */
export const placesOf = (directory: string) =>
  ({
    installation: join(directory, "cdap"),
    /** What its packages are: one line. */
    version: join(directory, "cdap", "VERSION"),
    /** What a backup of the platform's storage would hold. */
    data: join(directory, "cdap", "data"),
    state: join(directory, "cdap", "data", "state.json"),
    /** Checkpoint directories of real-time pipelines, as they would lie in a distributed file system. */
    files: join(directory, "cdap", "data", "files"),
    logs: join(directory, "cdap", "logs"),
    /** `cdap start|stop|restart|status|replace VERSION`. */
    command: join(directory, "bin", "cdap"),
  }) as const;

/** The version of the packages that are installed now. */
export const installedVersion = (directory: string): string => readFileSync(placesOf(directory).version, "utf8").trim();
export const installVersion = (directory: string, version: string): void => {
  writeFileSync(placesOf(directory).version, `${version}\n`);
};
