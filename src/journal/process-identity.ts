import { readFileSync, readlinkSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import type { Holder } from "./store.ts";

/** This process as the holder of a claim. */
export function thisHolder(verb: string): Holder {
  return {
    operator: operatorName(process.env),
    host: hostname(),
    pid: process.pid,
    startTicks: processState(process.pid)?.startTicks ?? 0,
    bootId: bootIdentity(),
    verb,
  };
}

/**
 * True only when it is certain that the holder can never act again. A holder on another machine is never known to be dead: its
 * claim is waited out.
 */
export function isDead(holder: Holder): boolean {
  return judge(holder, { host: hostname(), bootId: bootIdentity(), exists, processState });
}

/** What `isDead` sees of this machine; passed in by tests. */
export interface Surroundings {
  readonly host: string;
  readonly bootId: string;
  exists(pid: number): boolean;
  processState(pid: number): { readonly startTicks: number; readonly state: string } | null;
}

export function judge(holder: Holder, here: Surroundings): boolean {
  if (holder.host !== here.host) return false;
  const [boot, namespace] = holder.bootId.split(" ");
  const [bootHere, namespaceHere] = here.bootId.split(" ");
  if (boot !== bootHere) return true;
  // In another pid namespace (a container that shares the directory) the number means another process, and ours cannot be seen from there.
  if (namespace !== namespaceHere) return false;
  if (!here.exists(holder.pid)) return true;
  const state = here.processState(holder.pid);
  // It exists but may not be looked at: it may be the holder.
  if (state === null) return false;
  if (state.startTicks !== holder.startTicks) return true;
  return state.state === "Z" || state.state === "X";
}

/** The person, not the account: under sudo that is the one who called it. */
export function operatorName(environment: Readonly<Record<string, string | undefined>>): string {
  const named = [environment["SUDO_USER"], environment["USER"]].find((name) => name !== undefined && name !== "");
  if (named !== undefined) return named;
  try {
    return userInfo().username;
  } catch {
    // No account of this number (a container started with --user): the number is the best name there is.
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}

let ownBootIdentity: string | null = null;
/** Boot id and pid namespace, separated by a space; neither changes while a process lives. Each is `unknown` where the system does not tell. */
function bootIdentity(): string {
  ownBootIdentity ??= `${textOf(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim())} ${textOf(() => readlinkSync("/proc/self/ns/pid"))}`;
  return ownBootIdentity;
}
function textOf(read: () => string): string {
  try {
    return read();
  } catch {
    return "unknown";
  }
}

/** Asked of the kernel and not of /proc, which hides the processes of other users on some machines (hidepid). */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it exists and is somebody else's.
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

function processState(pid: number): { readonly startTicks: number; readonly state: string } | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return null;
  }
  return parseStat(text);
}

/** The second field is the program's name in brackets, and may itself hold spaces and brackets: what counts starts after the last one. */
export function parseStat(text: string): { readonly startTicks: number; readonly state: string } | null {
  const fields = text
    .slice(text.lastIndexOf(")") + 1)
    .trim()
    .split(" ");
  const state = fields[0];
  const startTicks = Number(fields[19]);
  if (state === undefined || fields[19] === undefined || !Number.isSafeInteger(startTicks)) return null;
  return { state, startTicks };
}
