// RERUN of the instances that the terminate ended, each once, upstream first (facts 2.5: RERUN checks the upstream instances, and sets an instance to Not
// Running while one of them has not succeeded). The list holds what still ran immediately before the terminate. A re-run is a new task run of the same instance: whoever caused it, an instance that has one is not run again.
import type { Look } from "../../../model/driver.ts";
import { operation } from "../../../planner/kit.ts";
import type { DpCluster } from "../cluster.ts";
import type { DpFacts } from "../facts.ts";
import type { LedgerEntry, StepParams } from "../step-names.ts";
import { operateInstances } from "../wire/operations/instances.ts";
import { byProject } from "./batches.ts";
import { fateOf, nothing, type Fate, type Seen } from "./judge.ts";
import { Followed, readAll } from "./work.ts";

/** A request that was cut off may still arrive, and the platform may take its time to show what it has taken; ms. */
const SETTLE_MS = 30_000;
/** What waits for something else (its turn, its resources, an upstream instance that failed) is left to the platform when nothing moves for so long. */
const HANDED_OVER_MS = 120_000;

/** Ids that an answer has taken, with the time; and the last refusals. */
type Receipt = { readonly accepted: Readonly<Record<string, number>>; readonly refused: Readonly<Record<string, string>> };

export type RerunEnd = "succeeded" | "failed" | "running" | "queued" | "finished before" | "failed before" | "vanished";
export type RerunProof = {
  readonly killedAt: number;
  readonly instances: readonly {
    readonly id: string;
    readonly name: string;
    readonly due: string;
    readonly end: RerunEnd;
    /** Task runs after the terminate, with the end of each (`SUCCESS`, `FAILED`, ...). */
    readonly runs: readonly { readonly id: string; readonly status: string }[];
  }[];
};

interface Known {
  readonly entry: LedgerEntry;
  readonly fate: Fate;
  /** An instance of the list that it waits for: it has not succeeded yet, but may. */
  readonly waitsFor: string | null;
}

export function rerunInstancesOperation(cluster: DpCluster) {
  const followed = new Followed(cluster);
  /** Of this process: how the list stood when something moved last. */
  const moved = new Map<string, { readonly picture: string; readonly at: number }>();
  const stillMs = (ledger: readonly LedgerEntry[], known: readonly Known[], now: number): number => {
    const key = ledger.map(({ id }) => id).join();
    const picture = known.map(({ fate }) => (fate.is === "again" ? `${fate.status} ${String(fate.runs.length)}` : fate.is)).join();
    const last = moved.get(key);
    if (last?.picture === picture) return now - last.at;
    moved.set(key, { picture, at: now });
    return 0;
  };

  return operation<DpFacts, StepParams["rerunInstances"], null, Receipt>("rerunInstances", {
    fenced: "unfenced",
    settleMs: SETTLE_MS,
    answersSettle: true,
    async look({ ledger, killedAt, until }, { receipt }, { now }): Promise<Look> {
      const known = knownOf(ledger, await followed.read(ledger));
      const killed = known.filter(({ fate }) => fate.is === "killed");
      const due = killed.filter(({ entry, waitsFor }) => waitsFor === null && receipt?.accepted[entry.id] === undefined);
      const [first] = due;
      if (first !== undefined) {
        const refusal = receipt?.refused[first.entry.id];
        const words = `${String(due.length)} of ${String(ledger.length)} are due for their re-run: ${first.entry.name}`;
        return { is: "open", why: refusal === undefined ? words : `${words}: ${refusal}` };
      }
      const still = stillMs(ledger, known, now);
      const untaken = killed.filter(({ waitsFor }) => waitsFor === null);
      if (untaken.length > 0) return { is: "waiting", for: untakenWords(untaken, receipt, now) };
      const running = known.filter(({ fate }) => fate.is === "running" || (fate.is === "again" && fate.status === "running"));
      const held = killed.filter(({ waitsFor }) => waitsFor !== null);
      if (held.length > 0 || (running.length > 0 && until === "ended")) return { is: "waiting", for: wordsOf(running, held) };
      const queued = known.filter(({ fate }) => fate.is === "queued");
      // A paused node is resumed later on this way, and what has been accepted runs then.
      const moving = queued.filter(({ fate }) => fate.is === "queued" && !fate.paused);
      if (moving.length > 0 && until === "ended" && still < HANDED_OVER_MS)
        return { is: "waiting", for: `${String(moving.length)} accepted re-runs to begin: ${moving[0]?.entry.name ?? ""}` };
      // What counts for ever is read once more, each instance by itself.
      return { is: "done", proof: proofOf(killedAt, knownOf(ledger, await readAll(cluster, ledger))) };
    },
    async act({ ledger }, { receipt }, context) {
      const known = knownOf(ledger, await readAll(cluster, ledger));
      const due = known.filter(({ entry, fate, waitsFor }) => fate.is === "killed" && waitsFor === null && receipt?.accepted[entry.id] === undefined);
      const accepted: Record<string, number> = { ...receipt?.accepted };
      const refused: Record<string, string> = {};
      for (const [project, entries] of byProject(due.map(({ entry }) => entry))) {
        const ids = entries.map(({ id }) => id);
        const answers = await context.send(null, (fence) =>
          operateInstances(cluster.api, fence, { project, environment: cluster.environment, operation: "RERUN", ids }),
        );
        for (const { id, accepted: taken, why } of answers)
          if (taken) accepted[id] = context.now;
          else refused[id] = why ?? "refused without a reason";
      }
      return { accepted, refused };
    },
  });
}

