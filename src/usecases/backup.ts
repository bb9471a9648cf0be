// Definitions copied to a directory of this machine, and put back from one.
import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import { StillwaterError } from "../model/errors.ts";
import { planCluster, type Planned } from "./plan.ts";
import type { Workspace } from "./workspace.ts";

export interface Overrides {
  readonly overrides?: readonly { readonly code: string; readonly reason: string }[];
}
/** `to` null: a new directory below the state directory. Errors of `planCluster`; SW1001 when the system has no definitions to copy, or the directory is taken. */
export async function planBackup(workspace: Workspace, { to, overrides = [] }: Overrides & { readonly to: string | null }): Promise<Planned> {
  const { cluster } = await workspace.definition();
  const name = `${cluster}-${new Date(workspace.now()).toISOString().replaceAll(/[:.]/g, "")}`;
  const directory = to === null ? join(workspace.stateDirectory, "backups", name) : resolve(to);
  if (await exists(directory))
    throw new StillwaterError("SW1001", `${directory} is there already.`, {
      object: directory,
      remedy: "Name another directory: a backup never overwrites.",
    });
  return planCluster(workspace, { maintenance: { is: "backup", directory }, overrides });
}
/** `app` null: everything. Errors of `planCluster`, SW1001 when there is no such directory. */
export async function planRestore(
  workspace: Workspace,
  { from, app, overrides = [] }: Overrides & { readonly from: string; readonly app: string | null },
): Promise<Planned> {
  const directory = resolve(from);
  if (!(await exists(directory))) throw new StillwaterError("SW1001", `There is no directory ${directory}.`, { object: directory });
  return planCluster(workspace, { maintenance: { is: "restore-backup", directory, app }, overrides });
}
const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
