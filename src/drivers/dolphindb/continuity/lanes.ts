// The probe's writers: some for each partition, so that a chunk that hangs keeps no other partition waiting.
import type { AttemptOutcome } from "../../../model/continuity.ts";
import { Writer, type Sending, type WriterOptions } from "./writer.ts";

interface Waiting {
  readonly take: (writer: Writer) => void;
}
interface Lane {
  readonly writers: Writer[];
  readonly idle: Writer[];
  readonly waiting: Set<Waiting>;
}

export class Lanes {
  readonly #options: WriterOptions;
  readonly #writersEach: number;
  readonly #lanes = new Map<string, Lane>();
  #last = "nothing has been answered yet";

  constructor(options: WriterOptions, writersEach: number) {
    this.#options = options;
    this.#writersEach = writersEach;
  }

  async send(name: string, sending: Sending): Promise<AttemptOutcome> {
    const lane = this.#lane(name);
    const writer = await this.#acquire(lane, sending.signal);
    if (writer === null) return { is: "refused", why: `never sent: every writer of the partition waits (${this.#last})` };
    try {
      const outcome = await writer.send(sending);
      this.#last = outcome.is === "acknowledged" ? `the last row was acknowledged by ${writer.site ?? "a site"}` : outcome.why;
      return outcome;
    } finally {
      release(lane, writer);
    }
  }

  close(): void {
    for (const { writers } of this.#lanes.values()) for (const writer of writers) writer.close();
    this.#lanes.clear();
  }

  #lane(name: string): Lane {
    const held = this.#lanes.get(name);
    if (held !== undefined) return held;
    const lane: Lane = { writers: [], idle: [], waiting: new Set() };
    this.#lanes.set(name, lane);
    return lane;
  }

  async #acquire(lane: Lane, signal: AbortSignal): Promise<Writer | null> {
    const idle = lane.idle.pop();
    if (idle !== undefined) return idle;
    if (lane.writers.length < this.#writersEach) {
      const writer = new Writer(this.#options);
      lane.writers.push(writer);
      return writer;
    }
    return new Promise((resolve) => {
      const end = (writer: Writer | null): void => {
        signal.removeEventListener("abort", give);
        lane.waiting.delete(waiting);
        resolve(writer);
      };
      const waiting: Waiting = { take: end };
      const give = (): void => end(null);
      signal.addEventListener("abort", give, { once: true });
      if (signal.aborted) give();
      else lane.waiting.add(waiting);
    });
  }
}

/** Whoever has waited longest is next. */
function release(lane: Lane, writer: Writer): void {
  const [next] = lane.waiting;
  if (next === undefined) lane.idle.push(writer);
  else next.take(writer);
}