function knownOf(ledger: readonly LedgerEntry[], all: ReadonlyMap<string, Seen>): readonly Known[] {
  const fates = new Map(ledger.map((entry) => [entry.id, fateOf(entry, all.get(entry.id) ?? nothing, true)]));
  return ledger.flatMap((entry) => {
    const fate = fates.get(entry.id);
    if (fate === undefined) return [];
    const waitsFor = entry.after.find((id) => mayStillSucceed(fates.get(id)));
    return [{ entry, fate, waitsFor: waitsFor ?? null }];
  });
}
/** Once it cannot, what is below it is handed to the platform, which holds it until somebody mends the upstream instance. */
function mayStillSucceed(fate: Fate | undefined): boolean {
  if (fate === undefined) return false;
  if (fate.is === "again") return fate.status === "running";
  return fate.is === "killed" || fate.is === "running" || fate.is === "queued";
}

/** What was accepted is never sent again, so a person is told what he can do. */
function untakenWords(untaken: readonly Known[], receipt: Receipt | null, now: number): string {
  const since = Math.min(...untaken.map(({ entry }) => receipt?.accepted[entry.id] ?? now));
  const names = untaken.slice(0, 5).map(({ entry }) => entry.name);
  const more = untaken.length > names.length ? `, and ${String(untaken.length - names.length)} more` : "";
  return `the platform to begin the re-run that it has accepted ${String(Math.round((now - since) / 1_000))} s ago: ${names.join(", ")}${more}; if it does not, rerun it in Task O&M: that counts`;
}

function wordsOf(running: readonly Known[], held: readonly Known[]): string {
  const names = (all: readonly Known[]): string =>
    all
      .slice(0, 3)
      .map(({ entry }) => entry.name)
      .join(", ");
  const parts = [
    ...(running.length === 0 ? [] : [`${String(running.length)} re-runs to end (${names(running)})`]),
    ...(held.length === 0 ? [] : [`${String(held.length)} instances below them (${names(held)})`]),
  ];
  return parts.join("; ");
}

function proofOf(killedAt: number, known: readonly Known[]): RerunProof {
  return {
    killedAt,
    instances: known.map(({ entry: { id, name, due }, fate }) => ({
      id,
      name,
      due,
      end: endOf(fate),
      runs: fate.is === "again" ? fate.runs.map((run) => ({ id: run.id, status: run.status })) : [],
    })),
  };
}
function endOf(fate: Fate): RerunEnd {
  switch (fate.is) {
    case "again":
      return fate.status;
    case "queued":
    case "killed":
      return "queued";
    case "finished":
      return "finished before";
    case "failed":
      return "failed before";
    case "running":
    case "vanished":
      return fate.is;
  }
}
