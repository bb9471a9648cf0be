import { readLabJson, writeLabJson } from "../../kit/lab-json.ts";
import { readFileSync, writeFileSync } from "node:fs";
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

/** Error with the directory when there is no lab. */
export const readLabFile = (directory: string): LabFile => readLabJson<LabFile>(directory, { lab: "cdap", title: "CDAP" });
export const writeLabFile = (file: LabFile): void => writeLabJson(file);

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
