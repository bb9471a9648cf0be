// Applies one patch to a copy of the tree and runs the check there. The checkout is never touched.
import { execFile, spawn } from "node:child_process";
import { cp, mkdtemp, readFile, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Check, Mutant } from "./list.ts";

const command = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));
export const patchOf = (name: string): string => join(root, "robustness", "mutants", `${name}.patch`);

/** A copy with its own sources, and the dependencies of the checkout. */
export async function copyTree(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), "stillwater-mutant-"));
  const apart = new Set(["node_modules", ".git", ".stillwater", "dist"]);
  for (const name of await readdir(root))
    if (!apart.has(name)) await cp(join(root, name), join(copy, name), { recursive: true, verbatimSymlinks: true });
  await symlink(join(root, "node_modules"), join(copy, "node_modules"));
  return copy;
}
export const removeTree = (copy: string): Promise<void> => rm(copy, { recursive: true, force: true });

/** Rejects when the patch does not apply. */
export async function patch(tree: string, name: string, options: readonly string[] = []): Promise<void> {
  await command("git", ["apply", ...options, patchOf(name)], { cwd: tree, env: { ...process.env, GIT_CEILING_DIRECTORIES: join(tree, "..") } });
}

export interface CheckResult {
  readonly failed: boolean;
  readonly output: string;
}
export async function runCheck(tree: string, check: Check): Promise<CheckResult> {
  const node = process.execPath;
  switch (check.by) {
    case "test": {
      const title = check.title === undefined ? [] : ["-t", check.title];
      return ran(node, ["node_modules/vitest/vitest.mjs", "run", check.file, ...title], tree);
    }
    case "matrix":
      return ran(node, ["robustness/matrix/main.ts", "--system", check.system, "--kind", check.kind, "--every", String(check.every), "--json"], tree);
    case "scenario":
      return ran(node, ["robustness/main.ts", "faults", "--workers", "1", "--only", check.name, "--json"], tree);
  }
}

function ran(program: string, args: readonly string[], cwd: string): Promise<CheckResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1" }, timeout: 300_000 });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.once("error", reject);
    child.once("close", (code) => resolve({ failed: code !== 0, output }));
  });
}

export const checkName = (check: Check): string => {
  switch (check.by) {
    case "test":
      return `${check.file}${check.title === undefined ? "" : ` -t ${JSON.stringify(check.title)}`}`;
    case "matrix":
      return `matrix ${check.system}/${check.kind}`;
    case "scenario":
      return `scenario ${JSON.stringify(check.name)}`;
  }
};

/** The words by which the check named the rule; of a test the assertion that failed, from its source: what is printed is cut to 80 columns. */
export async function named({ output }: CheckResult, { says, check }: Mutant, tree: string): Promise<string | null> {
  switch (check.by) {
    case "matrix":
      return [...new Set([...output.matchAll(new RegExp(says.source, "g"))].map(([counter]) => counter.replaceAll('"', "")))].join(", ") || null;
    case "scenario":
      return (
        output
          .split("\n")
          .find((line) => says.test(line))
          ?.trim()
          .slice(0, 160) ?? null
      );
    case "test": {
      const failed = output.split("\n").filter((line) => /^\s*(×|FAIL|AssertionError|\w*Error:)/.test(line));
      const places = [...output.matchAll(/^\s*❯ (\S+):(\d+):\d+$/gm)];
      const asserted = await Promise.all(
        places.map(async ([, file = "", line]) => {
          const text = await readFile(join(tree, file), "utf8").catch(() => "");
          return text.split("\n")[Number(line) - 1]?.trim() ?? "";
        }),
      );
      return (
        [...asserted, ...failed]
          .find((line) => says.test(line))
          ?.trim()
          .slice(0, 160) ?? null
      );
    }
  }
}
