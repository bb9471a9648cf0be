// When a data or compute node is up. Green in the cluster's list is its heartbeat, which comes before startup.dos and before its jobs are read (facts 2): it is
// initialised when it says so itself, when its log says that the last phase of its start is over, and when the leading controller counts it as alive.
import { Unreachable } from "../../../model/errors.ts";
import type { DdCluster, DdNode } from "../cluster.ts";
import { logOf, readProcess } from "../processes.ts";
import { isUnknownFunction, Malformed } from "../wire/errors.ts";
import { truthOf } from "../wire/read-value.ts";
import type { LeaderView } from "./leader-view.ts";

export type Readiness =
  | { readonly is: "down" }
  | { readonly is: "starting"; readonly what: string }
  | { readonly is: "ready"; readonly boot: string; readonly marker: "seen" | "no log" };
/** What its log had before it was started. */
export type BeforeStart = { readonly boot: string | null; readonly markers: number | null };

/** Since 2.00.11, and before. */
const markers = ["Job scheduler initialization completed.", "Job schedule initialized successfully."];

/** How often the log says that a start was over; null: there is no such file. */
export async function countMarkers({ host, ...node }: DdNode): Promise<number | null> {
  const path = logOf({ host, ...node });
  const found = await host.query(["grep", "-c", "-F", ...markers.flatMap((marker) => ["-e", marker]), path], { timeoutMs: 10_000 });
  if (found.code > 1) {
    if ((await host.stat(path)).kind === "absent") return null;
    throw new Unreachable(`${path} on ${host.name} cannot be read: ${found.stderr.trim()}`, { code: "SW3005", object: path });
  }
  const count = Number(found.stdout.trim());
  if (!Number.isSafeInteger(count)) throw new Unreachable(`grep on ${host.name} answered ${found.stdout.trim()}`, { object: path });
  return count;
}

export async function dataNodeReadiness(cluster: DdCluster, node: DdNode, { alive }: LeaderView, before: BeforeStart | null): Promise<Readiness> {
  const process = await readProcess(node);
  if (process === null) return { is: "down" };
  const starting = (what: string): Readiness => ({ is: "starting", what: `${node.name} ${what}` });
  const initialised = await isInitialised(cluster, node);
  if (initialised !== true) return starting(initialised === null ? "to answer" : "to be initialised");
  const found = await countMarkers(node);
  if (found !== null) {
    // Running already when it was to be started, or its log was rotated since: then one such line is all that there will be.
    const fewer = before === null || before.boot === process.boot || before.markers === null || found < before.markers;
    if (fewer ? found === 0 : found === before.markers) return starting("to end its start (startup.dos and its scheduled jobs)");
  }
  if (alive.get(node.name) !== true) return starting("to be counted as alive by the leading controller");
  return { is: "ready", boot: process.boot, marker: found === null ? "no log" : "seen" };
}

/** Null: it does not answer. */
async function isInitialised(cluster: DdCluster, { name }: DdNode): Promise<boolean | null> {
  try {
    return truthOf(name, "isDataNodeInitialized()", await cluster.rpc.call(name, "isDataNodeInitialized"));
  } catch (error) {
    if (error instanceof Malformed) throw error;
    if (isUnknownFunction(error)) return true;
    if (error instanceof Unreachable) return null;
    throw error;
  }
}
