// What the engine is given in virtual time: everything is asynchronous, so anything may happen between two of its steps.
import type { Surroundings } from "../../src/engine/surroundings.ts";
import { ClaimLost } from "../../src/model/errors.ts";
import type { RunEvent } from "../../src/model/event.ts";
import type { Fence } from "../../src/model/fence.ts";
import type { Clock } from "../../lab/kit/clock.ts";
import type { ArrayJournal } from "../matrix/simulation/array-journal.ts";
import type { Instants, Moment } from "./instants.ts";
import type { Mortal } from "./process.ts";

/** What hosts refuse everything below of. */
export interface FencedHosts {
  raise(epoch: number, connection: number): void;
}
export interface VirtualSurroundingsOptions {
  readonly clock: Clock;
  readonly journal: ArrayJournal;
  readonly epoch: number;
  readonly process: Mortal;
  readonly hosts: FencedHosts;
  readonly instants: Instants;
  readonly run: string;
}

const APPEND_MS = 1;
const never = new AbortController().signal;

export class VirtualSurroundings implements Surroundings {
  readonly #options: VirtualSurroundingsOptions;
  #connection = 1;
  #said = "";

  constructor(options: VirtualSurroundingsOptions) {
    this.#options = options;
    options.hosts.raise(options.epoch, this.#connection);
  }
  /** What people would see last. */
  get said(): string {
    return this.#said;
  }
  now(): number {
    return this.#options.clock.now();
  }
  sleep(ms: number): Promise<void> {
    return this.#options.process.sleep(ms);
  }
  signal() {
    return this.#options.journal.signal;
  }
  progress(step: string | null, state: string): void {
    this.#said = `${step ?? ""} ${state}`;
  }
  async append(events: readonly RunEvent[]): Promise<void> {
    const { process, journal, epoch, instants } = this.#options;
    const number = instants.append(events);
    await this.#die(number, "before");
    await process.live(async () => journal.append(epoch, events));
    await this.#die(number, "after");
    await process.sleep(APPEND_MS);
  }
  async raiseFences(): Promise<void> {
    this.#connection++;
    this.#options.hosts.raise(this.#options.epoch, this.#connection);
  }
  async send<T>(via: string | null, effect: (fence: Fence) => T | Promise<T>): Promise<T> {
    const { process, journal, epoch, instants, run } = this.#options;
    const number = instants.send(via);
    await this.#die(number, "before");
    if (epoch !== journal.epoch) throw new ClaimLost("seen before sending");
    const fence: Fence = { run, epoch, connection: this.#connection, signal: never };
    const sent = process.live(async () => effect(fence));
    if (instants.dies(number, "under way")) {
      // Whatever is done at once was done when the next timer fires.
      sent.catch(() => {});
      await process.sleep(0);
      process.kill();
    }
    const settled = await sent.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    await this.#die(number, "after");
    if ("error" in settled) throw settled.error;
    return settled.value;
  }
  async #die(number: number, moment: Moment): Promise<void> {
    const { instants, process } = this.#options;
    if (!process.dead && !instants.dies(number, moment)) return;
    process.kill();
    await new Promise<never>(() => {});
  }
}
