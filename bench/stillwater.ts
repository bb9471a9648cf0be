// The command line as users start it, measured from outside.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const binary = fileURLToPath(new URL("../bin/stillwater.mjs", import.meta.url));
const preload = new URL("./usage.mjs", import.meta.url).href;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly wallMs: number;
  /** Of the process itself, without its children. Null: it was killed. */
  readonly usage: { readonly cpuMs: number; readonly maxRssMb: number } | null;
}

/** Error when it ends with another code than one of `exits`. */
export async function stillwater(clusterFile: string, args: readonly string[], exits: readonly number[] = [0]): Promise<Ended> {
  const directory = dirname(clusterFile);
  const usageFile = join(directory, `usage-${process.pid}.json`);
  const started = performance.now();
  const child = spawn(binary, args, {
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, STILLWATER_USAGE_FILE: usageFile, NODE_OPTIONS: `--import ${preload}` },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const wallMs = performance.now() - started;
  const usage = existsSync(usageFile) ? (JSON.parse(readFileSync(usageFile, "utf8")) as Ended["usage"]) : null;
  rmSync(usageFile, { force: true });
  if (code === null || !exits.includes(code)) throw new Error(`stillwater ${args.join(" ")} ended with ${code}:\n${stdout}\n${stderr}`);
  return { code, stdout, wallMs, usage };
}

/** From the start of the process to its end, without a shell, as often as asked. */
export async function startUps(args: readonly string[], times: number): Promise<readonly number[]> {
  const taken: number[] = [];
  for (let n = 0; n < times; n++) {
    const started = performance.now();
    await new Promise<void>((resolve, reject) => {
      const child = spawn(binary, args, { stdio: "ignore" });
      child.once("error", reject);
      child.once("close", () => resolve());
    });
    taken.push(performance.now() - started);
  }
  return taken;
}
