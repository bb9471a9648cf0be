// Writes journals by hand, for tests: a clock that only moves when it is told to.
import type { JournalEntry, RunEvent } from "../../model/event.ts";
import type { Step } from "../../model/step.ts";

export class JournalWriter {
  readonly entries: JournalEntry[] = [];
  epoch = 0;
  at: number;

  constructor(at: number) {
    this.at = at;
  }
  wait(ms: number): this {
    this.at += ms;
    return this;
  }
  write(event: RunEvent): this {
    this.entries.push({ n: this.entries.length + 1, epoch: this.epoch, at: this.at, event });
    return this;
  }
  claim(holder: string, verb: string): this {
    this.epoch++;
    return this.write({ is: "claimed", holder, verb, pid: 4000 + this.epoch });
  }
  begin(step: string): this {
    return this.write({ is: "acting", step, at: this.at, settled: this.at, before: null });
  }
  /** Acts, gets its answer and is seen done after that time. */
  act(step: string, ms: number): this {
    return this.begin(step)
      .wait(Math.round(ms * 0.8))
      .write({ is: "acted", step, receipt: null })
      .wait(Math.round(ms * 0.2))
      .done(step);
  }
  done(step: string): this {
    return this.write({ is: "done", step, proof: null });
  }
  /** Nothing to do but to wait for a condition. */
  met(step: string, ms: number): this {
    return this.wait(ms).done(step);
  }
  expand(step: string, into: readonly Step[]): this {
    return this.write({ is: "expanded", step, into: into.map((child) => ({ ...child, id: `${step}/0.${child.id}` })), before: null });
  }
}
