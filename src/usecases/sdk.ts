// The client libraries of applications: which of their files name a release that is behind the servers'.
import { readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { SdkFinding, SystemModule } from "../model/driver.ts";
import { StillwaterError } from "../model/errors.ts";

export interface SdkRequest {
  readonly module: SystemModule;
  readonly directory: string;
  readonly version: string;
  /** Edit what is behind in place. */
  readonly write: boolean;
}
export interface SdkChecked {
  readonly findings: readonly SdkFinding[];
  /** Files that were edited, or would be with `write`. */
  readonly edits: readonly { readonly file: string; readonly written: boolean }[];
}

/** Directories that hold other people's files, or copies. */
const passedBy = new Set(["node_modules", ".git", "target", "build", "dist", ".venv", "venv", "__pycache__"]);
const mostFiles = 100_000;

/** Reads every file of the directory that the system's SDK is named in. Errors SW1001: no such directory, too many files, a system without an SDK. */
export async function checkSdk({ module, directory, version, write }: SdkRequest): Promise<SdkChecked> {
  const checker = await module.sdk?.();
  if (!checker) throw new StillwaterError("SW1001", `Stillwater knows no SDK of ${module.title}.`, { object: module.system });
  const findings: SdkFinding[] = [];
  const edits: { readonly file: string; readonly written: boolean }[] = [];
  for (const path of await filesIn(directory, (name) => checker.reads(name))) {
    const name = relative(directory, path);
    const text = await readFile(path, "utf8");
    const checked = checker.check({ name, text }, version);
    findings.push(...checked.findings);
    if (checked.edited === null || checked.edited === text) continue;
    if (write) await replace(path, checked.edited);
    edits.push({ file: name, written: write });
  }
  return { findings, edits };
}

async function filesIn(directory: string, wanted: (name: string) => boolean): Promise<readonly string[]> {
  const found: string[] = [];
  let seen = 0;
  const walk = async (path: string): Promise<void> => {
    for (const entry of await readdir(path, { withFileTypes: true })) {
      if (++seen > mostFiles)
        throw new StillwaterError("SW1001", `${directory} holds more than ${mostFiles} files.`, {
          object: directory,
          remedy: "Name the directory of the application.",
        });
      if (entry.isDirectory() && !passedBy.has(entry.name)) await walk(join(path, entry.name));
      else if (entry.isFile() && wanted(entry.name)) found.push(join(path, entry.name));
    }
  };
  try {
    await walk(directory);
  } catch (error) {
    if (error instanceof StillwaterError) throw error;
    throw new StillwaterError("SW1001", `${directory} cannot be read: ${error instanceof Error ? error.message : String(error)}.`, {
      object: directory,
      cause: error,
    });
  }
  return found.sort();
}

/** Whole or not at all, and with the permissions that it had. */
async function replace(path: string, text: string): Promise<void> {
  const { mode } = await stat(path);
  const part = `${path}.stillwater`;
  await writeFile(part, text, { mode: mode & 0o777 });
  await rename(part, path);
}
