import type { Signal } from "../../../src/journal/store.ts";
import { ClaimLost } from "../../../src/model/errors.ts";
import type { RunEvent } from "../../../src/model/event.ts";

/** A journal in memory. What it gives back went through JSON, like everything that a real journal gives back. */
export class ArrayJournal {
  readonly #events: RunEvent[] = [];
  #epoch = 0;
  #signal: Signal = { desired: "run", by: "operator", reason: "" };

  get epoch(): number {
    return this.#epoch;
  }
  get signal(): Signal {
    return this.#signal;
  }
  wish(desired: Signal["desired"]): void {
    this.#signal = { desired, by: "operator", reason: "the trial" };
  }
  /** Takes the claim: from now on nobody else appends. */
  claim(verb: string): number {
    this.#epoch++;
    this.append(this.#epoch, [{ is: "claimed", holder: "matrix", verb, pid: this.#epoch }]);
    return this.#epoch;
  }
  append(epoch: number, events: readonly RunEvent[]): void {
    if (epoch !== this.#epoch) throw new ClaimLost(`epoch ${epoch} is not ${this.#epoch}`);
    for (const event of events) this.#events.push(JSON.parse(JSON.stringify(event)) as RunEvent);
  }
  read(): readonly RunEvent[] {
    return this.#events;
  }
}
