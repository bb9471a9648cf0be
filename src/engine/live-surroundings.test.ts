import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { holderNamed } from "../journal/fixtures.ts";
import type { Claim, Signal, Store } from "../journal/store.ts";
import { ClaimLost, StillwaterError } from "../model/errors.ts";
import { failpointsFrom } from "./failpoints.ts";
import { LiveSurroundings, type FencedHosts } from "./live-surroundings.ts";

const leaseMs = 150;
const marginMs = 2_000;
const started: LiveSurroundings[] = [];
afterEach(() => {
  for (const surroundings of started.splice(0)) surroundings.stop();
});

/** A store whose next appends fail with these, and that counts them. The lease is longer than the margin before its end by `leftMs`. */
class Journal {
  readonly failures: Error[] = [];
  appends = 0;
  signal: Signal = { desired: "run", by: "", reason: "" };
  readonly leftMs: number;
  constructor(leftMs = 60_000) {
    this.leftMs = leftMs;
  }
  get store(): Store {
    const fake: Pick<Store, "append" | "readSignal"> = {
      readSignal: () => Promise.resolve(this.signal),
      append: () => {
        this.appends++;
        const failure = this.failures.shift();
        if (failure) return Promise.reject(failure);
        return Promise.resolve({ until: Date.now() + marginMs + this.leftMs, signal: this.signal, entries: [] });
      },
    };
    return fake as Store;
  }
}
const hosts = (renew: FencedHosts["renew"]): FencedHosts => ({
  renew,
  raise: () => Promise.resolve(),
  fence: (signal) => ({ run: "r", epoch: 1, connection: 1, signal }),
});
async function live(
  journal: Journal,
  renew: FencedHosts["renew"] = () => Promise.resolve(),
  wall: () => number = Date.now,
): Promise<LiveSurroundings> {
  const now = Date.now();
  const claim: Claim = { cluster: "orders", epoch: 1, holder: holderNamed("ana"), since: now, until: now + marginMs + journal.leftMs };
  const surroundings = new LiveSurroundings({
    store: journal.store,
    claim,
    run: 1,
    hosts: hosts(renew),
    leaseMs,
    failpoints: failpointsFrom(undefined),
    now: wall,
    entry: () => undefined,
    progress: () => undefined,
  });
  started.push(surroundings);
  await surroundings.start();
  return surroundings;
}
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await delay(5);
}
const locked = (): Error => new StillwaterError("SW4001", "Another process has kept the journal locked");

test("a journal that is locked for a moment does not end a run whose claim stands", async () => {
  const journal = new Journal();
  journal.failures.push(locked(), locked());
  const surroundings = await live(journal);
  await until(() => journal.appends >= 4);
  await surroundings.append([]);
});

test("a journal that stays locked ends the run before the claim could pass to somebody else", async () => {
  const journal = new Journal(100);
  const surroundings = await live(journal);
  journal.failures.push(...Array.from({ length: 50 }, locked));
  await expect(surroundings.sleep(10_000)).rejects.toMatchObject({ code: "SW4001" });
  expect(journal.appends).toBeGreaterThan(1);
});

test("a claim that is lost ends everything at once, effects over the network too", async () => {
  const journal = new Journal();
  const surroundings = await live(journal);
  let cut: AbortSignal | null = null;
  const effect = surroundings.send(null, async ({ signal }) => {
    cut = signal;
    await delay(10_000, undefined, { signal });
  });
  effect.catch(() => undefined);
  await until(() => cut !== null);
  journal.failures.push(new ClaimLost("taken over"));
  await expect(effect).rejects.toThrow();
  await expect(surroundings.append([])).rejects.toBeInstanceOf(ClaimLost);
  await expect(surroundings.send("h1", () => undefined)).rejects.toBeInstanceOf(ClaimLost);
});

test("a host that hangs does not stop the heart of the claim, nor hide a pause", async () => {
  const journal = new Journal();
  let renewals = 0;
  const surroundings = await live(journal, () => {
    renewals++;
    return new Promise(() => undefined);
  });
  await until(() => renewals >= 2);
  journal.signal = { desired: "pause", by: "ben", reason: "lunch" };
  await until(() => surroundings.signal().desired === "pause");
});

test("a host that somebody else has claimed ends the run", async () => {
  const surroundings = await live(new Journal(), () => Promise.reject(new StillwaterError("SW3010", "an older claim")));
  await expect(surroundings.sleep(10_000)).rejects.toMatchObject({ code: "SW3010" });
});

test("a wall clock that jumps moves no time of the run, and keeps no host's record from being renewed", async () => {
  let [jumped, renewals] = [0, 0];
  const count = (): Promise<void> => {
    renewals++;
    return Promise.resolve();
  };
  const surroundings = await live(new Journal(), count, () => Date.now() + jumped);
  for (const jump of [-3_600_000, 3_600_000]) {
    const before = surroundings.now();
    jumped = jump;
    expect(surroundings.now() - before).toBeLessThan(1_000);
    const had = renewals;
    await until(() => renewals > had + 1);
    expect(surroundings.now()).toBeGreaterThan(before);
  }
});

test("nothing beats after the stop", async () => {
  const journal = new Journal();
  const surroundings = await live(journal);
  await until(() => journal.appends >= 1);
  surroundings.stop();
  const before = journal.appends;
  await delay(3 * leaseMs);
  expect(journal.appends).toBe(before);
});

test("woken after its records on the hosts ran out: nothing goes over the network before the hosts have been asked", async () => {
  const surroundings = await live(new Journal(), () => Promise.reject(new StillwaterError("SW3010", "an older claim")));
  // As if the process had been stopped: no timer of it has run meanwhile.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * leaseMs);
  let sent = false;
  await expect(surroundings.send(null, () => (sent = true))).rejects.toMatchObject({ code: "SW3010" });
  expect(sent).toBe(false);
});
