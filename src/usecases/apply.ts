import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { RunRecord, Store } from "../journal/store.ts";
import { StillwaterError } from "../model/errors.ts";
import type { Facts } from "../model/facts.ts";
import { canonicalJson } from "../model/json.ts";
import type { Plan } from "../model/plan.ts";
import { digest, planHash, shortHash } from "../planner/plan.ts";
import { conclude } from "./conclude.ts";
import type { RunObserver, RunResult } from "./run-types.ts";
import { startSidecar } from "./sidecar.ts";
import { work } from "./worker.ts";
import type { Workspace } from "./workspace.ts";

export interface ApplyRequest {
  readonly plan: Plan;
  /** False: the report will say that continuity was not measured. */
  readonly probe: boolean;
  /** Reason for going past another store's claim on a host; null: do not. */
  readonly takeOver?: boolean;
}

/**
 * Applies exactly this plan. Errors before anything is changed: SW1201 (stale), SW1202 (edited), SW1203/SW1204 (artefact), SW2001/SW2002 (held by
 * somebody else), SW2004 (an unfinished run), SW5001 (no probe). A run that stands still is a result, not an error.
 */
export async function applyPlan(workspace: Workspace, request: ApplyRequest, observer: RunObserver): Promise<RunResult> {
  const { plan } = request;
  await refuseForeign(workspace, plan);
  await refuseChangedArtefact(plan);
  return work(
    workspace,
    {
      verb: "apply",
      takeOver: request.takeOver ?? false,
      run: async (store, claim) => {
        await refuseUnfinished(store, plan.cluster);
        // With the claim held: from here on nobody else changes what the plan was compared with.
        await refuseStale(workspace, plan);
        return store.createRun(claim, plan);
      },
      prepare: (record) => startSidecar(workspace, record, { probe: request.probe }),
      unprepared: "end",
      conclude: (record) => conclude(workspace, record),
    },
    observer,
  );
}

async function refuseForeign(workspace: Workspace, plan: Plan): Promise<void> {
  if (planHash(plan) !== plan.hash) throw new StillwaterError("SW1202", "The plan was changed after it was made.", { object: shortHash(plan) });
  const { cluster, system } = await workspace.definition();
  if (plan.cluster !== cluster || plan.system !== system)
    throw new StillwaterError("SW1208", `The plan is for ${plan.cluster} (${plan.system}), the cluster file describes ${cluster} (${system}).`, {
      object: shortHash(plan),
    });
}

async function refuseChangedArtefact(plan: Plan): Promise<void> {
  const { artefact } = plan.goal;
  if (!artefact || plan.rollsBack !== null) return;
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(artefact.path), hash);
  } catch (error) {
    throw new StillwaterError("SW1203", `The artefact cannot be read: ${error instanceof Error ? error.message : String(error)}.`, {
      object: artefact.path,
      cause: error,
    });
  }
  const found = hash.digest("hex");
  if (found !== artefact.sha256)
    throw new StillwaterError("SW1204", "The artefact is not the one that was planned.", {
      object: artefact.path,
      why: [`planned sha256 ${artefact.sha256}`, `found   sha256 ${found}`],
    });
}

async function refuseStale(workspace: Workspace, plan: Plan): Promise<void> {
  const driver = await workspace.driver();
  const facts = await driver.inspect({ now: workspace.now() });
  if (digest(facts.structure) === plan.structureDigest) return;
  throw new StillwaterError("SW1201", "The cluster has changed since the plan was made.", {
    object: plan.cluster,
    why: differences(plan.facts, facts),
  });
}

/** Which structural facts differ, as `path: before -> now`, at most ten. */
export function differences(before: Facts, now: Facts): readonly string[] {
  const found: string[] = [];
  const walk = (path: string, a: unknown, b: unknown): void => {
    if (canonicalJson(a ?? null) === canonicalJson(b ?? null)) return;
    if (isObject(a) && isObject(b))
      for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) walk(path === "" ? key : `${path}.${key}`, a[key], b[key]);
    else found.push(`${path}: ${canonicalJson(a ?? null)} -> ${canonicalJson(b ?? null)}`);
  };
  walk("", before.structure, now.structure);
  return found.length > 10 ? [...found.slice(0, 10), `and ${found.length - 10} more`] : found;
}
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null && !Array.isArray(value);

/** The newest run of the cluster that has not finished, or null. The plan of one that has, which may be megabytes, is not read. */
export async function openRun(store: Store, cluster: string): Promise<RunRecord | null> {
  const [newest] = await store.runs(cluster);
  if (newest === undefined) return null;
  const entries = await store.read(newest.id, 0);
  return entries.some(({ event }) => event.is === "finished") ? null : store.run(newest.id);
}
/** Whether any step of the run has asked the cluster for something. */
export async function hasActed(store: Store, record: RunRecord): Promise<boolean> {
  return (await store.read(record.id, 0)).some(({ event }) => event.is === "acting" || event.is === "answered");
}
async function refuseUnfinished(store: Store, cluster: string): Promise<void> {
  const open = await openRun(store, cluster);
  if (open) throw new StillwaterError("SW2004", `Run ${open.id} of ${cluster} is not finished.`, { object: `run ${open.id}` });
}
