// From what an operator asks for to a goal.
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { SystemDriver } from "../model/driver.ts";
import { StillwaterError } from "../model/errors.ts";
import type { Artefact, Goal, Maintenance, Mode } from "../model/goal.ts";
import type { Workspace } from "./workspace.ts";

/** A version, a change of settings, both, or a restart. */
export interface GoalRequest {
  readonly version?: string;
  /** Path of a local file. Alone, its own version is the goal. */
  readonly artefact?: string;
  /** Key to wanted value; null unsets. */
  readonly settings?: Readonly<Record<string, string | null>>;
  readonly restart?: boolean;
  readonly mode?: Mode | "auto";
  /** Names of nodes; absent is all. */
  readonly only?: readonly string[];
  readonly options?: Readonly<Record<string, string>>;
  readonly maintenance?: Maintenance;
}

/** Errors SW1001 (nothing asked for, or a node that is not there), SW1203, SW1205, SW1206. */
export async function goalOf(workspace: Workspace, driver: SystemDriver, request: GoalRequest): Promise<Goal> {
  const only = await checkedNodes(workspace, request.only);
  const artefact = request.artefact === undefined ? null : await readArtefact(driver, request.artefact);
  if (artefact !== null && request.version !== undefined && artefact.version !== request.version)
    throw new StillwaterError("SW1206", `The artefact holds ${artefact.version}, and the goal is ${request.version}.`, { object: artefact.path });
  const version = request.version ?? artefact?.version ?? null;
  const { maintenance, settings = {}, restart = false, mode = "auto", options = {} } = request;
  if (maintenance) refuseMaintenance(driver, maintenance.is);
  else refuseOptions(driver, options);
  const said: Goal = { version, artefact, settings, restart, mode, only, ...(maintenance ? { maintenance } : {}), options };
  const goal = (await driver.complete?.(said)) ?? said;
  if (!maintenance && version === null && Object.keys(goal.settings).length === 0 && !restart)
    throw new StillwaterError("SW1001", "Nothing is asked for.", {
      remedy: "Give --to VERSION --artifact PATH, --set KEY=VALUE, --unset KEY or --restart.",
    });
  return goal;
}

/** A slip of the pen in an option must not become a plan without it. */
function refuseOptions({ system, planOptions = {} }: SystemDriver, given: Readonly<Record<string, string>>): void {
  const unknown = Object.keys(given).find((key) => !Object.hasOwn(planOptions, key));
  if (unknown === undefined) return;
  const known = Object.entries(planOptions).map(([key, what]) => `${key}: ${what}`);
  throw new StillwaterError("SW1001", `Plans of ${system} have no option ${unknown}.`, {
    object: unknown,
    why: known,
    remedy: known.length === 0 ? "They have none." : `The options are: ${Object.keys(planOptions).join(", ")}.`,
  });
}

/** As it is typed. */
const verbOf: Readonly<Record<Maintenance["is"], string>> = {
  recover: "recover",
  drain: "drain NODE",
  restore: "restore NODE",
  "stop-programs": "programs stop",
  "start-programs": "programs start",
  backup: "backup",
  "restore-backup": "restore --backup DIR",
};

function refuseMaintenance(driver: SystemDriver, wanted: Maintenance["is"]): void {
  if ((driver.maintenance ?? []).includes(wanted)) return;
  throw new StillwaterError("SW1001", `Stillwater has no ${wanted} for ${driver.system}.`, {
    object: driver.system,
    remedy: driver.maintenance?.length
      ? `It has: ${driver.maintenance.map((each) => verbOf[each]).join(", ")}.`
      : wanted === "drain" || wanted === "restore" || wanted === "recover"
        ? "Nodes are moved out of the way by the plan that takes them down."
        : "Its users' work is not known here: stop, back up and start again by its own means.",
  });
}

async function checkedNodes(workspace: Workspace, only: readonly string[] | undefined): Promise<readonly string[] | null> {
  if (only === undefined) return null;
  const { nodes } = await workspace.definition();
  // Where nodes have a role of their own in the cluster file, the role stands for all of them; a node of that name comes first.
  const found = only.map((word) => {
    const named = nodes.filter(({ name }) => name === word);
    return named.length > 0 ? named : nodes.filter(({ options }) => options["role"] === word);
  });
  const unknown = only.filter((_, index) => found[index]?.length === 0);
  if (unknown.length > 0)
    throw new StillwaterError("SW1001", `The cluster file has no node ${unknown.join(", ")}.`, {
      object: unknown[0] ?? "",
      remedy: `The nodes are: ${nodes.map(({ name }) => name).join(", ")}.`,
    });
  return [...new Set(found.flat().map(({ name }) => name))];
}

async function readArtefact(driver: SystemDriver, path: string): Promise<Artefact> {
  const file = resolve(path);
  try {
    await access(file, constants.R_OK);
    await stat(file);
  } catch (error) {
    throw new StillwaterError("SW1203", `The artefact cannot be read: ${error instanceof Error ? error.message : String(error)}.`, {
      object: file,
      cause: error,
    });
  }
  return driver.artefact(file);
}
