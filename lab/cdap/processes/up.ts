// A lab from nothing: an installation, its script, and the platform started with work in it.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { freePorts } from "../../kit/free-ports.ts";
import { checkCount, checkScale, labDirectory } from "../../kit/up.ts";
import { releaseOf } from "../logic/release.ts";
import { LabClient } from "./ask.ts";
import { start } from "./control.ts";
import { down } from "./down.ts";
import { installVersion, placesOf, writeLabFile, type LabFile } from "./lab-file.ts";
import { writeContents } from "./server.ts";
import type { Contents } from "./settings.ts";
import { activeRuns } from "./status.ts";

export interface UpOptions extends Contents {
  /** Absent: a new temporary directory. It must be empty or not exist. */
  readonly directory?: string | undefined;
  /** With which the platform begins. */
  readonly release?: string | undefined;
  readonly seed?: number | undefined;
  /** Of the platform's waits and time-outs; 1 is as long as theirs. */
  readonly scale?: number | undefined;
  /** Perimeter security: an authentication server, and no answer without its token. */
  readonly secure?: boolean | undefined;
  readonly log?: ((line: string) => void) | undefined;
}
export const defaultRelease = "6.8.3";
const PATIENCE_MS = 60_000;

/** Error when an option is wrong, the directory is taken, or the platform does not come up: nothing runs then. */
export async function up(options: UpOptions = {}): Promise<LabFile> {
  const { directory: _, release: __, seed: ___, scale: ____, secure: _____, log = () => {}, ...contents } = options;
  const lab = await plan(options);
  const places = placesOf(lab.directory);
  for (const each of [places.installation, places.data, places.files, places.logs, dirname(places.command)]) mkdirSync(each, { recursive: true });
  writeLabFile(lab);
  writeContents(lab.directory, contents);
  installVersion(lab.directory, lab.release);
  writeCommand(lab);
  try {
    await start(lab.directory);
    log(`lab: CDAP ${lab.release} listens at ${lab.endpoint}`);
    await settle(lab, log);
    return lab;
  } catch (error) {
    await down(lab.directory);
    throw error;
  }
}

async function plan({
  directory: wanted,
  release = defaultRelease,
  seed = 1,
  scale = 1,
  secure = false,
  apps,
  programs,
}: UpOptions): Promise<LabFile> {
  releaseOf(release);
  checkScale(scale);
  for (const [name, value] of Object.entries({ apps, programs })) if (value !== undefined) checkCount(name, value, 0);
  const directory = await labDirectory(wanted);
  const [router = 0, authentication = 0] = await freePorts(2);
  const at = (port: number): string => `127.0.0.1:${String(port)}`;
  return { lab: "cdap", format: 1, directory, seed, scale, release, endpoint: at(router), authentication: secure ? at(authentication) : null };
}

/** The platform's own script, and the command by which Stillwater replaces it. */
function writeCommand({ directory }: LabFile): void {
  const { command } = placesOf(directory);
  const main = join(import.meta.dirname, import.meta.filename.endsWith(".ts") ? "main.ts" : "main.js");
  const words = [process.execPath, main, directory].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  writeFileSync(command, `#!/bin/sh\n# Stillwater lab: start, stop, restart, status, replace VERSION\nexec ${words} "$@"\n`);
  chmodSync(command, 0o755);
}

/** Ready, and everything that begins with the lab runs. */
async function settle(lab: LabFile, log: (line: string) => void): Promise<void> {
  const client = new LabClient(lab);
  try {
    const patience = PATIENCE_MS * (1 + lab.scale);
    await client.until(
      "every service is OK",
      async () => {
        const services = await client.json<Record<string, string>>("/v3/system/services/status");
        return services !== null && Object.values(services).every((status) => status === "OK");
      },
      patience,
    );
    log("lab: every service is OK");
    await client.until("every program of the lab runs", async () => (await activeRuns(client)).every(({ status }) => status === "RUNNING"), patience);
    const runs = (await activeRuns(client)).filter(({ namespace, parent }) => namespace !== "system" && parent === null);
    log(`lab: ${String(runs.length)} programs run`);
  } finally {
    client.close();
  }
}
