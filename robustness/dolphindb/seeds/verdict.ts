// What a seed is, from its number alone; whether it counts; and which bars its end breaks.
import { brokenBars, type Judgement } from "../../harness/judgement.ts";
import { columns, type Column } from "./columns.ts";
import { faultKinds, PLUGIN, type FaultKind } from "./faults.ts";
import type { TrialOptions, TrialResult } from "./trial.ts";

/** Rows that an application must have had acknowledged for a seed to count. */
const LEAST_ACKS = 100;
const FEW_ACKS = 10;

export type SeedTrial = TrialOptions & { readonly fault: NonNullable<TrialOptions["fault"]> };
export const cells = faultKinds.length * columns.length;
export const replayOf = (seed: number): string => `again: npm run robustness -- dolphindb --seeds 1 --first ${String(seed)}`;

/** Before the first host and behind the last one there is one such step; in between one for each host. */
const occurrences = (at: Column, isDowntime: boolean): number =>
  at === "restart interval" || (isDowntime && at !== "stage" && at !== "replace") ? 1 : 3;

/** Kinds and steps in turn, so that every pair comes up; which of the three hosts it hits, and what cluster it is, follows from the rest. */
export function trialOf(seed: number): SeedTrial {
  const index = seed - 1;
  const kind: FaultKind = faultKinds[index % faultKinds.length] ?? "reply lost";
  const at: Column = columns[(Math.floor(index / faultKinds.length) + index) % columns.length] ?? "replace";
  // The regular upgrade, too; of its steps there is one for the whole cluster. A host that goes back alone is of the other.
  const isDowntime = seed % 7 === 3 && kind !== "operator aborts";
  const occurrence = 1 + ((seed * 7 + Math.floor(index / cells)) % occurrences(at, isDowntime));
  const units = seed % 4 === 0;
  const dataNodesPerHost = seed % 7 === 0 ? 2 : 1;
  return {
    seed,
    fault: { kind, at, occurrence },
    ...(isDowntime ? { mode: "downtime" as const } : {}),
    cluster: {
      ...(kind === "plugin of another version" ? { clusterSettings: { preloadModules: `plugins::${PLUGIN}` } } : {}),
      units,
      dataNodesPerHost,
      ...(seed % 3 === 0 ? { hosts: 4 } : {}),
      ...(seed % 5 === 0 ? { computeNodesPerHost: 1 } : {}),
    },
  };
}

/** Null: it counts. */
export function whyUncounted({ fired, rows, mode }: TrialResult): string | null {
  if (fired === null) return "the fault never fired";
  // While everything is down, and after an early abort, there is little time to write.
  const least = mode === "downtime" || fired.kind === "operator aborts" ? FEW_ACKS : LEAST_ACKS;
  return rows.acknowledged >= least ? null : `fewer than ${String(least)} rows were acknowledged`;
}

export function judge(result: TrialResult): Judgement {
  const { ended, rows, state, history, fired, mode, wayBack } = result;
  const aborts = fired?.kind === "operator aborts";
  // Starts and ends that a fault does not account for: what an abort puts back starts once more, and a plug-in that does not load ends its node.
  const restarts = aborts ? [] : state.extraRestarts;
  const twice = state.doubleActions.filter((each) => fired?.kind !== "plugin of another version" || !each.includes("in vain"));
  // A node that a fault killed in the middle of writing may be short of a copy for a while; copies that a fault made necessary are not ours.
  const copies = fired !== null && isDeath(fired.kind) ? [] : history.copies;
  // All at once nothing is served, and nobody needs the last replica.
  const exposed = mode === "downtime" ? [] : history.exposed;
  return {
    broken: [
      ...(wayBack === null ? [] : brokenBars({ ended: wayBack, said: "the way back" }, [])),
      ...brokenBars(
        result,
        [
          ["lost", rows.lost],
          ["stored twice by the server", rows.duplicatedByServer],
          ["stored and sent by nobody", rows.foreign],
          ["replicas differ", rows.unequal],
          ["left behind", state.leftovers],
          ["not upgraded", state.notUpgraded],
          ["restarts", restarts],
          ["twice", twice],
          [
            "a host went down with the last replica",
            exposed.map(({ host, alias, chunks }) => `${alias} on ${host}: ${String(chunks.length)} chunks`),
          ],
          ["copied again", copies.map(({ chunkId }) => chunkId)],
        ],
        ended.outcome?.is === "succeeded" || (aborts && ended.outcome?.is === "aborted"),
      ),
    ],
    lost: rows.lost.length,
    leftovers: state.leftovers.length + state.notUpgraded.length,
    extraRestarts: restarts.length,
    doubleActions: twice.length,
    questions: ended.questions.length,
  };
}
const isDeath = (kind: FaultKind): boolean => kind.includes("data node of") || kind === "link cut" || kind.endsWith("controller killed");
