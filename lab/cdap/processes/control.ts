// What `bin/cdap` of a lab does: the platform's packages and its process. Everything ends with 0 only when it is done.
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { processesBelow, stopAll, type LabProcess } from "../../kit/process-table.ts";
import { releaseOf } from "../logic/release.ts";
import { LabClient } from "./ask.ts";
import { installVersion, installedVersion, placesOf, readLabFile } from "./lab-file.ts";

/** Of the vendor's packages, at scale 1. */
const REPLACE_MS = 30_000;
const PATIENCE_MS = 30_000;
const SERVE = "serve";

/** Null: it does not run. */
export function processOf(directory: string): LabProcess | null {
  return processesBelow(placesOf(directory).installation).find(({ command }) => command.endsWith(` ${SERVE}`)) ?? null;
}

export async function start(directory: string): Promise<void> {
  if (processOf(directory) !== null) return;
  const lab = readLabFile(directory);
  const { installation, logs } = placesOf(directory);
  mkdirSync(logs, { recursive: true });
  const output = openSync(join(logs, "cdap.out"), "a");
  const main = join(import.meta.dirname, import.meta.filename.endsWith(".ts") ? "main.ts" : "main.js");
  const child = spawn(process.execPath, [main, directory, SERVE], { cwd: installation, detached: true, stdio: ["ignore", output, output] });
  let ended: string | null = null;
  child.once("error", (error) => (ended = error.message));
  child.once("exit", (code) => (ended = `exit code ${String(code)}`));
  closeSync(output);
  const client = new LabClient(lab);
  try {
    await client.until(
      `CDAP listens at ${lab.endpoint}`,
      async () => {
        if (ended !== null) throw new Error(`CDAP does not start: ${ended}; see ${join(logs, "cdap.out")}`);
        return (await client.call("GET", "/ping"))?.status === 200;
      },
      PATIENCE_MS,
    );
  } finally {
    client.close();
    child.removeAllListeners();
    child.unref();
  }
}
/** SIGTERM, as its service script does. */
export async function stop(directory: string): Promise<void> {
  const found = processOf(directory);
  if (found !== null) await stopAll([found], 5_000);
}
/** Stop, other packages, start: as facts 5.1 has it. Error for what is no version: nothing has happened then. */
export async function replace(directory: string, version: string): Promise<void> {
  releaseOf(version);
  const { scale } = readLabFile(directory);
  if (installedVersion(directory) !== version) {
    await stop(directory);
    await after(REPLACE_MS * scale);
    installVersion(directory, version);
  }
  await start(directory);
}
