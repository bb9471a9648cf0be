import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newestRun } from "./run-records.ts";
import { ClaimLost } from "../model/errors.ts";
import type { RunEvent } from "../model/event.ts";
import { anyInterleaving } from "./conformance-interleaving.ts";
import { everyEvent, holderNamed, planFor } from "./fixtures.ts";
import type { Claim, Store } from "./store.ts";

/** A place that holds one store and is opened by several handles, as several processes would. */
export interface StorePlace {
  open(now: () => number): Promise<Store>;
  remove(): Promise<void>;
}

/** What every Store must do. Each implementation runs it from its own test. */
export function storeConformance(name: string, makePlace: () => Promise<StorePlace>): void {
  describe(`${name} as a Store`, () => {
    let place: StorePlace;
    let time = 0;
    let opened: Store[] = [];
    const open = async (): Promise<Store> => {
      const store = await place.open(() => time);
      opened.push(store);
      return store;
    };
    beforeEach(async () => {
      time = 1_000_000;
      place = await makePlace();
    });
    afterEach(async () => {
      for (const store of opened) store.close();
      opened = [];
      await place.remove();
    });

    const ana = holderNamed("ana");
    const ben = holderNamed("ben", { host: "jump2", pid: 7 });
    const take = (store: Store, change: Partial<Parameters<Store["claim"]>[0]> = {}): Promise<Claim> =>
      store.claim({ cluster: "orders", holder: ana, leaseMs: 10_000, above: 0, holderIsDead: () => false, ...change });
    const begun: RunEvent = { is: "claimed", holder: "ana", verb: "apply", pid: 4211 };

    it("has an id of its own that stays", async () => {
      const store = await open();
      const other = await makePlace();
      const elsewhere = await other.open(() => time);
      expect(store.id.length).toBeGreaterThan(15);
      expect(elsewhere.id).not.toBe(store.id);
      expect((await open()).id).toBe(store.id);
      elsewhere.close();
      await other.remove();
    });

    describe("a claim", () => {
      it("has an epoch above every earlier one and above what was asked for", async () => {
        const store = await open();
        const first = await take(store, { above: 7 });
        expect(first).toEqual({ cluster: "orders", epoch: 8, holder: ana, since: time, until: time + 10_000 });
        await store.release(first);
        expect((await take(store)).epoch).toBe(9);
      });
      it("is refused while another holds it, naming operator, host, verb and since when", async () => {
        const store = await open();
        await take(store);
        time += 9_999;
        await expect(take(await open(), { holder: ben })).rejects.toMatchObject({ code: "SW2001", object: "orders" });
        await expect(take(store, { holder: ben })).rejects.toThrow(/ana on jump1: apply, since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d/);
        expect((await store.holder("orders"))?.holder).toEqual(ana);
      });
      it("is refused to the same process too: two verbs in one process are two", async () => {
        const store = await open();
        await take(store);
        await expect(take(store)).rejects.toMatchObject({ code: "SW2001" });
      });
      it("is taken over once it has run out", async () => {
        const store = await open();
        await take(store);
        time += 10_000;
        expect(await take(await open(), { holder: ben })).toMatchObject({ epoch: 2, holder: ben });
      });
      it("is taken over at once from a holder that is dead", async () => {
        const store = await open();
        await take(store);
        const asked: string[] = [];
        const claim = await take(store, { holder: ben, holderIsDead: (holder) => asked.push(holder.operator) > 0 });
        expect(claim.epoch).toBe(2);
        expect(asked).toEqual(["ana"]);
      });
      it("of one cluster says nothing about another", async () => {
        const store = await open();
        await take(store, { above: 40 });
        expect((await take(store, { cluster: "stock", holder: ben })).epoch).toBe(1);
      });
      it("is shown until it is released, also after it ran out", async () => {
        const store = await open();
        expect(await store.holder("orders")).toBeNull();
        const claim = await take(store);
        time += 60_000;
        expect(await store.holder("orders")).toEqual(claim);
        await store.release(claim);
        expect(await store.holder("orders")).toBeNull();
      });
      it("that is lost is not released for whoever holds it now", async () => {
        const store = await open();
        const lost = await take(store);
        time += 10_000;
        const current = await take(store, { holder: ben });
        await store.release(lost);
        expect(await store.holder("orders")).toEqual(current);
      });
    });

    describe("an append", () => {
      it("numbers the entries, extends the claim, and tells what is asked for", async () => {
        const store = await open();
        const claim = await take(store);
        const run = await store.createRun(claim, planFor("orders"));
        time += 4_000;
        expect(await store.append(claim, run.id, [begun, { is: "lost", step: "a" }])).toEqual({
          until: time + 10_000,
          signal: { desired: "run", by: "", reason: "" },
          entries: [
            { n: 1, epoch: 1, at: time, event: begun },
            { n: 2, epoch: 1, at: time, event: { is: "lost", step: "a" } },
          ],
        });
        await (await open()).signal(run.id, { desired: "pause", by: "ben", reason: "lunch" });
        const heartbeat = await store.append(claim, run.id, []);
        expect(heartbeat).toMatchObject({ entries: [], signal: { desired: "pause", by: "ben", reason: "lunch" } });
        expect((await store.holder("orders"))?.until).toBe(time + 10_000);
        expect((await store.append(claim, run.id, [begun])).entries[0]?.n).toBe(3);
      });
      it("is refused for a claim of an older epoch, another holder, or one that was released", async () => {
        const store = await open();
        const old = await take(store);
        const run = await store.createRun(old, planFor("orders"));
        time += 10_000;
        const current = await take(await open(), { holder: ben });
        await expect(store.append(old, run.id, [begun])).rejects.toThrow(ClaimLost);
        await expect(store.append(old, run.id, [begun])).rejects.toThrow(/epoch 1 was lost: epoch 2 is held by ben on jump2 \(apply, pid 7\)/);
        await expect(store.append({ ...current, holder: ana }, run.id, [begun])).rejects.toThrow(ClaimLost);
        await expect(store.append({ ...current, epoch: 3 }, run.id, [begun])).rejects.toThrow(ClaimLost);
        await store.release(current);
        await expect(store.append(current, run.id, [begun])).rejects.toThrow(/no longer held/);
        await expect(store.createRun(current, planFor("orders"))).rejects.toThrow(ClaimLost);
        expect(await store.read(run.id, 0)).toEqual([]);
      });
      it("goes on after the claim ran out as long as nobody else came", async () => {
        const store = await open();
        const claim = await take(store);
        const run = await store.createRun(claim, planFor("orders"));
        time += 60_000;
        expect((await store.append(claim, run.id, [begun])).until).toBe(time + 10_000);
      });
      it("is refused for a run of another cluster and for one that is not there", async () => {
        const store = await open();
        const claim = await take(store);
        const stock = await take(store, { cluster: "stock", holder: ben });
        const run = await store.createRun(stock, planFor("stock"));
        await expect(store.append(claim, run.id, [begun])).rejects.toMatchObject({ code: "SW1004" });
        await expect(store.append(claim, 99, [begun])).rejects.toMatchObject({ code: "SW1004" });
      });
      it("writes all events or none", async () => {
        const store = await open();
        const claim = await take(store);
        const run = await store.createRun(claim, planFor("orders"));
        const unreadable = { is: "acted", step: "a", receipt: Number.NaN } as const;
        await expect(store.append(claim, run.id, [begun, unreadable])).rejects.toMatchObject({ code: "SW9999" });
        await expect(store.append(claim, run.id, [begun, { is: "dreamt" } as unknown as RunEvent])).rejects.toMatchObject({ code: "SW9999" });
        expect(await store.read(run.id, 0)).toEqual([]);
      });
    });

    it("gives every kind of event back as it was", async () => {
      const store = await open();
      const claim = await take(store);
      const run = await store.createRun(claim, planFor("orders"));
      await store.append(claim, run.id, everyEvent);
      const other = await open();
      expect((await other.read(run.id, 0)).map((entry) => entry.event)).toEqual(everyEvent);
      expect((await other.read(run.id, everyEvent.length - 2)).map((entry) => entry.n)).toEqual([everyEvent.length - 1, everyEvent.length]);
      expect(await other.read(run.id, everyEvent.length)).toEqual([]);
      await expect(other.read(99, 0)).rejects.toMatchObject({ code: "SW1004" });
    });

    it("keeps runs with their plans, newest first", async () => {
      const store = await open();
      const claim = await take(store);
      const stock = await take(store, { cluster: "stock", holder: ben });
      const first = await store.createRun(claim, planFor("orders"));
      await store.createRun(stock, planFor("stock"));
      await store.createRun(claim, planFor("orders"));
      const other = await open();
      expect(first).toEqual({ id: 1, cluster: "orders", plan: planFor("orders"), createdAt: time });
      expect(await other.run(1)).toEqual(first);
      expect(await other.run(99)).toBeNull();
      expect((await newestRun(other, "orders"))?.id).toBe(3);
      expect((await newestRun(other, "stock"))?.id).toBe(2);
      expect(await newestRun(other, "nowhere")).toBeNull();
      expect(await other.runs("orders")).toEqual([
        { id: 3, cluster: "orders", createdAt: time },
        { id: 1, cluster: "orders", createdAt: time },
      ]);
      expect((await other.runs(null)).map((run) => run.id)).toEqual([3, 2, 1]);
    });

    it("keeps the last signal and the last progress, without a claim", async () => {
      const store = await open();
      const run = await store.createRun(await take(store), planFor("orders"));
      const other = await open();
      expect(await other.readSignal(run.id)).toEqual({ desired: "run", by: "", reason: "" });
      expect(await other.progress(run.id)).toBeNull();
      await other.signal(run.id, { desired: "pause", by: "ben", reason: "" });
      await other.signal(run.id, { desired: "abort", by: "ana", reason: "window is over" });
      expect(await store.readSignal(run.id)).toEqual({ desired: "abort", by: "ana", reason: "window is over" });
      await store.setProgress(run.id, { at: 1, turn: null, step: null, state: "looking" });
      await store.setProgress(run.id, { at: 2, turn: "t1", step: "t1.stop", state: "acting" });
      expect(await other.progress(run.id)).toEqual({ at: 2, turn: "t1", step: "t1.stop", state: "acting" });
      for (const call of [
        other.signal(99, { desired: "run", by: "", reason: "" }),
        other.signalUnlessAbort(99, { desired: "run", by: "", reason: "" }),
        other.readSignal(99),
        other.progress(99),
        other.setProgress(99, { at: 1, turn: null, step: null, state: "" }),
      ])
        await expect(call).rejects.toMatchObject({ code: "SW1004" });
    });

    it("lets nothing but another signal overtake an abort: what gives way to one is not written", async () => {
      const store = await open();
      const run = await store.createRun(await take(store), planFor("orders"));
      const other = await open();
      expect(await other.signalUnlessAbort(run.id, { desired: "pause", by: "ben", reason: "lunch" })).toBe(true);
      expect(await store.readSignal(run.id)).toEqual({ desired: "pause", by: "ben", reason: "lunch" });
      expect(await store.signalUnlessAbort(run.id, { desired: "run", by: "ana", reason: "" })).toBe(true);
      expect(await other.readSignal(run.id)).toEqual({ desired: "run", by: "ana", reason: "" });
      await store.signal(run.id, { desired: "abort", by: "ana", reason: "window is over" });
      for (const desired of ["pause", "run", "abort"] as const)
        expect(await other.signalUnlessAbort(run.id, { desired, by: "ben", reason: "" })).toBe(false);
      expect(await store.readSignal(run.id)).toEqual({ desired: "abort", by: "ana", reason: "window is over" });
      await other.signal(run.id, { desired: "pause", by: "ben", reason: "" });
      expect((await store.readSignal(run.id)).desired).toBe("pause");
    });

    it("refuses to work after it was closed", async () => {
      const store = await open();
      store.close();
      store.close();
      await expect(store.holder("orders")).rejects.toMatchObject({ code: "SW4001" });
      await expect(take(store)).rejects.toMatchObject({ code: "SW4001" });
    });

    it("keeps its promises over any interleaving of two processes", async () => {
      await anyInterleaving(makePlace);
    });
  });
}
