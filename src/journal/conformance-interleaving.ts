import * as fc from "fast-check";
import { expect } from "vitest";
import { ClaimLost, StillwaterError } from "../model/errors.ts";
import type { StorePlace } from "./conformance.ts";
import { holderNamed, planFor } from "./fixtures.ts";
import type { Claim, Desired, Holder, Store } from "./store.ts";

// Two processes, each with its own handle, on two clusters, against the simplest model of what a store promises. After each command:
// one holder per epoch, epochs never fall, entries without a hole, nothing written without the claim.

const clusters = ["orders", "stock"] as const;
type Cluster = (typeof clusters)[number];
type Who = 0 | 1;

interface Model {
  time: number;
  readonly claims: Map<Cluster, { epoch: number; holder: string; until: number; leaseMs: number; released: boolean }>;
  readonly runs: { readonly id: number; readonly cluster: Cluster; readonly epochs: number[]; desired: Desired }[];
  /** Every epoch that was ever given, with its holder. */
  readonly given: Map<string, string>;
}
interface Process {
  store: Store;
  holder: Holder;
  /** The claims that it believes to have, the last one first: a part of it that was frozen may still use an old one. */
  claims: Map<Cluster, Claim[]>;
}
interface Real {
  readonly place: StorePlace;
  readonly clock: { time: number };
  readonly processes: [Process, Process];
  readonly dead: Set<string>;
  born: number;
}

const nameOf = (holder: Holder): string => `${holder.operator} ${holder.pid}`;

async function start(place: StorePlace, clock: { time: number }, pid: number): Promise<Process> {
  return { store: await place.open(() => clock.time), holder: holderNamed("ana", { pid }), claims: new Map() };
}

abstract class Command implements fc.AsyncCommand<Model, Real> {
  check(): boolean {
    return true;
  }
  abstract run(model: Model, real: Real): Promise<void>;
  abstract toString(): string;
}

