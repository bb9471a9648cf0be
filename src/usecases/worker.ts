// One process that works on a run: claims the cluster, lets the engine run, concludes. Every verb that changes a cluster goes through here.
import { failpointsFrom } from "../engine/failpoints.ts";
import { LiveSurroundings } from "../engine/live-surroundings.ts";
import { RunFold } from "../engine/run-fold.ts";
import { run as runEngine } from "../engine/run.ts";
import type { Outcome } from "../engine/run-request.ts";
import { isDead, thisHolder } from "../journal/process-identity.ts";
import type { Claim, RunRecord, Store } from "../journal/store.ts";
import type { RunEvent } from "../model/event.ts";
import type { ClaimableHost } from "../model/host.ts";
import type { Plan } from "../model/plan.ts";
import { HostClaims, highestEpoch, readRecords } from "./host-claims.ts";
import { hasEnded, type RunObserver, type RunOutcome, type RunResult } from "./run-types.ts";
import { alertOperator } from "./alert.ts";
import { alarmsOf, keepForSupport, troublesSince } from "./support.ts";
import type { Workspace } from "./workspace.ts";

/** How long a claim lasts without a sign of life, in ms. A dead holder on the same machine is not waited for. */
export const LEASE_MS = 15_000;

export interface WorkRequest {
  readonly verb: string;
  readonly takeOver?: boolean;
  /** Called with the claim held: creates the run, or finds the one to go on with. */
  readonly run: (store: Store, claim: Claim) => Promise<RunRecord>;
  /** Called before the first effect, with everything claimed: the probe is started and ready when it returns. */
  readonly prepare: (run: RunRecord) => Promise<void>;
  /** What follows when `prepare` fails. `end`: the run has just been made and has changed nothing; left open it would block the next apply. */
  readonly unprepared: "end" | "leave open";
  /** Called once the engine has finished the run, with the claim still held. */
  readonly conclude: (run: RunRecord) => Promise<void>;
}

/** Everything this process holds of a cluster while it works; released by `release`, on every path. */
export interface Grip {
  readonly store: Store;
  readonly claim: Claim;
  readonly claims: HostClaims;
  release(): Promise<void>;
}

/** Throws SW2001 (another Stillwater with this journal), SW2002 (with another journal), SW3001 (a host cannot be reached). */
export async function grip(workspace: Workspace, verb: string, takeOver = false): Promise<Grip> {
  const hosts: ClaimableHost[] = [];
  for (const { name } of (await workspace.definition()).hosts) hosts.push(await workspace.claimableHost(name));
  return take(workspace, hosts, { verb, takeOver });
}

/** Of the journal, and of the hosts that answer: for what changes nothing but the journal, and must be possible when a host is gone. Throws SW2001, SW2002. */
export async function gripWhatAnswers(workspace: Workspace, verb: string): Promise<Grip> {
  const { hosts } = await workspace.definition();
  const answering = await Promise.all(
    hosts.map(async ({ name }) => {
      try {
        const host = await workspace.claimableHost(name);
        await host.readRecord();
        return [host];
      } catch {
        // Not there: nothing of ours can reach it either, and it learns the next epoch with the next claim.
        return [];
      }
    }),
  );
  return take(workspace, answering.flat(), { verb, takeOver: false });
}

async function take(
  workspace: Workspace,
  hosts: readonly ClaimableHost[],
  { verb, takeOver }: { readonly verb: string; readonly takeOver: boolean },
): Promise<Grip> {
  const [definition, store] = [await workspace.definition(), await workspace.store()];
  const above = highestEpoch(await readRecords(hosts));
  const claim = await store.claim({
    cluster: definition.cluster,
    holder: { ...thisHolder(verb), operator: workspace.operator },
    leaseMs: LEASE_MS,
    above,
    holderIsDead: isDead,
  });
  try {
    const claims = await HostClaims.take({ hosts, store: store.id, claim, run: definition.cluster, takeOver });
    return {
      store,
      claim,
      claims,
      release: async () => {
        await claims.release();
        await letGo(store, claim);
      },
    };
  } catch (error) {
    await letGo(store, claim);
    throw error;
  }
}

