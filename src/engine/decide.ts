// What comes next: pure, from the fold of a run and the driver's `undo`.
import type { AnyOperation } from "../model/driver.ts";
import { StillwaterError } from "../model/errors.ts";
import type { Facts } from "../model/facts.ts";
import { isUndo, type Item, type Step, type Turn, type Undo } from "../model/step.ts";
import type { RunFold } from "./run-fold.ts";

export type Action = { readonly do: "advance"; readonly step: Step } | { readonly do: "close"; readonly step: Step };

/** Ids made unique in the run; an undo inside a list means its sibling. */
export const qualify = (items: readonly Item[], prefix: string): readonly Item[] =>
  items.map((item) => (isUndo(item) ? { undo: prefix + item.undo } : { ...item, id: prefix + item.id }));

/** Made by an operation's `undo`, see `undoing`. */
export const isUndoStep = ({ id }: Step): boolean => id.startsWith("undo ");

export class Decider<F extends Facts> {
  readonly fold: RunFold;
  readonly #operations: Readonly<Record<string, AnyOperation<F>>>;
  #cacheRevision = -1;
  readonly #undoing = new Map<string, readonly Item[]>();

  constructor(fold: RunFold, operations: Readonly<Record<string, AnyOperation<F>>>) {
    this.fold = fold;
    this.#operations = operations;
  }

  operation(step: Step): AnyOperation<F> {
    const operation = this.#operations[step.do];
    if (!operation) throw new StillwaterError("SW1207", `The driver has no operation ${step.do}, which step ${step.id} names.`, { object: step.id });
    return operation;
  }

