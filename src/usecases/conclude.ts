// What follows the last step of a run: the probe's verdict is awaited, the cluster looked at once more, the report written.
import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Decider } from "../engine/decide.ts";
import { RunFold } from "../engine/run-fold.ts";
import { isDead } from "../journal/process-identity.ts";
import type { RunRecord } from "../journal/store.ts";
import type { StepEvidence, SystemDriver, SystemProof } from "../model/driver.ts";
import { StillwaterError } from "../model/errors.ts";
import type { JournalEntry } from "../model/event.ts";
import type { NodeView } from "../model/facts.ts";
import type { Report } from "../model/report.ts";
import { composeReport } from "../report/compose.ts";
import { notItsCluster } from "./runs.ts";
import { awaitConclusion, readWhole, sidecarFiles, writeWhole, type Conclusion } from "./sidecar.ts";
import type { Workspace } from "./workspace.ts";

const reportFile = (workspace: Workspace, run: number): string => join(workspace.runDirectory(run), "report.json");
/** The verdict needs two reads of everything, each with its replicas and tried again for up to half a minute, and the waiting between them. */
const CONCLUDE_WITHIN_MS = 180_000;
const LOOK_EVERY_MS = 100;

export async function isConcluded(workspace: Workspace, record: RunRecord): Promise<boolean> {
  return access(reportFile(workspace, record.id)).then(
    () => true,
    () => false,
  );
}

export async function conclude(workspace: Workspace, record: RunRecord): Promise<void> {
  const { continuity } = await workspace.definition();
  const conclusion = await awaitConclusion(workspace, record, CONCLUDE_WITHIN_MS + continuity.verifyAfterS * 1000);
  const report = await compose(workspace, record, conclusion);
  await writeReport(workspace, record.id, report);
}

/** The report of a run that somebody else has brought to its end: waits while he concludes it. Null: he is gone, and there is none. */
export async function awaitReport(workspace: Workspace, record: RunRecord): Promise<Report | null> {
  const store = await workspace.store();
  for (;;) {
    const claim = await store.holder(record.cluster);
    // Read before the report is looked for: it is written before the claim is let go.
    const works = claim !== null && claim.until > workspace.now() && !isDead(claim.holder);
    const report = await readWhole<Report>(reportFile(workspace, record.id));
    if (report !== null || !works) return report;
    await delay(LOOK_EVERY_MS);
  }
}

/** The report of a run as it stands, finished or not. */
export async function reportOf(workspace: Workspace, record: RunRecord): Promise<Report> {
  const kept = await readWhole<Report>(reportFile(workspace, record.id));
  return kept ?? compose(workspace, record, await readWhole<Conclusion>(join(workspace.runDirectory(record.id), sidecarFiles.conclusion)));
}

async function compose(workspace: Workspace, record: RunRecord, conclusion: Conclusion | null): Promise<Report> {
  const foreign = await notItsCluster(workspace, record);
  return foreign === null ? composeSeen(workspace, record, conclusion) : composeUnseen(workspace, record, conclusion, foreign);
}

/** Of another cluster's run: from what is kept, and from nothing that this cluster or its driver says. */
async function composeUnseen(workspace: Workspace, record: RunRecord, conclusion: Conclusion | null, why: string): Promise<Report> {
  const { plan } = record;
  const report = composeReport({
    run: record.id,
    plan,
    entries: await (await workspace.store()).read(record.id, 0),
    continuity: conclusion?.verdict ?? null,
    systemProof: { coverage: null, objects: [], violations: [] },
    nodes: { before: plan.nodes ?? [], after: [] },
    ...(conclusion ? { partitions: conclusion.partitions } : {}),
    watched: conclusion?.watched ?? null,
    series: conclusion?.series ?? [],
  });
  return { ...report, notSeen: [...report.notSeen, `the cluster: ${why}`] };
}

async function composeSeen(workspace: Workspace, record: RunRecord, conclusion: Conclusion | null): Promise<Report> {
  const { plan } = record;
  const [store, driver] = [await workspace.store(), await workspace.driver()];
  const entries = await store.read(record.id, 0);
  const seen = await inspect(workspace);
  const proof: SystemProof =
    seen instanceof StillwaterError
      ? { coverage: null, objects: [], violations: [] }
      : driver.prove(evidenceOf(record, entries, driver), plan.facts, seen);
  const after: readonly NodeView[] = seen instanceof StillwaterError ? [] : driver.nodes(seen);
  return composeReport({
    run: record.id,
    plan,
    entries,
    continuity: conclusion?.verdict ?? null,
    systemProof: proof,
    nodes: { before: driver.nodes(plan.facts), after },
    ...(conclusion ? { partitions: conclusion.partitions } : {}),
    watched: conclusion?.watched ?? null,
    counted:
      driver.count?.(evidenceOf(record, entries, driver), conclusion?.watched ?? null, plan.facts, seen instanceof StillwaterError ? null : seen) ??
      {},
    provedByWork: driver.provedByWork ?? false,
    series: conclusion?.series ?? [],
  });
}

async function inspect(workspace: Workspace): Promise<Awaited<ReturnType<Awaited<ReturnType<Workspace["driver"]>>["inspect"]>> | StillwaterError> {
  try {
    return await (await workspace.driver()).inspect({ now: workspace.now() });
  } catch (error) {
    if (error instanceof StillwaterError) return error;
    throw error;
  }
}

/**
 * The proofs that steps left: what a look saw when it said done. Steps that put something back are named by no plan and no expansion, and prove nothing of the
 * goal: they are left out, but where the work itself is the proof (what was stopped runs again).
 */
export function evidenceOf(
  record: Pick<RunRecord, "plan">,
  entries: readonly JournalEntry[],
  driver: Pick<SystemDriver, "operations" | "provedByWork"> | null = null,
): readonly StepEvidence[] {
  const fold = new RunFold(
    record.plan.turns,
    entries.map((entry) => entry.event),
  );
  if (driver?.provedByWork === true) {
    const decider = new Decider(fold, driver.operations);
    for (const step of fold.known.values()) decider.undoing(step);
  }
  return entries.flatMap(({ event }) => {
    if (event.is !== "done" || event.proof === null) return [];
    const step = fold.known.get(event.step);
    return step === undefined ? [] : [{ step: step.id, do: step.do, params: step.params, proof: event.proof }];
  });
}

async function writeReport(workspace: Workspace, run: number, report: Report): Promise<void> {
  const [{ markdownReport }, { htmlReport }] = await Promise.all([import("../report/markdown.ts"), import("../report/html.ts")]);
  const directory = workspace.runDirectory(run);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(join(directory, "report.html"), htmlReport(report), { mode: 0o600 });
  await writeFile(join(directory, "report.md"), markdownReport(report), { mode: 0o600 });
  // Last: its presence says that the run is concluded.
  await writeWhole(reportFile(workspace, run), report);
}
