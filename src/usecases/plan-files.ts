// Plans as files: <state>/plans/<short hash>.json.
import { mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { StillwaterError } from "../model/errors.ts";
import type { Plan } from "../model/plan.ts";
import { parsePlan } from "../planner/schema/parse.ts";
import { shortHash } from "../planner/plan.ts";
import type { Workspace } from "./workspace.ts";

const directoryOf = (workspace: Workspace): string => join(workspace.stateDirectory, "plans");

/** Writes the plan, readable by its owner alone (it names hosts, paths and settings). Returns the file's path. */
export async function savePlan(workspace: Workspace, plan: Plan): Promise<string> {
  const directory = directoryOf(workspace);
  const file = join(directory, `${shortHash(plan)}.json`);
  // Written beside and renamed: a full disk leaves no half plan under a plan's name.
  const unfinished = `${file}.${process.pid}.tmp`;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(unfinished, `${JSON.stringify(plan, null, 2)}\n`, { mode: 0o600 });
  await rename(unfinished, file);
  return file;
}

/** By a path, or by the beginning of a hash that only one plan has. Errors SW1002, SW1202, SW1208, SW1209. */
export async function loadPlan(workspace: Workspace, name: string): Promise<Plan> {
  return read(await find(workspace, name));
}

async function find(workspace: Workspace, name: string): Promise<string> {
  if (/^[0-9a-f]{4,64}$/.test(name)) {
    const files = (await planFiles(workspace)).filter((file) => {
      const short = basename(file, ".json");
      return short.startsWith(name) || name.startsWith(short);
    });
    if (files.length > 1)
      throw new StillwaterError("SW1002", `${name} is the beginning of ${files.length} plans.`, {
        object: name,
        why: files.map((file) => basename(file, ".json")),
        remedy: "Give more digits of the hash.",
      });
    if (files[0] !== undefined) return files[0];
  }
  const path = resolve(name);
  if (await isFile(path)) return path;
  throw new StillwaterError("SW1002", `There is no plan ${JSON.stringify(name)}.`, {
    object: name,
    why: [`looked for a plan whose hash begins so in ${directoryOf(workspace)}, and for a file of that name`],
  });
}

async function read(file: string): Promise<Plan> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new StillwaterError("SW1208", `The plan file cannot be read: ${messageOf(error)}.`, { object: file, cause: error });
  }
  return parsePlan(text, file);
}

export interface ListedPlan {
  readonly file: string;
  /** Null: the file is damaged; `why` says how. */
  readonly plan: Plan | null;
  readonly why: string | null;
}
/** Every plan of the workspace, read one by one, in no order: many of a large platform would not fit into memory. Damaged files are listed as such. */
export async function* listPlans(workspace: Workspace): AsyncGenerator<ListedPlan, void, undefined> {
  for (const file of await planFiles(workspace)) {
    let listed: ListedPlan;
    try {
      listed = { file, plan: await read(file), why: null };
    } catch (error) {
      listed = { file, plan: null, why: messageOf(error) };
    }
    yield listed;
  }
}

async function planFiles(workspace: Workspace): Promise<readonly string[]> {
  try {
    const names = await readdir(directoryOf(workspace));
    return names.filter((name) => /^[0-9a-f]+\.json$/.test(name)).map((name) => join(directoryOf(workspace), name));
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

const isFile = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (isAbsent(error)) return false;
    throw new StillwaterError("SW1208", `The plan file cannot be read: ${messageOf(error)}.`, { object: path, cause: error });
  }
};
const isAbsent = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR" || error.code === "ENAMETOOLONG");
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