/** A claim that cannot be released now runs out, or ends with this process; it must not hide what this process has to tell. */
async function letGo(store: Store, claim: Claim): Promise<void> {
  try {
    await store.release(claim);
  } catch (error) {
    process.stderr.write(`The claim on ${claim.cluster} could not be released: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}

export async function work(workspace: Workspace, request: WorkRequest, observer: RunObserver): Promise<RunResult> {
  const held = await grip(workspace, request.verb, request.takeOver ?? false);
  try {
    const record = await request.run(held.store, held.claim);
    observer.begun?.(record);
    const surroundings = await surround(workspace, held, record, observer);
    try {
      const { standing } = await foldOf(held.store, record);
      await surroundings.append([{ is: "claimed", holder: workspace.who, verb: request.verb, pid: process.pid }]);
      try {
        await request.prepare(record);
      } catch (error) {
        if (request.unprepared === "end") await endUnprepared(surroundings, [{ is: "finished", as: "aborted" }], error);
        // It stood still in order before we came, and does again: else the watchdog would take our going for a death.
        else if (standing)
          await endUnprepared(surroundings, [{ is: "paused", step: null, code: "operator", why: `${workspace.who}: could not be resumed` }], error);
        throw error;
      }
      const outcome = await engage(workspace, held, record, surroundings);
      if (hasEnded(outcome)) await request.conclude(record);
      else {
        await tellSupport(workspace, held.store, record, surroundings);
        await alert(workspace, record.plan, outcome);
      }
      return { run: record.id, cluster: record.cluster, outcome };
    } finally {
      surroundings.stop();
    }
  } finally {
    await held.release();
  }
}

/** What failed in the system itself goes into the journal; that it cannot be told must not hide what the run stands still for. */
async function tellSupport(workspace: Workspace, store: Store, record: RunRecord, surroundings: LiveSurroundings): Promise<void> {
  try {
    const troubles = await troublesSince(workspace, record);
    const alarms = alarmsOf(troubles, await store.read(record.id, 0));
    if (alarms.length > 0) await surroundings.append(alarms);
    await keepForSupport(workspace, record, troubles);
  } catch (error) {
    process.stderr.write(`What support needs could not be kept: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}

/** Whoever reads the journal later sees why nothing follows. That it cannot be written must not hide what it was for. */
async function endUnprepared(surroundings: LiveSurroundings, events: readonly RunEvent[], why: unknown): Promise<void> {
  const what = `refused before anything was changed: ${why instanceof Error ? why.message : String(why)}`;
  try {
    await surroundings.append([{ is: "alarm", what, step: null }, ...events]);
  } catch (error) {
    process.stderr.write(`The journal could not be told: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}
async function foldOf(store: Store, record: RunRecord): Promise<RunFold> {
  const entries = await store.read(record.id, 0);
  return new RunFold(
    record.plan.turns,
    entries.map((entry) => entry.event),
  );
}

const nobody: RunObserver = { entry: () => undefined, progress: () => undefined };
/** For what outlasts a claim and is no work of the engine: the claims on the journal and the hosts are kept meanwhile. */
export async function whileHeld<T>(workspace: Workspace, held: Grip, record: RunRecord, act: () => Promise<T>): Promise<T> {
  const surroundings = await surround(workspace, held, record, nobody);
  try {
    return await act();
  } finally {
    surroundings.stop();
  }
}

async function surround(workspace: Workspace, held: Grip, record: RunRecord, observer: RunObserver): Promise<LiveSurroundings> {
  const surroundings = new LiveSurroundings({
    store: held.store,
    claim: held.claim,
    run: record.id,
    hosts: held.claims,
    leaseMs: LEASE_MS,
    failpoints: failpointsFrom(process.env["STILLWATER_FAILPOINT"]),
    now: () => workspace.now(),
    entry: (entry) => observer.entry(entry),
    progress: (progress) => {
      observer.progress(progress);
      // Only shown: that it cannot be written (a full disk, a locked journal) must not end the process as an unhandled rejection does.
      held.store.setProgress(record.id, progress).catch(() => undefined);
    },
  });
  await surroundings.start();
  return surroundings;
}

async function engage(workspace: Workspace, held: Grip, record: RunRecord, surroundings: LiveSurroundings): Promise<RunOutcome> {
  const entries = await held.store.read(record.id, 0);
  const outcome = await runEngine({
    id: tokenOf(held.store, record),
    driver: await workspace.driver(),
    turns: record.plan.turns,
    events: entries.map((entry) => entry.event),
    surroundings,
    onDefect: "pause",
  });
  return ended(outcome);
}

/** What tokens on hosts start with: unique over stores, because two journals may have worked on one host. */
export const tokenOf = (store: Store, record: RunRecord): string => `${store.id.slice(0, 8)}-${record.id}`;

function ended(outcome: Outcome): RunOutcome {
  switch (outcome.is) {
    case "released":
      throw new TypeError("only the watchdog releases");
    case "succeeded":
    case "aborted":
    case "force-stopped":
      return { is: outcome.is };
    case "paused":
    case "asks":
      return outcome;
  }
}

/** That the operator cannot be told must not hide what it was for. */
export async function alert(
  workspace: Workspace,
  plan: Plan,
  outcome: RunOutcome | { readonly is: "orphaned"; readonly why: string },
): Promise<void> {
  try {
    await alertOperator(workspace, { plan: plan.hash, ...outcome });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
}