  /** It may have changed something: it acted, or a person was asked to. */
  #acted(step: Step): boolean {
    const state = this.fold.of(step.id);
    return state.acts > 0 || (step.ask !== undefined && (state.approved || state.asked !== null));
  }
  /** Of a point of no return: it acted, it is done, or a person was told to do it, who may have. Only a look can tell then. */
  mayHaveBegun(step: Step): boolean {
    const state = this.fold.of(step.id);
    if (state.skipped) return state.acts > 0;
    const told = step.ask !== undefined && this.operation(step).act === undefined && (state.approved || state.asked !== null);
    return state.acts > 0 || state.done || state.word !== null || told;
  }
  touched(step: Step): boolean {
    return this.#acted(step) || this.fold.of(step.id).rounds.some((round) => round.some((child) => !isUndo(child) && this.touched(child)));
  }

  /** The steps that put a step back: of what it expanded into in reverse order, then its own. */
  undoing(step: Step): readonly Item[] {
    if (this.#cacheRevision !== this.fold.revision) {
      this.#undoing.clear();
      this.#cacheRevision = this.fold.revision;
    }
    const cached = this.#undoing.get(step.id);
    if (cached) return cached;
    const state = this.fold.of(step.id);
    const children = state.rounds
      .flat()
      .toReversed()
      .filter((child): child is Step => !isUndo(child) && this.touched(child));
    const own = this.#acted(step) ? (this.operation(step).undo?.(step.params, state.before ?? null) ?? []) : [];
    const prefix = state.releases === 0 ? `undo ${step.id}/` : `undo ${step.id} (${state.releases + 1})/`;
    const items = this.fold.learn([...children.map((child) => ({ undo: child.id })), ...qualify(own, prefix)]);
    this.#undoing.set(step.id, items);
    return items;
  }

  next(items: readonly Item[]): Action | null {
    for (const item of items) {
      if (isUndo(item)) {
        const step = this.fold.step(item.undo);
        if (this.fold.of(step.id).undone) continue;
        const inner = this.next(this.undoing(step));
        if (inner) return inner;
        if (step.held) return { do: "close", step };
      } else {
        const state = this.fold.of(item.id);
        if (state.done) continue;
        // Whoever says that it has happened speaks of all that it expanded into.
        return (state.word === null ? this.next(state.rounds.at(-1) ?? []) : null) ?? { do: "advance", step: item };
      }
    }
    return null;
  }

  /** Held steps that are taken, and nothing of their undo has begun. */
  held(): readonly Step[] {
    return [...this.fold.known.values()].filter((step) => {
      if (!step.held) return false;
      const state = this.fold.of(step.id);
      return (state.done || state.lost) && !state.skipped && !state.undone && !this.#begun(this.undoing(step));
    });
  }
  /** Held steps that have changed something and are not put back: what an orphaned cluster still carries. */
  left(): readonly Step[] {
    return [...this.fold.known.values()].filter((step) => step.held !== undefined && this.touched(step) && !this.fold.of(step.id).undone);
  }
  /**
   * Held steps that somebody began to put back before their time came: the watchdog died at it, or an abort turned round in the middle of it. Nobody
   * knows how much of them still holds, and their undo would later be taken for done.
   */
  halfReleased(): readonly Step[] {
    const reached = new Set<string>();
    this.#walk(this.path(), reached);
    return [...this.fold.known.values()].filter(
      (step) => step.held !== undefined && !reached.has(step.id) && !this.fold.of(step.id).undone && this.#begun(this.undoing(step)),
    );
  }
  /** Notes every step whose undo lies on the way up to what comes next; true when that was found. */
  #walk(items: readonly Item[], reached: Set<string>): boolean {
    for (const item of items) {
      if (isUndo(item)) {
        const step = this.fold.step(item.undo);
        reached.add(step.id);
        if (this.fold.of(step.id).undone) continue;
        if (this.#walk(this.undoing(step), reached) || step.held) return true;
      } else {
        const state = this.fold.of(item.id);
        if (state.done) continue;
        this.#walk(state.rounds.at(-1) ?? [], reached);
        return true;
      }
    }
    return false;
  }
  #begun(items: readonly Item[]): boolean {
    return items.some((item) => (isUndo(item) ? this.#begun(this.undoing(this.fold.step(item.undo))) : this.fold.of(item.id).before !== undefined));
  }

  turnOf(step: Step): Turn | undefined {
    return this.fold.turns.find((turn) => turn.items.some((item) => !isUndo(item) && (item.id === step.id || step.id.startsWith(`${item.id}/`))));
  }
  /** Nothing of it is in the journal yet: its gate comes first. */
  unseen(turn: Turn): boolean {
    return turn.items.every((item) => isUndo(item) || this.fold.of(item.id).before === undefined);
  }
  openTurn(): Turn | null {
    const begun = (turn: Turn): boolean =>
      turn.items.some((item) => !isUndo(item) && (this.fold.of(item.id).before !== undefined || this.touched(item)));
    return this.fold.turns.findLast((turn) => begun(turn) && this.next(turn.items) !== null) ?? null;
  }
  /** What, once begun, an abort of this turn can only finish: the turn's own points of no return, and those of the whole run wherever they are. */
  committing(turn: Turn | null): readonly Step[] {
    if (turn === null) return [];
    return [...this.fold.known.values()].filter((step) => step.commits !== undefined && (step.commits.of === "run" || this.turnOf(step) === turn));
  }
  /** The items that are left to walk: the plan's, or after an abort the way back (or, past a commit, to the end of the turn). */
  path(): readonly Item[] {
    const { aborting, turns } = this.fold;
    if (!aborting) return [...turns.flatMap((turn) => turn.items), ...this.#rest()];
    const open = turns.find((turn) => turn.id === aborting.turn);
    const stepsOf = (turn: Turn): readonly Step[] => turn.items.filter((item): item is Step => !isUndo(item)).toReversed();
    const undo = (step: Step): Undo => ({ undo: step.id });
    const here = !open
      ? []
      : aborting.finish
        ? open.items
        : stepsOf(open)
            .filter((step) => this.touched(step))
            .map(undo);
    return [...here, ...this.#rest()];
  }
  /** Whatever is still held at the end of the way, last taken first: of turns that an abort leaves as they are, or taken by an expansion that named no end. */
  #rest(): readonly Undo[] {
    return this.left()
      .toReversed()
      .map((step) => ({ undo: step.id }));
  }
}
