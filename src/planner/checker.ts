// Walks what a driver planned, before anybody sees it. Pure.
import type { Draft, Driver } from "../model/driver.ts";
import type { Facts, Finding, Invariant } from "../model/facts.ts";
import { isUndo, phases, type Item, type Step, type Turn } from "../model/step.ts";

const findings = <F extends Facts>(
  invariants: readonly Invariant<F>[],
  holds: Invariant<F>["holds"],
  facts: F,
): readonly (Finding & { readonly invariant: string })[] =>
  invariants.filter((each) => each.holds === holds).flatMap((each) => each.broken(facts).map((finding) => ({ ...finding, invariant: each.name })));

const text = (at: string, finding: Finding & { readonly invariant: string }): string =>
  `${at}: ${finding.invariant}: ${finding.object}: ${finding.what}`;

/**
 * Everything that is wrong with a draft, one line each; empty when every invariant holds at every point and on every abort path, each node has one
 * turn, every id is unique, every held step is put back, and every operation exists. An invariant that was broken before the first step counts only
 * where a step makes it worse; so at the end, too, of a plan that only heals: it need not heal everything.
 */
export function checkDraft<F extends Facts, G>(driver: Pick<Driver<F, G>, "operations" | "invariants">, facts: F, draft: Draft): readonly string[] {
  const walk = new Walk(driver, facts);
  for (const turn of draft.turns) walk.turn(turn);
  return walk.end(draft.turns.every(({ heals }) => heals === true));
}

class Walk<F extends Facts> {
  readonly #driver: Pick<Driver<F, never>, "operations" | "invariants">;
  readonly #wrong: string[] = [];
  readonly #seenNodes = new Set<string>();
  readonly #steps = new Map<string, Step>();
  readonly #held = new Set<string>();
  readonly #before: ReadonlySet<string>;
  readonly #openBefore: ReadonlySet<string>;
  readonly #judged = new WeakMap<F, readonly (Finding & { readonly invariant: string })[]>();
  #facts: F;
  /** A point of no return of the whole run lies behind: an abort only finishes turns. */
  #noWayBack = false;

  constructor(driver: Pick<Driver<F, never>, "operations" | "invariants">, facts: F) {
    this.#driver = driver;
    this.#facts = facts;
    this.#before = new Set(findings(driver.invariants, "always", facts).map((finding) => text("", finding)));
    this.#openBefore = new Set(findings(driver.invariants, "between turns", facts).map((finding) => text("", finding)));
  }

  turn(turn: Turn): void {
    if (!turn.heals)
      for (const finding of findings(this.#driver.invariants, "between turns", this.#facts)) this.#wrong.push(text(`before ${turn.id}`, finding));
    for (const node of turn.nodes) {
      if (this.#seenNodes.has(node)) this.#wrong.push(`${turn.id}: ${node} has a turn already`);
      this.#seenNodes.add(node);
    }
    const done: Step[] = [];
    for (const item of turn.items) {
      this.#item(turn, item, done);
      if (!isUndo(item)) this.#abort(turn, done);
    }
  }

  end(onlyHeals: boolean): readonly string[] {
    for (const finding of findings(this.#driver.invariants, "between turns", this.#facts))
      if (!onlyHeals || !this.#openBefore.has(text("", finding))) this.#wrong.push(text("at the end", finding));
    for (const id of this.#held) this.#wrong.push(`${id}: held, and never put back`);
    return this.#wrong;
  }

  #item(turn: Turn, item: Item, done: Step[]): void {
    if (isUndo(item)) {
      if (!this.#steps.has(item.undo)) this.#wrong.push(`${turn.id}: puts back ${item.undo}, which no earlier step is called`);
      this.#held.delete(item.undo);
      return;
    }
    if (this.#steps.has(item.id)) this.#wrong.push(`${item.id}: two steps have this id`);
    this.#steps.set(item.id, item);
    if (!phases.includes(item.phase)) this.#wrong.push(`${item.id}: no phase ${item.phase}`);
    const operation = this.#driver.operations[item.do];
    if (!operation) {
      this.#wrong.push(`${item.id}: no operation ${item.do}`);
      return;
    }
    for (const name of item.may?.do ?? [])
      if (!this.#driver.operations[name]) this.#wrong.push(`${item.id}: may expand into ${name}, which is no operation`);
    if (item.held) {
      this.#held.add(item.id);
      if (!operation.undo && !item.may) this.#wrong.push(`${item.id}: held, but ${item.do} has no undo`);
    }
    this.#facts = operation.predict?.(this.#facts, item.params) ?? this.#facts;
    done.push(item);
    if (item.commits?.of === "run") this.#noWayBack = true;
    this.#always(item.id, this.#facts);
  }

  /** An abort here undoes the steps of this turn in reverse order; past a commit it finishes the turn instead, which the main walk covers. */
  #abort(turn: Turn, done: readonly Step[]): void {
    if (this.#noWayBack || done.some((step) => step.commits)) return;
    let facts = this.#facts;
    const at = `${turn.id}: abort after ${done.at(-1)?.id ?? "nothing"}`;
    for (const step of done.toReversed()) {
      const operation = this.#driver.operations[step.do];
      // What an undo needs was read at run time (`before`), so only undos that work without it can be walked here; the engine checks the rest from fresh facts.
      if (!operation?.undo || operation.prepare) continue;
      for (const item of operation.undo(step.params, null)) {
        if (isUndo(item)) continue;
        const undoing = this.#driver.operations[item.do];
        if (!undoing) this.#wrong.push(`${at}: ${step.id} is undone by ${item.do}, which is no operation`);
        facts = undoing?.predict?.(facts, item.params) ?? facts;
        this.#always(at, facts);
      }
    }
  }

  #always(at: string, facts: F): void {
    for (const finding of this.#findings(facts))
      if (!this.#before.has(text("", finding))) {
        const line = text(at, finding);
        if (!this.#wrong.includes(line)) this.#wrong.push(line);
      }
  }

  /** Most steps change nothing that an invariant reads: the same facts are judged once. */
  #findings(facts: F): readonly (Finding & { readonly invariant: string })[] {
    const known = this.#judged.get(facts);
    if (known) return known;
    const judged = findings(this.#driver.invariants, "always", facts);
    this.#judged.set(facts, judged);
    return judged;
  }
}
