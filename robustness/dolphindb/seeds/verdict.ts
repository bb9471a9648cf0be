// What a seed is, from its number alone; whether it counts; and which bars its end breaks.
import { columns, type Column } from "./columns.ts";
import { faultKinds, type FaultKind } from "./faults.ts";
import type { TrialOptions, TrialResult } from "./trial.ts";

/** Rows that an application must have had acknowledged for a seed to count. */
export const LEAST_ACKS = 100;

export type SeedTrial = TrialOptions & { readonly fault: NonNullable<TrialOptions["fault"]> };
export const cells = faultKinds.length * columns.length;
export const replayOf = (seed: number): string => `again: npm run robustness -- dolphindb --seeds 1 --first ${String(seed)}`;

/** Before the first host and behind the last one there is one such step; in between one for each host. */
const occurrences = (at: Column): number => (at === "restart interval" ? 1 : 3);

/** Kinds and steps in turn, so that every pair comes up; which of the three hosts it hits, and what cluster it is, follows from the rest. */
export function trialOf(seed: number): SeedTrial {
  const index = seed - 1;
  const kind: FaultKind = faultKinds[index % faultKinds.length] ?? "reply lost";
  const at: Column = columns[(Math.floor(index / faultKinds.length) + index) % columns.length] ?? "replace";
  const occurrence = 1 + ((seed * 7 + Math.floor(index / cells)) % occurrences(at));
  const units = seed % 4 === 0;
  const dataNodesPerHost = seed % 7 === 0 ? 2 : 1;
  return {
    seed,
    fault: { kind, at, occurrence },
    cluster: { units, dataNodesPerHost, ...(seed % 3 === 0 ? { hosts: 4 } : {}), ...(seed % 5 === 0 ? { computeNodesPerHost: 1 } : {}) },
  };
}

/** Null: it counts. */
export function whyUncounted({ fired, rows }: TrialResult): string | null {
  if (fired === null) return "the fault never fired";
  return rows.acknowledged >= LEAST_ACKS ? null : `fewer than ${String(LEAST_ACKS)} rows were acknowledged`;
}

/** Bars that are broken, in words; empty: the seed ended as it must. */
export function brokenBars({ ended, rows, state, history, said, fired }: TrialResult): readonly string[] {
  const { outcome } = ended;
  const broken: string[] = [];
  if (outcome?.is !== "succeeded") {
    const how =
      outcome === null
        ? "no end"
        : outcome.is === "paused"
          ? `paused ${outcome.code} at ${String(outcome.step)}: ${outcome.why}`
          : outcome.is === "asks"
            ? `asks ${outcome.code} at ${outcome.step}: ${outcome.question}`
            : outcome.is;
    broken.push(`ended with: ${how} (last: ${said})`);
  }
  // A node that a fault killed in the middle of writing may be short of a copy for a while; copies that a fault made necessary are not ours.
  const copies = fired !== null && isDeath(fired.kind) ? [] : history.copies;
  for (const [what, list] of [
    ["lost", rows.lost],
    ["stored twice by the server", rows.duplicatedByServer],
    ["stored and sent by nobody", rows.foreign],
    ["replicas differ", rows.unequal],
    ["left behind", state.leftovers],
    ["not upgraded", state.notUpgraded],
    ["restarts", state.extraRestarts],
    ["twice", state.doubleActions],
    [
      "a host went down with the last replica",
      history.exposed.map(({ host, alias, chunks }) => `${alias} on ${host}: ${String(chunks.length)} chunks`),
    ],
    ["copied again", copies.map(({ chunkId }) => chunkId)],
    ["defect", ended.defects],
  ] as const)
    if (list.length > 0) broken.push(`${what}: ${list.slice(0, 4).join("; ")}${list.length > 4 ? ` and ${String(list.length - 4)} more` : ""}`);
  return broken;
}
export const isDeath = (kind: FaultKind): boolean => kind.includes("data node of") || kind === "link cut" || kind.endsWith("controller killed");
