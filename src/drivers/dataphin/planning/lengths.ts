// How long each step takes, as the operator has said it. Pure.
import { isUndo, type Item, type Step } from "../../../model/step.ts";
import type { Window } from "../window.ts";

/**
 * Steps with their lengths (ms) scaled to the window's: the upgrade of the application has its own share of it, the rest is shared as the defaults share
 * it. What was not given stays as it is.
 */
export function inGivenTime(items: readonly Item[], { given, durationMs, applicationMs }: Window): readonly Item[] {
  const lengthOf = (wanted: (step: Step) => boolean): number =>
    items.reduce((sum, item) => sum + (!isUndo(item) && wanted(item) ? (item.expectedMs ?? 0) : 0), 0);
  const upgrades = ({ do: operation }: Step): boolean => operation === "upgradeApplication";
  const upgrading = lengthOf(upgrades);
  const rest = lengthOf((step) => !upgrades(step));
  const factors = {
    upgrading: (given.duration || given.application) && upgrading > 0 ? applicationMs / upgrading : 1,
    rest: given.duration && rest > 0 ? (durationMs - applicationMs) / rest : 1,
  };
  return items.map((item) =>
    isUndo(item) || item.expectedMs === undefined
      ? item
      : { ...item, expectedMs: Math.round(item.expectedMs * (upgrades(item) ? factors.upgrading : factors.rest)) },
  );
}
