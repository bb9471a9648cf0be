import { newestRun } from "../journal/run-records.ts";
import { RunFold } from "../engine/run-fold.ts";
import { Decider } from "../engine/decide.ts";
import { isDead } from "../journal/process-identity.ts";
import type { RunRecord } from "../journal/store.ts";
import type { SystemDriver } from "../model/driver.ts";
import { StillwaterError } from "../model/errors.ts";
import type { Facts } from "../model/facts.ts";
import { leasesOf, onWord, onWordText, type Lease } from "../report/leases.ts";
import { runOfAnother } from "./runs.ts";
import { livingSidecar } from "./sidecar.ts";
import type { Workspace } from "./workspace.ts";

/** One thing that must hold after a run, with what was seen. `not-measured` is never counted as passed. */
export interface Verification {
  readonly what: string;
  readonly object: string;
  readonly verdict: "passed" | "failed" | "not-measured";
  readonly evidence: string;
}
export interface VerifyResult {
  readonly run: number;
  readonly cluster: string;
  readonly verdict: "passed" | "failed" | "not-measured";
  readonly verifications: readonly Verification[];
}

/** Looks at the cluster now and compares it with what the run was for; changes nothing. `run` null: the newest. Error SW1004. */
export async function verifyRun(workspace: Workspace, request: { readonly run: number | null }): Promise<VerifyResult> {
  const [store, { cluster }, driver] = [await workspace.store(), await workspace.definition(), await workspace.driver()];
  const record = request.run === null ? await newestRun(store, cluster) : await store.run(request.run);
  if (!record)
    throw new StillwaterError("SW1004", request.run === null ? `There was no run of ${cluster}.` : `There is no run ${request.run}.`, {
      object: cluster,
    });
  if (record.cluster !== cluster) throw runOfAnother(record, cluster);
  const entries = await store.read(record.id, 0);
  const fold = new RunFold(
    record.plan.turns,
    entries.map((entry) => entry.event),
  );
  const { finished, forced } = fold;
  // Whoever marks it as succeeded says that the goal was reached in another way: then it can be seen.
  const reached = finished === "succeeded" || forced?.mark === "succeeded";
  const facts = await driver.inspect({ now: workspace.now() });
  const verifications: readonly Verification[] = [
    ...(finished === null
      ? [{ what: "is finished", object: `run ${record.id}`, verdict: "failed" as const, evidence: "it is open: see `stillwater status`" }]
      : []),
    ...(forced?.mark === "failed"
      ? [
          {
            what: "was carried to its end",
            object: `run ${record.id}`,
            verdict: "failed" as const,
            evidence: `stopped by force by ${forced.by}, marked failed: ${forced.reason}`,
          },
        ]
      : []),
    ...versions(driver, facts, record, reached),
    ...invariants(driver, facts),
    ...(await settings(driver, facts, record, reached)),
    ...(driver.compare?.(record.plan.facts, facts, record.plan.goal) ?? []),
    ...leases(new Decider(fold, driver.operations), leasesOf(record.plan, entries)),
    ...(await leftovers(workspace, record, finished !== null)),
  ];
  return { run: record.id, cluster, verdict: overall(verifications), verifications };
}

function overall(verifications: readonly Verification[]): Verification["verdict"] {
  if (verifications.some((each) => each.verdict === "failed")) return "failed";
  return verifications.some((each) => each.verdict === "not-measured") ? "not-measured" : "passed";
}

function versions(driver: SystemDriver, facts: Facts, record: RunRecord, succeeded: boolean): readonly Verification[] {
  const { version, only } = record.plan.goal;
  const before = driver.nodes(record.plan.facts);
  return driver.nodes(facts).map((node) => {
    const inScope = only === null || only.includes(node.name);
    // One that never tells a version, also before the run, has none to serve with.
    const tells =
      node.version !== null || !before.some(({ name, state, version: told }) => name === node.name && state === "serving" && told === null);
    const wanted = succeeded && version !== null && inScope && tells ? version : null;
    const evidence = `${node.version ?? (node.state === "serving" ? "tells no version" : "nothing answers")}, ${node.state}${node.detail === "" ? "" : `, ${node.detail}`}`;
    if (node.state !== "serving") return { what: "serves", object: node.name, verdict: "failed", evidence };
    if (wanted === null) return { what: "serves", object: node.name, verdict: "passed", evidence };
    return { what: `serves with ${wanted}`, object: node.name, verdict: node.version === wanted ? "passed" : "failed", evidence };
  });
}

