// Virtual time, an unforgiving network, and faults at numbered instants. The fake systems live on its clock.
import type { Surroundings } from "../../../src/engine/surroundings.ts";
import { ClaimLost, StillwaterError, Unreachable } from "../../../src/model/errors.ts";
import type { RunEvent } from "../../../src/model/event.ts";
import type { Fence } from "../../../src/model/fence.ts";
import { ArrayJournal } from "./array-journal.ts";
import { VirtualClock } from "./clock.ts";
import { Crash, inFlightMs, Runaway, type Fault, type Instant } from "./faults.ts";

/** More instants or virtual milliseconds than any run here needs, pauses and waits included. */
const mostInstants = 20_000;
const longestMs = 4 * 3_600_000;

const never = new AbortController().signal;

/** Something that happens when an instant is reached, before it: an operator's wish, the death of a node. */
export type Incident = (instant: Instant) => void;

export class World {
  readonly clock = new VirtualClock();
  /** Of the run that is under way: a rollback is a run of its own. */
  journal = new ArrayJournal();
  readonly instants: Instant[] = [];
  readonly faults = new Map<number, Fault>();
  readonly incidents = new Map<number, Incident>();
  /** Nobody is there to keep a lease: what happens now is the watchdog's business. */
  orphaned = false;
  #frozen: (() => void) | null = null;
  #onFreeze: (() => void) | null = null;
  /** Hosts refuse frames with a lower stamp than the fence. A new claim and a new connection raise both. */
  #fence = 0;
  #acting: string | null = null;

  get time(): number {
    return this.clock.now;
  }
  get fence(): number {
    return this.#fence;
  }
  raiseFence(): void {
    this.#fence++;
  }
  /** Resolves when a process of the orchestrator is frozen. */
  async whenFrozen(): Promise<void> {
    await new Promise<void>((resolve) => (this.#onFreeze = resolve));
  }
  /** Wakes the frozen process. */
  thaw(): void {
    const wake = this.#frozen;
    this.#frozen = null;
    wake?.();
  }
  async freeze(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#frozen = resolve;
      this.#onFreeze?.();
    });
  }

  reachAppend(events: readonly RunEvent[]): Fault | undefined {
    const last = events.at(-1);
    const step = last !== undefined && "step" in last ? last.step : null;
    if (last?.is === "acting") this.#acting = last.step;
    return this.#reach({ kind: "append", event: last?.is ?? "heartbeat", step });
  }
  reachSend(via: string | null): Fault | undefined {
    return this.#reach({ kind: "send", via, step: this.#acting });
  }
  #reach(instant: Instant): Fault | undefined {
    const number = this.instants.length;
    if (number >= mostInstants) throw new Runaway(`more than ${mostInstants} instants`);
    this.instants.push(instant);
    this.incidents.get(number)?.(instant);
    return this.faults.get(number);
  }
  sleep(ms: number): void {
    this.clock.advance(ms);
    if (this.clock.now > longestMs) throw new Runaway(`more than ${longestMs / 3_600_000} hours`);
  }

  /** Takes the claim of the run under way and returns what the engine is given. */
  claim(verb: string): Surroundings {
    const epoch = this.journal.claim(verb);
    this.raiseFence();
    return new ClaimedSurroundings(this, this.journal, epoch);
  }
}

class ClaimedSurroundings implements Surroundings {
  readonly #world: World;
  readonly #journal: ArrayJournal;
  readonly #epoch: number;

  constructor(world: World, journal: ArrayJournal, epoch: number) {
    this.#world = world;
    this.#journal = journal;
    this.#epoch = epoch;
  }
  now(): number {
    return this.#world.time;
  }
  async sleep(ms: number): Promise<void> {
    this.#world.sleep(ms);
  }
  signal() {
    return this.#journal.signal;
  }
  progress(): void {}

  async append(events: readonly RunEvent[]): Promise<void> {
    const fault = this.#world.reachAppend(events);
    if (fault === "crash before") throw new Crash();
    this.#journal.append(this.#epoch, events);
    if (fault === "crash after") throw new Crash();
    this.#world.clock.advance(1);
  }
  async raiseFences(): Promise<void> {
    this.#world.raiseFence();
  }
  async send<T>(via: string | null, effect: (fence: Fence) => T | Promise<T>): Promise<T> {
    const world = this.#world;
    const fault = world.reachSend(via);
    if (this.#epoch !== this.#journal.epoch) throw new ClaimLost("seen before sending");
    const fence: Fence = { run: "matrix", epoch: this.#epoch, connection: world.fence, signal: never };
    const arrive = (): T | Promise<T> => {
      if (via !== null && fence.connection < world.fence) throw this.#refusedByHost(via);
      return effect(fence);
    };
    const late = (): void => world.clock.after(inFlightMs - 100, () => unheard(arrive));
    switch (fault) {
      case undefined:
        break;
      case "crash before":
        throw new Crash();
      case "crash after":
        world.clock.advance(2);
        unheard(arrive);
        throw new Crash();
      case "crash, arrives late":
        late();
        throw new Crash();
      case "no answer, happened":
        unheard(arrive);
        world.clock.advance(50);
        throw new Unreachable("no answer");
      case "no answer, did not happen":
        world.clock.advance(50);
        throw new Unreachable("no answer");
      case "no answer, arrives late":
        late();
        world.clock.advance(50);
        throw new Unreachable("no answer");
      case "frozen":
        await world.freeze();
        break;
    }
    world.clock.advance(2);
    return arrive();
  }
  #refusedByHost(via: string): StillwaterError {
    if (this.#epoch !== this.#journal.epoch) return new StillwaterError("SW3010", `${via} refuses epoch ${this.#epoch}.`);
    return new Unreachable(`${via} refuses a frame of an older connection`);
  }
}

/** It happens, and nobody reads the answer. The effects of the fake systems are synchronous. */
function unheard(effect: () => unknown): void {
  try {
    effect();
  } catch (error) {
    if (!(error instanceof StillwaterError)) throw error;
  }
}
