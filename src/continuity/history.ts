// What every record may look like, from the log alone. Kept in flat arrays: some 20 bytes an attempt, so that hours of attempts fit beside everything else.
import { continuityKinds, type ContinuityKind } from "../model/continuity.ts";
import type { LogEntry } from "./log-reader.ts";

/** `absent` as a state: sequences begin at 1. */
export const absent = 0;

const outcomes = ["unknown", "acknowledged", "refused"] as const;
export type Outcome = (typeof outcomes)[number];

export interface Operation {
  readonly sequence: number;
  readonly kind: ContinuityKind;
  readonly outcome: Outcome;
  /** The state that it finds: `absent` for an insert. */
  readonly from: number;
  /** The state that it leaves: its own sequence, or `absent` for a delete. */
  readonly to: number;
}

class Numbers {
  #held: Uint32Array = new Uint32Array(1024);
  get(index: number): number {
    return this.#held[index] ?? 0;
  }
  set(index: number, value: number): void {
    if (index >= this.#held.length) {
      const grown = new Uint32Array(Math.max(index + 1, Math.ceil(this.#held.length * 1.5)));
      grown.set(this.#held);
      this.#held = grown;
    }
    this.#held[index] = value;
  }
}

const present = 0x80;

export class History {
  /** Per sequence: 0 for none; otherwise `present`, the kind and the outcome. */
  readonly #what = new Numbers();
  readonly #record = new Numbers();
  readonly #expects = new Numbers();
  /** Per sequence: the attempt before it on the same record. */
  readonly #before = new Numbers();
  /** Per record: the last attempt on it; the salt of its key, plus one. */
  readonly #last = new Numbers();
  readonly #salt = new Numbers();
  /** Per sequence: how often it was sent again. Rare. */
  readonly #again = new Map<number, number>();
  readonly #planted = new Set<number>();
  readonly #removed = new Set<number>();
  #probe = "";
  #highest = 0;
  #attempts = 0;
  #acknowledged = 0;
  #refused = 0;
  #outcomes = 0;
  readonly #outcomesAtMost: number;

  /** `outcomesAtMost`: later outcomes are not taken, so that what they are about counts as unknown. */
  constructor(outcomesAtMost = Infinity) {
    this.#outcomesAtMost = outcomesAtMost;
  }

  /** Entries in the order of the log. The first outcome of an attempt counts; an outcome without an intent says nothing. */
  add(entry: LogEntry): void {
    switch (entry.is) {
      case "intent": {
        const { sequence, record } = entry;
        if (this.#what.get(sequence) !== 0) return;
        this.#what.set(sequence, present | (continuityKinds.indexOf(entry.kind) << 2));
        this.#record.set(sequence, record);
        this.#expects.set(sequence, entry.expects ?? absent);
        this.#before.set(sequence, this.#last.get(record));
        this.#last.set(record, sequence);
        if (entry.kind === "insert") this.#salt.set(record, entry.salt + 1);
        this.#highest = Math.max(this.#highest, sequence, record);
        this.#attempts++;
        return;
      }
      case "acknowledged":
      case "refused": {
        if (++this.#outcomes > this.#outcomesAtMost) return;
        const what = this.#what.get(entry.sequence);
        if (what === 0 || (what & 3) !== 0) return;
        this.#what.set(entry.sequence, what | outcomes.indexOf(entry.is));
        if (entry.is === "acknowledged") this.#acknowledged++;
        else this.#refused++;
        return;
      }
      case "again":
        this.#again.set(entry.sequence, (this.#again.get(entry.sequence) ?? 0) + 1);
        return;
      case "control":
        (entry.step === "planted" ? this.#planted : this.#removed).add(entry.record);
        return;
      case "began":
        if (this.#probe === "") this.#probe = entry.probe;
        return;
      case "partition":
      case "unknown":
      case "hole":
      case "bound":
      case "alive":
      case "ended":
      case "damaged":
        return;
    }
  }

  /** What the keys of this probe have in common. */
  get probe(): string {
    return this.#probe;
  }
  /** Outcomes in the log, the unknown ones left out. */
  get outcomes(): number {
    return this.#outcomes;
  }
  get attempts(): number {
    return this.#attempts;
  }
  get acknowledged(): number {
    return this.#acknowledged;
  }
  get refused(): number {
    return this.#refused;
  }
  /** With the attempts whose outcome was never written down. */
  get unknown(): number {
    return this.#attempts - this.#acknowledged - this.#refused;
  }
  /** Records run from 1 to this number; not every number in between is one. */
  get highestRecord(): number {
    return this.#highest;
  }
  /** Control records that were certainly removed. */
  get controls(): ReadonlySet<number> {
    return this.#removed;
  }

  /** A control record is nobody's loss, also one whose removal was cut short by a kill. */
  isControl(record: number): boolean {
    return this.#planted.has(record) || this.#removed.has(record);
  }

  /** How often the record may be there: once, and once more for each time that its insert was sent again. */
  copies(record: number): number {
    return 1 + (this.#again.get(record) ?? 0);
  }

  /** The salt of the record's key; null: no such record was ever attempted. */
  saltOf(record: number): number | null {
    const held = this.#salt.get(record);
    return held === 0 ? null : held - 1;
  }

  operation(sequence: number): Operation | null {
    const what = this.#what.get(sequence);
    if (what === 0) return null;
    const kind = continuityKinds[(what >> 2) & 3] ?? "insert";
    const to = kind === "delete" ? absent : sequence;
    return { sequence, kind, outcome: outcomes[what & 3] ?? "unknown", from: this.#expects.get(sequence), to };
  }

  /** Everything that was tried on a record, oldest first. */
  chain(record: number): readonly Operation[] {
    const chain: Operation[] = [];
    for (let sequence = this.#last.get(record); sequence !== 0; sequence = this.#before.get(sequence)) {
      const operation = this.operation(sequence);
      if (operation !== null) chain.push(operation);
    }
    return chain.reverse();
  }

  /**
   * The one state that a record must be in when nothing is unknown about it: the writer's sequence, or `absent`.
   * Null: more than one is possible, see `permitted`.
   */
  certain(record: number): number | null {
    let state = -1;
    for (let sequence = this.#last.get(record); sequence !== 0; sequence = this.#before.get(sequence)) {
      const what = this.#what.get(sequence);
      switch (what & 3) {
        case 0:
          return null;
        case 1:
          if (state === -1) state = ((what >> 2) & 3) === 2 ? absent : sequence;
          break;
        default:
          break;
      }
    }
    return state === -1 ? absent : state;
  }

  /**
   * Every state that the outcomes permit. A refused attempt changes nothing. An acknowledged one leaves its own state. An unknown one may have
   * happened, may happen later, or never: its effect is possible from then on wherever the state that it builds on is.
   */
  permitted(record: number): ReadonlySet<number> {
    let states = new Set([absent]);
    const pending: Operation[] = [];
    const settle = (): void => {
      for (let grown = true; grown;) {
        grown = false;
        for (const { from, to } of pending) {
          if (!states.has(from) || states.has(to)) continue;
          states.add(to);
          grown = true;
        }
      }
    };
    for (const operation of this.chain(record)) {
      switch (operation.outcome) {
        case "acknowledged":
          states = new Set([operation.to]);
          break;
        case "unknown":
          pending.push(operation);
          break;
        case "refused":
          break;
      }
      settle();
    }
    return states;
  }
}

/** Reads a whole log into a history. */
export async function historyOf(log: AsyncIterable<readonly LogEntry[]>, outcomesAtMost = Infinity): Promise<History> {
  const history = new History(outcomesAtMost);
  for await (const piece of log) for (const entry of piece) history.add(entry);
  return history;
}