class Take extends Command {
  readonly #who: Who;
  readonly #cluster: Cluster;
  readonly #leaseMs: number;
  readonly #above: number;
  constructor(who: Who, cluster: Cluster, leaseMs: number, above: number) {
    super();
    this.#who = who;
    this.#cluster = cluster;
    this.#leaseMs = leaseMs;
    this.#above = above;
  }
  async run(model: Model, real: Real): Promise<void> {
    const process = real.processes[this.#who];
    const known = model.claims.get(this.#cluster);
    const free = known === undefined || known.released || known.until <= model.time || real.dead.has(known.holder);
    let claim: Claim;
    try {
      claim = await process.store.claim({
        cluster: this.#cluster,
        holder: process.holder,
        leaseMs: this.#leaseMs,
        above: this.#above,
        holderIsDead: (holder) => real.dead.has(nameOf(holder)),
      });
    } catch (error) {
      expect(error).toBeInstanceOf(StillwaterError);
      expect(error).toMatchObject({ code: "SW2001" });
      expect(free).toBe(false);
      return;
    }
    expect(free).toBe(true);
    expect(claim.epoch).toBe(Math.max(known?.epoch ?? 0, this.#above) + 1);
    expect(claim.until).toBe(model.time + this.#leaseMs);
    const key = `${this.#cluster} ${claim.epoch}`;
    expect(model.given.has(key), `one holder for ${key}`).toBe(false);
    model.given.set(key, nameOf(process.holder));
    model.claims.set(this.#cluster, {
      epoch: claim.epoch,
      holder: nameOf(process.holder),
      until: claim.until,
      leaseMs: this.#leaseMs,
      released: false,
    });
    process.claims.set(this.#cluster, [claim, ...(process.claims.get(this.#cluster) ?? [])]);
  }
  toString(): string {
    return `take(${this.#who}, ${this.#cluster}, ${this.#leaseMs} ms, above ${this.#above})`;
  }
}

class Append extends Command {
  readonly #who: Who;
  readonly #run: number;
  readonly #events: number;
  readonly #age: number;
  constructor(who: Who, run: number, events: number, age: number) {
    super();
    this.#who = who;
    this.#run = run;
    this.#events = events;
    this.#age = age;
  }
  async run(model: Model, real: Real): Promise<void> {
    const run = model.runs[this.#run % Math.max(1, model.runs.length)];
    const process = real.processes[this.#who];
    const claim = run === undefined ? undefined : process.claims.get(run.cluster)?.[this.#age];
    if (run === undefined || claim === undefined) return;
    const held = model.claims.get(run.cluster);
    const mine = held !== undefined && !held.released && held.epoch === claim.epoch && held.holder === nameOf(process.holder);
    const events = Array.from({ length: this.#events }, (_, index) => ({ is: "lost", step: `s${index}` }) as const);
    let answer: Awaited<ReturnType<Store["append"]>>;
    try {
      answer = await process.store.append(claim, run.id, events);
    } catch (error) {
      expect(error).toBeInstanceOf(ClaimLost);
      expect(mine).toBe(false);
      return;
    }
    if (!mine || held === undefined) throw new Error(`${nameOf(process.holder)} wrote without the claim`);
    held.until = Math.max(held.until, model.time + held.leaseMs);
    expect(answer.until).toBe(held.until);
    expect(answer.signal.desired).toBe(run.desired);
    expect(answer.entries.map((entry) => entry.n)).toEqual(events.map((_, index) => run.epochs.length + index + 1));
    for (const entry of answer.entries) run.epochs.push(entry.epoch);
  }
  toString(): string {
    return `append(${this.#who}, run ${this.#run}, ${this.#events} events, claim ${this.#age})`;
  }
}

class CreateRun extends Command {
  readonly #who: Who;
  readonly #cluster: Cluster;
  constructor(who: Who, cluster: Cluster) {
    super();
    this.#who = who;
    this.#cluster = cluster;
  }
  async run(model: Model, real: Real): Promise<void> {
    const process = real.processes[this.#who];
    const claim = process.claims.get(this.#cluster)?.[0];
    const held = model.claims.get(this.#cluster);
    if (claim === undefined || held === undefined) return;
    const mine = !held.released && held.epoch === claim.epoch;
    try {
      const run = await process.store.createRun(claim, planFor(this.#cluster));
      expect(mine).toBe(true);
      expect(run.id).toBe(model.runs.length + 1);
      model.runs.push({ id: run.id, cluster: this.#cluster, epochs: [], desired: "run" });
      held.until = Math.max(held.until, model.time + held.leaseMs);
    } catch (error) {
      if (!(error instanceof ClaimLost)) throw error;
      expect(mine).toBe(false);
    }
  }
  toString(): string {
    return `createRun(${this.#who}, ${this.#cluster})`;
  }
}

class Release extends Command {
  readonly #who: Who;
  readonly #cluster: Cluster;
  readonly #age: number;
  constructor(who: Who, cluster: Cluster, age: number) {
    super();
    this.#who = who;
    this.#cluster = cluster;
    this.#age = age;
  }
  async run(model: Model, real: Real): Promise<void> {
    const claim = real.processes[this.#who].claims.get(this.#cluster)?.[this.#age];
    const held = model.claims.get(this.#cluster);
    if (claim === undefined || held === undefined) return;
    await real.processes[this.#who].store.release(claim);
    if (held.epoch === claim.epoch) held.released = true;
  }
  toString(): string {
    return `release(${this.#who}, ${this.#cluster}, claim ${this.#age})`;
  }
}

class Signal extends Command {
  readonly #who: Who;
  readonly #run: number;
  readonly #desired: Desired;
  constructor(who: Who, run: number, desired: Desired) {
    super();
    this.#who = who;
    this.#run = run;
    this.#desired = desired;
  }
  async run(model: Model, real: Real): Promise<void> {
    const run = model.runs[this.#run % Math.max(1, model.runs.length)];
    if (run === undefined) return;
    await real.processes[this.#who].store.signal(run.id, { desired: this.#desired, by: "ben", reason: "" });
    run.desired = this.#desired;
  }
  toString(): string {
    return `signal(${this.#who}, run ${this.#run}, ${this.#desired})`;
  }
}

class SignalUnlessAbort extends Command {
  readonly #who: Who;
  readonly #run: number;
  readonly #desired: Desired;
  constructor(who: Who, run: number, desired: Desired) {
    super();
    this.#who = who;
    this.#run = run;
    this.#desired = desired;
  }
  async run(model: Model, real: Real): Promise<void> {
    const run = model.runs[this.#run % Math.max(1, model.runs.length)];
    if (run === undefined) return;
    const written = await real.processes[this.#who].store.signalUnlessAbort(run.id, { desired: this.#desired, by: "ben", reason: "" });
    expect(written).toBe(run.desired !== "abort");
    if (written) run.desired = this.#desired;
  }
  toString(): string {
    return `signalUnlessAbort(${this.#who}, run ${this.#run}, ${this.#desired})`;
  }
}

class Wait extends Command {
  readonly #ms: number;
  constructor(ms: number) {
    super();
    this.#ms = ms;
  }
  async run(model: Model, real: Real): Promise<void> {
    model.time += this.#ms;
    real.clock.time = model.time;
  }
  toString(): string {
    return `wait(${this.#ms} ms)`;
  }
}

/** The process dies and another takes its place: with a new handle, another pid, and no claim in its memory. */
class Crash extends Command {
  readonly #who: Who;
  constructor(who: Who) {
    super();
    this.#who = who;
  }
  async run(_model: Model, real: Real): Promise<void> {
    const gone = real.processes[this.#who];
    gone.store.close();
    real.dead.add(nameOf(gone.holder));
    real.born += 1;
    real.processes[this.#who] = await start(real.place, real.clock, real.born);
  }
  toString(): string {
    return `crash(${this.#who})`;
  }
}

class ReadBack extends Command {
  readonly #who: Who;
  constructor(who: Who) {
    super();
    this.#who = who;
  }
  async run(model: Model, real: Real): Promise<void> {
    await compare(model, real.processes[this.#who].store);
  }
  toString(): string {
    return `readBack(${this.#who})`;
  }
}

async function compare(model: Model, store: Store): Promise<void> {
  for (const run of model.runs) {
    const entries = await store.read(run.id, 0);
    expect(entries.map((entry) => entry.n)).toEqual(run.epochs.map((_, index) => index + 1));
    expect(entries.map((entry) => entry.epoch)).toEqual(run.epochs);
    expect(run.epochs).toEqual(run.epochs.toSorted((a, b) => a - b));
    expect((await store.readSignal(run.id)).desired).toBe(run.desired);
  }
  for (const cluster of clusters) {
    const known = model.claims.get(cluster);
    const found = await store.holder(cluster);
    if (known === undefined || known.released) expect(found).toBeNull();
    else expect(found).toMatchObject({ epoch: known.epoch, until: known.until });
  }
}

export async function anyInterleaving(makePlace: () => Promise<StorePlace>): Promise<void> {
  const who = fc.constantFrom<Who[]>(0, 1);
  const cluster = fc.constantFrom<Cluster[]>("orders", "orders", "orders", "stock");
  const run = fc.constantFrom(0, 0, 1, 2);
  const events = fc.nat({ max: 3 });
  const lease = fc.constantFrom(1000, 5000);
  const commands = fc.commands<Model, Real, false>(
    [
      fc.tuple(who, cluster, lease, fc.constantFrom(0, 0, 12)).map((all) => new Take(...all)),
      fc.tuple(who, cluster).map((all) => new CreateRun(...all)),
      fc.tuple(who, run, events, fc.constant(0)).map((all) => new Append(...all)),
      fc.tuple(who, run, events, fc.constantFrom(0, 1)).map((all) => new Append(...all)),
      fc.tuple(who, cluster, fc.constantFrom(0, 1)).map((all) => new Release(...all)),
      fc.tuple(who, run, fc.constantFrom<Desired[]>("run", "pause", "abort")).map((all) => new Signal(...all)),
      fc.tuple(who, run, fc.constantFrom<Desired[]>("run", "pause", "abort")).map((all) => new SignalUnlessAbort(...all)),
      fc.constantFrom(1, 999, 5000, 5000).map((ms) => new Wait(ms)),
      who.map((one) => new Crash(one)),
      who.map((one) => new ReadBack(one)),
    ],
    { maxCommands: 60, size: "max" },
  );
  await fc.assert(
    fc.asyncProperty(commands, async (list) => {
      const place = await makePlace();
      const clock = { time: 1_000_000 };
      const real: Real = { place, clock, processes: [await start(place, clock, 1), await start(place, clock, 2)], dead: new Set(), born: 2 };
      const model: Model = { time: clock.time, claims: new Map(), runs: [], given: new Map() };
      try {
        await fc.asyncModelRun(() => ({ model, real }), list);
        for (const process of real.processes) await compare(model, process.store);
      } finally {
        for (const process of real.processes) process.store.close();
        await place.remove();
      }
    }),
    { numRuns: 120 },
  );
}
