// What can be seen of a step in Dataphin Manager from outside (no API tells of the Manager itself: facts 3.2). Unreachable is never an answer: a look that
// gets none throws, or says that it waits.
import { Refused } from "../../../model/errors.ts";
import type { DpCluster } from "../cluster.ts";
import { isVersion } from "../version.ts";
import { getServerVersion } from "../wire/operations/version.ts";
import { listProjects } from "../wire/operations/projects.ts";
import { ApiRefused, NotReady } from "../wire/caller.ts";
import { readConsole } from "./console.ts";

export type Observation =
  | { readonly is: "holds"; readonly evidence: string }
  | { readonly is: "not yet"; readonly why: string }
  /** Nothing outside the Manager tells. */
  | { readonly is: "invisible" };

const notYet = (why: string): Observation => ({ is: "not yet", why });
const holds = (evidence: string): Observation => ({ is: "holds", evidence });

export async function consoleOpen(cluster: DpCluster): Promise<Observation> {
  const { state, why } = await readConsole(cluster);
  return state === "accessible"
    ? holds(`${cluster.logonUrl} lets users log on`)
    : notYet(`${cluster.logonUrl} to let users log on (${state}${why === "" ? "" : `: ${why}`})`);
}
export async function consoleClosed(cluster: DpCluster): Promise<Observation> {
  const { state } = await readConsole(cluster);
  return state === "maintenance" || state === "stopped"
    ? holds(`${cluster.logonUrl} lets nobody log on (${state})`)
    : notYet(`${cluster.logonUrl} to be in maintenance (${state})`);
}

/** Stopped: refused, or a front that says it has nothing behind it. A time-out is no evidence. */
export async function applicationDown(cluster: DpCluster): Promise<Observation> {
  try {
    await listProjects(cluster.api);
  } catch (error) {
    if (error instanceof NotReady || (error instanceof Refused && !(error instanceof ApiRefused))) return holds(error.message);
    throw error;
  }
  return notYet("the application to stop: its OpenAPI still answers");
}

/** As often in a row the server must answer with the version: while pods are replaced one by one, old ones still answer now and then. */
const IN_A_ROW = 5;

export async function applicationRestored(cluster: DpCluster, version: string): Promise<Observation> {
  let answered: string | null = null;
  for (let count = 0; count < IN_A_ROW; count++) {
    answered = await getServerVersion(cluster.api);
    if (answered === null) break;
    if (!isVersion(answered, version)) return notYet(`the server to answer with ${version}: it says ${answered}`);
  }
  const projects = await listProjects(cluster.api);
  if (answered !== null) return holds(`GetServerVersion says ${answered}, ${String(IN_A_ROW)} times; ${String(projects.length)} projects are listed`);
  // Before 6.0 there is no call that tells the version (facts 3.1).
  return holds(`the OpenAPI answers (${String(projects.length)} projects); the release does not tell its version`);
}
