import { isUndo, type Item, type Step } from "../model/step.ts";

/** What of an expansion the approved plan does not allow; null: nothing. `already`: how many steps the step has expanded into before. */
export function outsideOf(step: Step, already: number, into: readonly Item[]): string | null {
  const atMost = step.may?.atMost ?? 0;
  if (already + into.length > atMost) return `${already + into.length} steps, the plan allows ${atMost}`;
  const ids = new Set<string>();
  for (const item of into) {
    if (isUndo(item) ? !ids.has(item.undo) : ids.has(item.id) || !(step.may?.do.includes(item.do) ?? false))
      return `${JSON.stringify(item)} is not allowed`;
    if (!isUndo(item)) ids.add(item.id);
  }
  return null;
}
