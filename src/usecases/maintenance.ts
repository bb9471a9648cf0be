// Goals that are neither an upgrade nor a change of settings: heal what is sick, make a node free, put back what that moved.
import { runRecords } from "../journal/run-records.ts";
import { RunFold } from "../engine/run-fold.ts";
import type { RunRecord, Store } from "../journal/store.ts";
import { StillwaterError } from "../model/errors.ts";
import type { Kept, Maintenance } from "../model/goal.ts";
import { planCluster, type Planned } from "./plan.ts";
import type { Workspace } from "./workspace.ts";

export type MaintenanceRequest = {
  readonly options?: Readonly<Record<string, string>>;
  readonly overrides?: readonly { readonly code: string; readonly reason: string }[];
} & ({ readonly is: "recover" } | { readonly is: "drain" | "restore"; readonly node: string });

/** A plan like any other: it says first what it will do. Errors of `planCluster`; SW1001 when the system or the node does not have it, SW2005 when there is nothing to restore. */
export async function planMaintenance(workspace: Workspace, request: MaintenanceRequest): Promise<Planned> {
  const maintenance = await maintenanceOf(workspace, request);
  return planCluster(workspace, { maintenance, options: request.options ?? {}, overrides: request.overrides ?? [] });
}

async function maintenanceOf(workspace: Workspace, request: MaintenanceRequest): Promise<Maintenance> {
  if (request.is === "recover") return { is: "recover" };
  const { node } = request;
  const definition = await workspace.definition();
  if (!definition.nodes.some(({ name }) => name === node))
    throw new StillwaterError("SW1001", `The cluster file has no node ${node}.`, {
      object: node,
      remedy: `The nodes are: ${definition.nodes.map(({ name }) => name).join(", ")}.`,
    });
  if (request.is === "drain") return { is: "drain", node };
  const store = await workspace.store();
  const record = await lastDrain(store, definition.cluster, node);
  if (record === null)
    throw new StillwaterError("SW2005", `No drain of ${node} is left to be put back.`, {
      object: node,
      remedy: "`stillwater history` lists the runs of this journal; what another journal drained, only that journal can restore.",
    });
  return { is: "restore", node, drained: await keptBy(store, record) };
}

/** The newest finished drain of the node that no restore has followed. */
async function lastDrain(store: Store, cluster: string, node: string): Promise<RunRecord | null> {
  for await (const record of runRecords(store, cluster)) {
    const { maintenance } = record.plan.goal;
    if (maintenance === undefined || (maintenance.is !== "drain" && maintenance.is !== "restore") || maintenance.node !== node) continue;
    const fold = await foldOf(store, record);
    if (fold.finished !== "succeeded") continue;
    return maintenance.is === "drain" ? record : null;
  }
  return null;
}

async function foldOf(store: Store, record: RunRecord): Promise<RunFold> {
  const entries = await store.read(record.id, 0);
  return new RunFold(
    record.plan.turns,
    entries.map(({ event }) => event),
  );
}

/** The steps that a run has done, with what they kept before their first act. */
export async function keptBy(store: Store, record: RunRecord): Promise<Kept> {
  const fold = await foldOf(store, record);
  return [...fold.steps].flatMap(([id, state]) => {
    const step = fold.known.get(id);
    if (step === undefined || !state.done || state.undone || state.skipped) return [];
    return [{ do: step.do, params: step.params, before: state.before ?? null, proof: state.proof }];
  });
}
