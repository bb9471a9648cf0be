// Stillwater as an operator starts it: a process of its own, in a process group of its own that can be killed as a whole.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../bin/stillwater.mjs", import.meta.url));

export interface Call {
  readonly args: readonly string[];
  readonly clusterFile: string;
  readonly stateDirectory: string;
  /** `PLACE:N`: where it kills its own process group. */
  readonly failpoint?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** After that many milliseconds the group is killed, and the result says so. Default two minutes: nothing here takes longer. */
  readonly withinMs?: number;
}
export interface Ended {
  /** Null: ended by a signal. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
  /** It had to be ended from outside. */
  readonly timedOut: boolean;
}
export interface Process {
  readonly pid: number;
  /** To the whole process group. False: it is gone already. */
  kill(signal: NodeJS.Signals): boolean;
  readonly ended: Promise<Ended>;
}

export function start(call: Call): Process {
  const begun = performance.now();
  const child = spawn(process.execPath, [program, "--cluster", call.clusterFile, "--state", call.stateDirectory, "--json", ...call.args], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...call.environment, STILLWATER_FAILPOINT: call.failpoint ?? "" },
  });
  const pid = child.pid ?? 0;
  let [stdout, stderr, timedOut] = ["", "", false];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const kill = (signal: NodeJS.Signals): boolean => {
    try {
      return pid > 0 && process.kill(-pid, signal);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
      throw error;
    }
  };
  const timer = setTimeout(() => {
    timedOut = true;
    kill("SIGKILL");
  }, call.withinMs ?? 120_000);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    // `exit`, not `close`: a child of a child that holds the pipe must not be waited for.
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      setImmediate(() => resolve({ code, signal, stdout, stderr, ms: performance.now() - begun, timedOut }));
    });
  });
  return { pid, kill, ended };
}
export const call = (what: Call): Promise<Ended> => start(what).ended;

/** The JSON document of standard output, or null when there is none. */
export function documentOf(ended: Ended): Readonly<Record<string, unknown>> | null {
  try {
    const found: unknown = JSON.parse(ended.stdout);
    return typeof found === "object" && found !== null ? (found as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null; // killed before it could say anything
  }
}

/** In one line, for what is reported about a trial. */
export function inWords(ended: Ended): string {
  const how = ended.timedOut ? `killed after ${Math.round(ended.ms)} ms` : (ended.signal ?? `exit ${ended.code}`);
  const said = (ended.stdout + ended.stderr).replaceAll(/\s+/g, " ").trim();
  return `${how}: ${said.slice(0, 400)}`;
}
