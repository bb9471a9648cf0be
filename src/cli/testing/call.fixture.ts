// The real command line as a child process, with the quarry registered.
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { isDead } from "../../journal/process-identity.ts";
import type { Holder } from "../../journal/store.ts";
import { sidecarFiles } from "../../usecases/sidecar.ts";
import { freshQuarry, readQuarry, writeQuarry, type QuarryFile } from "./quarry.fixture.ts";

const binary = fileURLToPath(new URL("../../../bin/stillwater.mjs", import.meta.url));
const register = fileURLToPath(new URL("quarry-register.fixture.ts", import.meta.url));

export interface Answer {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}
export interface Call {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly done: Promise<Answer>;
  /** Resolves when standard output or error has held this text; rejects when the process ended without. */
  said(text: string): Promise<void>;
}

/** A directory with a quarry, its cluster file and a release; removed by `close`. */
export class Place {
  readonly directory = mkdtempSync(join(tmpdir(), "stillwater-cli-"));
  readonly quarry = join(this.directory, "quarry.json");

  constructor() {
    writeQuarry(this.quarry, freshQuarry());
    writeFileSync(join(this.directory, "quarry-17.10.tar.gz"), "quarry 17.10\n");
  }
  file(name: string, text: string): string {
    const path = join(this.directory, name);
    writeFileSync(path, text);
    return path;
  }
  change(edit: (quarry: QuarryFile) => void): void {
    const quarry = readQuarry(this.quarry);
    edit(quarry);
    writeQuarry(this.quarry, quarry);
  }
  close(): void {
    this.#endSidecars();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** The watchdog of a run that stands still lives on by design; here nobody will come back for it. */
  #endSidecars(): void {
    for (const state of [".stillwater", "other"]) {
      const runs = join(this.directory, state, "runs");
      for (const run of existsSync(runs) ? readdirSync(runs) : []) {
        const identity = join(runs, run, sidecarFiles.process);
        if (!existsSync(identity)) continue;
        const holder = JSON.parse(readFileSync(identity, "utf8")) as Holder;
        if (!isDead(holder)) process.kill(holder.pid, "SIGKILL");
      }
    }
  }

  start(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Call {
    const child = spawn(process.execPath, ["--import", register, binary, ...args], {
      cwd: this.directory,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, TZ: "UTC", NO_COLOR: "", ...environment },
    });
    let [out, err] = ["", ""];
    const listeners = new Set<() => void>();
    const heard = (): void => {
      for (const listener of listeners) listener();
    };
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      out += chunk;
      heard();
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      err += chunk;
      heard();
    });
    const done = new Promise<Answer>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => resolve({ code, signal, out, err }));
    });
    const said = (text: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!out.includes(text) && !err.includes(text)) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
        void done.then(() => reject(new Error(`ended without saying ${text}: ${out}${err}`)));
      });
    return { child, done, said };
  }
  run(...args: readonly string[]): Promise<Answer> {
    return this.start(args).done;
  }
  /** Plans 17.10 and returns the plan's short hash. */
  async plan(): Promise<string> {
    const { out, err } = await this.run("plan", "--to", "17.10", "--artifact", "quarry-17.10.tar.gz", "--json");
    if (out === "") throw new Error(err);
    return (JSON.parse(out) as { readonly name: string }).name;
  }
}
