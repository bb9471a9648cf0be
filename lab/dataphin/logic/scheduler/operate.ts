import type { Database } from "../database.ts";
import type { Instance, Trigger } from "../entities.ts";
import { Dag } from "./dag.ts";

/** Null: accepted; else why not. */
export type Refusal = string | null;

/**
 * RERUN: only of one that has ended (facts 2.5). Upstream is looked at again: if any of it has not succeeded, the instance is set to Not Running and comes
 * when upstream has. By force it does not ask.
 */
export function rerun(database: Database, instance: Instance, how: { readonly force: boolean; readonly trigger: Trigger }): Refusal {
  if (instance.status !== "SUCCESS" && instance.status !== "FAILED")
    return `instance ${instance.id} is ${instance.status}: only Succeeded and Failed can be rerun`;
  const ready = how.force || new Dag(database).upstream(instance).every(({ status }) => status === "SUCCESS");
  instance.status = ready ? "WAIT_SCHEDULE" : "INIT";
  instance.trigger = how.trigger;
  instance.autoRerunAt = null;
  instance.terminateBy = null;
  return null;
}

/** What is running is ended in the next round; the answer only says that this will be tried. */
export function terminate(instance: Instance, by: string): Refusal {
  if (instance.status !== "RUNNING") return `instance ${instance.id} is ${instance.status}: only Running can be terminated`;
  instance.terminateBy = by;
  return null;
}

export function setSuccess(instance: Instance): Refusal {
  if (instance.status !== "FAILED") return `instance ${instance.id} is ${instance.status}: only Failed can be set to Succeeded`;
  instance.status = "SUCCESS";
  instance.autoRerunAt = null;
  return null;
}

/** Paused is no status: the instance keeps what it has, and is not dispatched. */
export function pause(instance: Instance, paused: boolean): Refusal {
  if (instance.status === "RUNNING" || instance.status === "SUCCESS" || instance.status === "FAILED")
    return `instance ${instance.id} is ${instance.status}: only one that waits can be ${paused ? "paused" : "resumed"}`;
  instance.schedulePaused = paused;
  return null;
}

/** Of a node: with all instances that have not run. */
export function pauseNode(database: Database, nodeId: string, paused: boolean): Refusal {
  const node = database.data.nodes[nodeId];
  if (node === undefined) return `there is no node ${nodeId}`;
  node.paused = paused;
  for (const instance of Object.values(database.data.instances)) if (instance.nodeId === nodeId) pause(instance, paused);
  return null;
}
