import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as after } from "node:timers/promises";

/** A process by its pid and the instant at which it began: a pid alone may be somebody else's a moment later. */
export interface LabProcess {
  readonly pid: number;
  readonly startTicks: string;
  readonly directory: string;
  readonly command: string;
}

/** Null: there is no such process, it is not ours to see, or it only waits to be reaped. */
export function processOf(pid: number): LabProcess | null {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, "latin1");
    // The name of the program stands in parentheses and may hold blanks.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state] = fields;
    const startTicks = fields[19];
    if (startTicks === undefined || state === "Z" || state === "X") return null;
    return {
      pid,
      startTicks,
      directory: readlinkSync(`/proc/${String(pid)}/cwd`),
      command: readFileSync(`/proc/${String(pid)}/cmdline`, "utf8")
        .replaceAll("\0", " ")
        .trim(),
    };
  } catch {
    return null;
  }
}

export const isAlive = ({ pid, startTicks }: LabProcess): boolean => processOf(pid)?.startTicks === startTicks;

/** Every process that works below that directory: components, what keeps them alive, and those whose pid file is gone. */
export function processesBelow(directory: string): readonly LabProcess[] {
  const found: LabProcess[] = [];
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const one = processOf(pid);
    if (one !== null && (one.directory === directory || one.directory.startsWith(`${directory}/`))) found.push(one);
  }
  return found;
}

const signal = (one: LabProcess, name: NodeJS.Signals): void => {
  if (!isAlive(one)) return;
  try {
    process.kill(one.pid, name);
  } catch {
    // It ended by itself in between.
  }
};

/** SIGTERM, and SIGKILL to those that are still there after that time. */
export async function stopAll(processes: readonly LabProcess[], graceMs = 2000): Promise<void> {
  for (const one of processes) signal(one, "SIGTERM");
  const end = Date.now() + graceMs;
  while (processes.some(isAlive) && Date.now() < end) await after(20);
  for (const one of processes) signal(one, "SIGKILL");
  while (processes.some(isAlive)) await after(20);
}
