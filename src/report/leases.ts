// Temporary settings of the cluster: what was taken, what was put back, what is left. Pure.
import type { JournalEntry } from "../model/event.ts";
import type { Plan } from "../model/plan.ts";
import { knownSteps } from "./known-steps.ts";

/** Times in ms since 1970; `to` null: not put back. */
export interface Lease {
  readonly step: string;
  readonly title: string;
  readonly from: number;
  readonly to: number | null;
  /** A person says that it was put back, and no look could tell. */
  readonly word?: true;
}

/** Held steps that changed something, themselves or through what they expanded into. */
export function leasesOf(plan: Plan, entries: readonly JournalEntry[]): readonly Lease[] {
  const find = knownSteps(plan, entries);
  const leases = new Map<string, Lease>();
  /** Steps that put something back: whom a person left out, and those of which only a person says that they have happened. */
  const leftOut = new Set<string>();
  const words = new Set<string>();
  const holder = (id: string): string | null => {
    for (let step = find(id); ;) {
      if (step.undo) return null;
      if (step.held) return step.id;
      if (step.parent === null) return null;
      step = find(step.parent);
    }
  };
  for (const { event, at } of entries) {
    if (event.is === "acting") {
      const id = holder(event.step);
      if (id === null) continue;
      // Set again after it was lost, or after the watchdog put it back: it is held again, since it was first taken.
      leases.set(id, { step: id, title: find(id).title ?? id, from: leases.get(id)?.from ?? at, to: null });
      // What was left out of an earlier putting back says nothing of the next one.
      for (const former of [leftOut, words]) for (const step of former) if (putsBack(step, id)) former.delete(step);
    } else if (event.is === "absent") {
      const lease = leases.get(event.step);
      if (lease && !entries.some((other) => other.at < at && other.event.is === "done" && other.event.step === event.step)) leases.delete(event.step);
    } else if (event.is === "done") {
      if (event.word === undefined) words.delete(event.step);
      else words.add(event.step);
    } else if (event.is === "answered") {
      if (event.answer === "skip") leftOut.add(event.step);
      else leftOut.delete(event.step);
    } else if (event.is === "undone" || event.is === "released") {
      // Somebody left out what would have put it back: closed in the journal, and still set in the cluster.
      if ([...leftOut].some((step) => putsBack(step, event.step))) continue;
      const lease = leases.get(event.step);
      const word = [...words].some((step) => putsBack(step, event.step)) ? ({ word: true } as const) : {};
      if (lease) leases.set(event.step, { ...lease, to: at, ...word });
    }
  }
  return [...leases.values()];
}

/** Titles of those of which only a person says that they were put back. */
export const onWord = (leases: readonly Lease[]): readonly string[] => leases.flatMap(({ title, word }) => (word === true ? [title] : []));
/** For one of them. */
export const onWordText = (title: string): string => `${title}: that it was put back is a person's word, which nothing confirmed`;

/** Whether a step of that id is one of those that put `held` back. */
const putsBack = (id: string, held: string): boolean => id.startsWith(`undo ${held}/`) || id.startsWith(`undo ${held} (`);
