// Start and stop one server by its data directory. A pid is believed only while its process works in that directory.
import { readFile, readlink, realpath } from "node:fs/promises";
import { join } from "node:path";
import { StillwaterError, Unreachable } from "../../../model/errors.ts";
import { run } from "./command.ts";
import { until } from "./deadline.ts";
import type { ServerUser } from "./server-user.ts";

export interface Server {
  /** Directory with bin/pg_ctl. */
  readonly installation: string;
  readonly dataDirectory: string;
  readonly logFile: string;
  readonly user: ServerUser | null;
}

interface PidFile {
  readonly pid: number;
  /** System V shared memory that a killed server leaves behind; null: none named. */
  readonly sharedMemory: string | null;
}

async function pidFile(dataDirectory: string): Promise<PidFile | null> {
  let text: string;
  try {
    text = await readFile(join(dataDirectory, "postmaster.pid"), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  return Number.isInteger(pid) && pid > 1 ? { pid, sharedMemory: lines[6]?.trim().split(/\s+/)[1] ?? null } : null;
}

async function worksIn(pid: number, directory: string): Promise<boolean> {
  try {
    const state = (await readFile(`/proc/${String(pid)}/stat`, "utf8")).split(") ").at(-1)?.charAt(0);
    return state !== "Z" && state !== "X" && (await readlink(`/proc/${String(pid)}/cwd`)) === (await realpath(directory));
  } catch (error) {
    // Gone. (A process of another user may not be read, but then it is not our server.)
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

/** The pid of the running postmaster; null: not running. */
export async function runningPid(dataDirectory: string): Promise<number | null> {
  const file = await pidFile(dataDirectory);
  return file !== null && (await worksIn(file.pid, dataDirectory)) ? file.pid : null;
}

/** Returns once the server accepts connections. Error SW3004 with the last lines of its log. */
export async function startServer(server: Server, timeoutMs = 30_000): Promise<void> {
  const argv = [
    join(server.installation, "bin", "pg_ctl"),
    "start",
    "-D",
    server.dataDirectory,
    "-l",
    server.logFile,
    "-w",
    "-t",
    String(timeoutMs / 1000),
  ];
  try {
    await run(argv, { user: server.user, timeoutMs: timeoutMs + 5000 });
  } catch (cause) {
    const log = await readFile(server.logFile, "utf8").catch(() => "");
    throw new Unreachable(`the server in ${server.dataDirectory} did not start`, {
      code: "SW3004",
      object: server.dataDirectory,
      why: [...(cause instanceof Error ? [cause.message] : []), ...log.trim().split("\n").slice(-8)],
      cause,
    });
  }
}

/** `fast`: clients are cut, everything is written, standbys receive the end of the log. `immediate`: as after a crash. `kill`: the crash itself. */
export type StopMode = "fast" | "immediate" | "kill";
const signals = { fast: "SIGINT", immediate: "SIGQUIT", kill: "SIGKILL" } as const;

/** Returns once the postmaster is gone; does nothing when it does not run. A signal instead of pg_ctl, which looks only ten times a second. */
export async function stopServer(server: Pick<Server, "dataDirectory">, mode: StopMode = "fast", timeoutMs = 30_000): Promise<void> {
  const pid = await runningPid(server.dataDirectory);
  if (pid === null) return;
  const children = mode === "kill" ? await childrenOf(pid) : [];
  // A backend that outlives its postmaster for an instant must not touch a data directory that is put back meanwhile.
  for (const victim of [pid, ...children]) signal(victim, signals[mode]);
  await until(`stop of ${server.dataDirectory}`, timeoutMs, async () => {
    for (const each of [pid, ...children]) if (await worksIn(each, server.dataDirectory)) return null;
    return true;
  });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${String(pid)}/task/${String(pid)}/children`, "utf8").catch(() => "");
  return text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== "")
    .map(Number);
}

/** A server that was killed leaves a segment of shared memory; a machine has only a few thousand, and a test matrix kills often. */
export async function removeSharedMemory(server: Pick<Server, "dataDirectory" | "user">): Promise<void> {
  const file = await pidFile(server.dataDirectory);
  if (file?.sharedMemory == null || (await worksIn(file.pid, server.dataDirectory))) return;
  try {
    // Exit 1: it is gone already.
    await run(["ipcrm", "-m", file.sharedMemory], { user: server.user, accept: [1] });
  } catch (error) {
    // A machine without ipcrm keeps a few bytes until it is started again; that must not keep the rest from being removed.
    if (!(error instanceof StillwaterError) || error.code !== "SW3002") throw error;
  }
}
