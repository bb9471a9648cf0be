// A lab from nothing: five processes, an installation with work in it, and the command by which its Manager is driven.
import { spawn } from "node:child_process";
import { chmodSync, closeSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { freePorts } from "../../kit/free-ports.ts";
import { checkScale, labDirectory } from "../../kit/up.ts";
import { componentNames, type ComponentName } from "../logic/cluster.ts";
import type { StreamJob } from "../logic/entities.ts";
import type { PlatformState } from "../logic/platform/platform.ts";
import { defaultSettings, scaled, type Settings } from "../logic/settings.ts";
import type { WorkloadOptions } from "../logic/workload.ts";
import { LabClient } from "./ask.ts";
import { aheadOf } from "./clocks.ts";
import { down } from "./down.ts";
import { commandOf, directoryOf, readWorkload, writeLabFile, type LabFile } from "./lab-file.ts";

export interface UpOptions {
  /** Absent: a new temporary directory. It must be empty or not exist. */
  readonly directory?: string | undefined;
  /** Of the application. */
  readonly release?: string | undefined;
  readonly seed?: number | undefined;
  /** Of the vendor's waits; 1 is as long as theirs. */
  readonly scale?: number | undefined;
  /** What the lab's clock shows when it begins, in UTC: `22:58`. */
  readonly at?: string | undefined;
  readonly settings?: Partial<Settings> | undefined;
  readonly work?: WorkloadOptions | undefined;
  readonly log?: ((line: string) => void) | undefined;
}
export const defaultRelease = "6.2.0.1";
const MINUTE = 60_000;

/** Error when an option is wrong, the directory is taken, or a component does not come up; what was started is stopped then. */
export async function up(options: UpOptions = {}): Promise<LabFile> {
  const { log = () => {} } = options;
  const lab = await plan(options);
  for (const name of componentNames) mkdirSync(directoryOf(lab, name), { recursive: true });
  writeLabFile(lab);
  writeCommand(lab);
  try {
    for (const name of componentNames) start(lab, name);
    await settle(lab, log);
    return lab;
  } catch (error) {
    await down(lab.directory);
    throw error;
  }
}

async function plan({ directory: wanted, release = defaultRelease, seed = 1, scale = 1, at, settings, work }: UpOptions): Promise<LabFile> {
  checkScale(scale);
  if (!/^\d+\.\d+\.\d+\.\d+$/.test(release)) throw new Error(`release: a version such as 6.2.0.1 is wanted, not ${release}`);
  const aheadMs = at === undefined ? 0 : aheadOf(at, Date.now());
  const directory = await labDirectory(wanted);
  const [openapi = "", console = "", platform = "", manager = "", executors = "", realtime = "", gateway = ""] = (await freePorts(7)).map(
    (port) => `127.0.0.1:${String(port)}`,
  );
  return {
    lab: "dataphin",
    format: 1,
    directory,
    seed,
    scale,
    release,
    aheadMs,
    endpoints: { openapi, console, platform, manager, executors, realtime, gateway },
    settings: { ...scaled(defaultSettings, scale), ...settings },
    work: work ?? { longJobs: 20, longMs: 30 * MINUTE * scale, shortMs: 20_000 * scale, everyMinutes: 1 },
  };
}

/** Source in a checkout, compiled where the package is installed. */
const main = join(import.meta.dirname, `main${extname(import.meta.filename)}`);

function writeCommand(lab: LabFile): void {
  const command = commandOf(lab);
  mkdirSync(dirname(command), { recursive: true });
  const words = [process.execPath, main, lab.directory, "command"].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  writeFileSync(command, `#!/bin/sh\n# Stillwater lab: drives its Dataphin Manager\nexec ${words} "$@"\n`);
  chmodSync(command, 0o755);
}

/** Belongs to nobody; what it says beside its log goes to a file. */
export function start(lab: LabFile, name: ComponentName): void {
  const cwd = directoryOf(lab, name);
  const output = openSync(join(cwd, "output"), "a");
  const child = spawn(process.execPath, [main, lab.directory, name], { cwd, detached: true, stdio: ["ignore", output, output] });
  child.unref();
  closeSync(output);
}

/** Everything listens, real-time jobs run, what is due runs, and every API has been called once: what was never used is not in the gateway's cache. */
async function settle(lab: LabFile, log: (line: string) => void): Promise<void> {
  const client = new LabClient(lab);
  const { endpoints } = lab;
  try {
    for (const name of componentNames)
      await client.until(`${name} listens`, async () => (await client.ask(endpoints[name], "GET", name === "platform" ? "/platform" : "/")) !== null);
    await client.until("the application is ready", async () => (await client.ask(endpoints.console, "GET", "/"))?.status === 200);
    const version = (await client.json<PlatformState>(endpoints.platform, "/platform"))?.version ?? "?";
    log(`lab: Dataphin ${version}: OpenAPI at ${endpoints.openapi}, console at ${endpoints.console}`);
    const jobs = (await client.json<{ readonly streamJobs: readonly StreamJob[] }>(endpoints.platform, "/lab/platform"))?.streamJobs ?? [];
    for (const { flinkId, name } of jobs) await client.ask(endpoints.realtime, "POST", "/lab/realtime/submit", { id: flinkId, name });
    log(`lab: ${String(jobs.length)} real-time jobs run`);
    const workload = readWorkload(lab);
    if (workload === null) throw new Error("the platform has written no workload");
    await client.until("what is due runs", async () => ((await runningIn(client, lab))?.length ?? 0) >= (lab.work.longJobs ?? 0));
    log(`lab: ${String((await runningIn(client, lab))?.length ?? 0)} instances run`);
    for (const [name, id] of Object.entries(workload.apis))
      for (const { key, secret } of name === "fields" ? [workload.apps.caller, workload.apps.partial] : [workload.apps.caller])
        await client.ask(endpoints.gateway, "GET", `/list/${String(id)}?appKey=${key}&appSecret=${secret}&env=PROD`);
    log(`lab: DataService at ${endpoints.gateway} serves ${String(Object.keys(workload.apis).length)} APIs`);
  } finally {
    client.close();
  }
}

/** Ids; null: the platform does not answer. */
export async function runningIn(client: LabClient, { endpoints }: LabFile): Promise<readonly string[] | null> {
  const reply = await client.ask(endpoints.platform, "POST", "/platform/instances", {});
  if (reply?.status !== 200) return null;
  return (JSON.parse(reply.body) as { readonly instances: readonly { readonly id: string }[] }).instances.map(({ id }) => id);
}
