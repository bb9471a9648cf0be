import { spawn } from "node:child_process";
import { StillwaterError } from "../../../model/errors.ts";
import type { ServerUser } from "./server-user.ts";

export interface RunOptions {
  /** Run as this user; null: as ourselves. */
  readonly user?: ServerUser | null;
  readonly directory?: string;
  /** Milliseconds; after that the command is killed and the answer is SW3003. */
  readonly timeoutMs?: number;
  /** Exit codes other than 0 that are answers. */
  readonly accept?: readonly number[];
}
export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command with a clean environment: what a user's PGHOST or LC_ALL would change must not reach the servers. Error SW3004 when it fails. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const [command = "", ...args] = argv;
  const identity = options.user == null ? {} : { uid: options.user.uid, gid: options.user.gid };
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.directory ?? "/",
      env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: options.timeoutMs ?? 30_000,
      killSignal: "SIGKILL",
      ...identity,
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.once("error", (cause) =>
      reject(new StillwaterError("SW3002", `${command} cannot be started`, { object: command, why: [cause.message], cause })),
    );
    child.once("close", (code, signal) => {
      const result = { code: code ?? -1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
      if (result.code === 0 || (options.accept ?? []).includes(result.code)) resolve(result);
      else {
        const why = [...result.stderr.trim().split("\n"), ...result.stdout.trim().split("\n")].filter((line) => line !== "").slice(-12);
        reject(
          signal === "SIGKILL"
            ? new StillwaterError("SW3003", `${command} did not end in time`, { object: command, why })
            : new StillwaterError("SW3004", `${command} failed with exit code ${String(code)}`, { object: command, why }),
        );
      }
    });
  });
}