function invariants(driver: SystemDriver, facts: Facts): readonly Verification[] {
  return driver.invariants.map((invariant) => {
    const broken = invariant.broken(facts);
    const evidence = broken.length === 0 ? "holds" : broken.map((finding) => `${finding.object}: ${finding.what}`).join("; ");
    return { what: invariant.name, object: "cluster", verdict: broken.length === 0 ? "passed" : "failed", evidence };
  });
}

async function settings(driver: SystemDriver, facts: Facts, record: RunRecord, succeeded: boolean): Promise<readonly Verification[]> {
  const { only } = record.plan.goal;
  const wanted = Object.entries(record.plan.goal.settings);
  if (wanted.length === 0 || !succeeded) return [];
  if (!driver.settings)
    return wanted.map(([key]) => ({
      what: `setting ${key}`,
      object: "cluster",
      verdict: "not-measured",
      evidence: "the system cannot say what runs",
    }));
  const views = await driver.settings(
    facts,
    wanted.map(([key]) => key),
  );
  return wanted.flatMap(([key, value]): readonly Verification[] => {
    // A plan for some nodes changed it there alone.
    const inScope = (node: string | undefined): boolean => node === undefined || only === null || only.includes(node);
    const found = views.filter((view) => view.key === key && inScope(view.node));
    if (found.length === 0) return [{ what: `setting ${key}`, object: "cluster", verdict: "not-measured", evidence: "no node told its value" }];
    return found.map((view) => {
      const shown = view.secret ? "(secret)" : (view.value ?? "unset");
      // What is unset has the system's default, which only the system knows.
      const object = view.node ?? "cluster";
      if (value === null) return { what: `setting ${key} unset`, object, verdict: "not-measured", evidence: `runs with ${shown}` };
      return {
        what: `setting ${key} = ${view.secret ? "(secret)" : value}`,
        object,
        verdict: view.proved === false ? "not-measured" : view.value === value ? "passed" : "failed",
        evidence: view.evidence ?? `runs with ${shown}`,
      };
    });
  });
}

/** As the journal has it: a system cannot tell our setting from one that somebody has made since. */
function leases(decider: Decider<Facts>, taken: readonly Lease[]): readonly Verification[] {
  // What the watchdog or a pause put back is the engine's to do again, and no longer set.
  const back = new Set(taken.flatMap(({ step, to }) => (to === null ? [] : [step])));
  const open = decider.left();
  const left = open.flatMap((step) => (back.has(step.id) ? [] : [step.title ?? step.id]));
  // What would have put it back was left out by a person: closed in the journal, and still set in the cluster.
  const closed = taken.filter(({ step, to }) => to === null && !open.some(({ id }) => id === step));
  const wrong = [...left, ...closed.map(({ title }) => `${title}: what puts it back was left out`)];
  const said = onWord(taken).map(onWordText);
  const found = [...wrong, ...said];
  return [
    {
      what: "no temporary setting is left",
      object: "cluster",
      verdict: wrong.length > 0 ? "failed" : said.length > 0 ? "not-measured" : "passed",
      evidence: found.length === 0 ? "every held step was put back, says the journal" : found.join("; "),
    },
  ];
}

async function leftovers(workspace: Workspace, record: RunRecord, finished: boolean): Promise<readonly Verification[]> {
  if (!finished) return [];
  const sidecar = await livingSidecar(workspace.runDirectory(record.id));
  const claim = await (await workspace.store()).holder(record.cluster);
  const held = claim !== null && claim.until > workspace.now() && !isDead(claim.holder);
  return [
    {
      what: "no probe or watchdog is left",
      object: workspace.machine,
      verdict: sidecar ? "failed" : "passed",
      evidence: sidecar ? `pid ${sidecar.pid}` : "none",
    },
    {
      what: "nobody holds the cluster",
      object: record.cluster,
      verdict: held ? "failed" : "passed",
      evidence: held ? `${claim.holder.operator}, ${claim.holder.verb}` : "free",
    },
  ];
}
