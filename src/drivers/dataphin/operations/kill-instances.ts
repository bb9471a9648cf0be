// TERMINATE for exactly the instances of one list, polled to their end (facts 2.5, 3.2: an answer only means that the command was accepted). The undo runs
// them again. What ended by itself between list and terminate is told from the end of its task run, so it is never run again.
import type { Look } from "../../../model/driver.ts";
import { operation } from "../../../planner/kit.ts";
import type { DpCluster } from "../cluster.ts";
import type { DpFacts } from "../facts.ts";
import type { LedgerEntry, StepParams } from "../step-names.ts";
import { steps } from "../steps.ts";
import { operateInstances } from "../wire/operations/instances.ts";
import { byProject } from "./batches.ts";
import { fateOf, nothing, type Fate, type Seen } from "./judge.ts";
import { Followed, readAll } from "./work.ts";

const SETTLE_MS = 15_000;
/** An accepted terminate that has not ended its instance by then is sent again: the same command twice does no harm. */
const TAKES_MS = 60_000;

/** Immediately before the first terminate was sent: when (ms since 1970), and which instances still ran. */
type BeforeKill = { readonly at: number; readonly running: readonly string[] };
type Receipt = { readonly at: number; readonly accepted: readonly string[]; readonly refused: Readonly<Record<string, string>> };

/** How each instance of the list ended. */
export type KillProof = {
  readonly killedAt: number;
  readonly instances: readonly {
    readonly id: string;
    readonly name: string;
    readonly due: string;
    readonly autoRerun: boolean | null;
    readonly idempotent: boolean;
    readonly end: Exclude<Fate["is"], "running">;
    readonly endedAt: number | null;
  }[];
};

export function killInstancesOperation(cluster: DpCluster) {
  const followed = new Followed(cluster);
  return operation<DpFacts, StepParams["killInstances"], BeforeKill, Receipt>("killInstances", {
    fenced: "unfenced",
    settleMs: SETTLE_MS,
    answersSettle: true,
    prepare: async ({ ledger }, { now }) => {
      const fates = fatesOf(ledger, await readAll(cluster, ledger), []);
      return { at: now, running: fates.filter(({ fate }) => fate.is === "running").map(({ entry }) => entry.id) };
    },
    async look({ ledger }, { before, receipt }, { now }): Promise<Look> {
      const fates = fatesOf(ledger, await followed.read(ledger), before.running);
      const running = fates.filter(({ fate }) => fate.is === "running");
      if (running.length === 0) return { is: "done", proof: proofOf(before.at, fates) };
      const words = `${String(running.length)} of ${String(ledger.length)} instances run: ${running
        .slice(0, 3)
        .map(({ entry }) => entry.name)
        .join(", ")}`;
      const [first] = running;
      const taken = receipt !== null && now - receipt.at < TAKES_MS && running.every(({ entry }) => receipt.accepted.includes(entry.id));
      if (taken) return { is: "waiting", for: `the end of what is being terminated: ${words}` };
      const refusal = first === undefined ? undefined : receipt?.refused[first.entry.id];
      return { is: "open", why: refusal === undefined ? words : `${words}; ${refusal}` };
    },
    async act({ ledger }, _, context) {
      const running = fatesOf(ledger, await readAll(cluster, ledger), []).filter(({ fate }) => fate.is === "running");
      const accepted: string[] = [];
      const refused: Record<string, string> = {};
      for (const [project, entries] of byProject(running.map(({ entry }) => entry))) {
        const ids = entries.map(({ id }) => id);
        const answers = await context.send(null, (fence) =>
          operateInstances(cluster.api, fence, { project, environment: cluster.environment, operation: "TERMINATE", ids }),
        );
        for (const { id, accepted: taken, why } of answers)
          if (taken) accepted.push(id);
          else refused[id] = why ?? "refused without a reason";
      }
      return { at: context.now, accepted, refused };
    },
    undo: ({ ledger, reruns, until }, { at, running }) => {
      const ended = ledger.filter(({ id }) => running.includes(id));
      return ended.length === 0 ? [] : [steps.rerunInstances("run again", { ledger: ended, killedAt: at, until }, reruns === "ask")];
    },
  });
}

interface Known {
  readonly entry: LedgerEntry;
  readonly fate: Fate;
}
const fatesOf = (ledger: readonly LedgerEntry[], all: ReadonlyMap<string, Seen>, ranBefore: readonly string[]): readonly Known[] =>
  ledger.map((entry) => ({ entry, fate: fateOf(entry, all.get(entry.id) ?? nothing, ranBefore.includes(entry.id)) }));

const proofOf = (killedAt: number, fates: readonly Known[]): KillProof => ({
  killedAt,
  instances: fates.flatMap(({ entry: { id, name, due, autoRerun, idempotent }, fate }) =>
    fate.is === "running" ? [] : [{ id, name, due, autoRerun, idempotent, end: fate.is, endedAt: "endedAt" in fate ? fate.endedAt : null }],
  ),
});
