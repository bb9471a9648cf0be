import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { controlState, withoutControls } from "./control.ts";
import { deviations, repeats } from "./deviations.ts";
import { absent, History, type Outcome } from "./history.ts";
import { keyOf, valueOf } from "./record.ts";

// A model store that does what the outcomes say. Records are used as the probe uses them: an insert, then writes that build on the last known state,
// nothing more after an unknown outcome, whose effect may come at once, late or never.

const probe = "3f9a01c2";
const first = keyOf({ probe, record: 1, salt: 0 });
const stranger = keyOf({ probe, record: 999_999, salt: 0 });
const twice = `${first}#2`;

interface Fate {
  readonly kind: "compare-and-set" | "delete";
  readonly outcome: Outcome;
  readonly happens: "at once" | "late" | "never";
}
const outcome = fc.oneof({ weight: 8, arbitrary: fc.constant<Outcome>("acknowledged") }, fc.constantFrom<Outcome>("refused", "unknown"));
const happens = fc.constantFrom<Fate["happens"]>("at once", "late", "never");
const recordPlan = fc.record({
  insert: fc.record({ outcome, happens }),
  salt: fc.constantFrom(0, 0, 3),
  writes: fc.array(fc.record<Fate>({ kind: fc.constantFrom("compare-and-set", "compare-and-set", "delete"), outcome, happens }), { maxLength: 5 }),
});
const plans = fc.array(recordPlan, { minLength: 1, maxLength: 12 });
type Plans = typeof plans extends fc.Arbitrary<infer T> ? T : never;

interface World {
  readonly history: History;
  readonly store: Map<string, string>;
  /** Per record: the states that were acknowledged in order, beginning with `absent`; nothing unknown among them. */
  readonly records: { readonly record: number; readonly key: string; readonly acknowledged: number[]; readonly refused: number[]; open: boolean }[];
}

function play(all: Plans): World {
  const history = new History();
  history.add({ is: "began", generation: 1, at: 0, probe, name: "test" });
  const store = new Map<string, string>();
  const late: (() => void)[] = [];
  const records: World["records"] = [];
  let sequence = 0;
  for (const { insert, salt, writes } of all) {
    const record = sequence + 1;
    const key = keyOf({ probe, record, salt });
    const entry = { record, key, acknowledged: [absent], refused: [] as number[], open: true };
    records.push(entry);
    const put = (state: number): void => {
      if (state === absent) store.delete(key);
      else store.set(key, valueOf(key, state));
    };
    for (const [index, fate] of [{ kind: "insert" as const, ...insert }, ...writes].entries()) {
      const known = entry.acknowledged.at(-1) ?? absent;
      if (!entry.open || (index > 0 && known === absent)) break;
      const own = ++sequence;
      const to = fate.kind === "delete" ? absent : own;
      history.add({
        is: "intent",
        sequence: own,
        kind: fate.kind,
        partition: "p",
        record,
        salt,
        expects: known === absent ? null : known,
        dueAt: 0,
        sentAt: 0,
      });
      if (fate.outcome === "unknown") {
        entry.open = false;
        if (fate.happens === "at once") put(to);
        if (fate.happens === "late") late.push(() => put(to));
        // Half of the unknown ones never got a line.
        if (own % 2 === 0) history.add({ is: "unknown", sequence: own, at: 0, why: "time-out" });
      } else {
        history.add(fate.outcome === "refused" ? { is: "refused", sequence: own, at: 0, why: "no" } : { is: "acknowledged", sequence: own, at: 0 });
        if (fate.outcome === "acknowledged") {
          put(to);
          entry.acknowledged.push(to);
        } else if (fate.kind !== "delete") {
          entry.refused.push(own);
        }
      }
    }
  }
  for (const effect of late) effect();
  return { history, store, records };
}

const runs = { numRuns: 400 };

describe("the oracle", () => {
  it("raises no alarm without a fault", () => {
    fc.assert(
      fc.property(plans, (all) => {
        const { history, store } = play(all);
        // An earlier probe's record, damaged or not, is nobody's business.
        store.set("k00000000-1", "whatever");
        expect(deviations(history, store)).toEqual([]);
      }),
      runs,
    );
  });

  it("finds acknowledged writes that are gone, and counts them", () => {
    fc.assert(
      fc.property(plans, fc.nat(), fc.nat(), (all, which, back) => {
        const { history, store, records } = play(all);
        const usable = records.filter(({ open, acknowledged }) => open && acknowledged.length > 1);
        const chosen = usable[which % Math.max(1, usable.length)];
        fc.pre(chosen !== undefined);
        // Back to an earlier state, as after a failover to a replica that was behind.
        const { acknowledged, key } = chosen;
        const to = back % (acknowledged.length - 1);
        const state = acknowledged[to] ?? absent;
        fc.pre(state !== acknowledged.at(-1));
        if (state === absent) store.delete(key);
        else store.set(key, valueOf(key, state));
        expect(deviations(history, store)).toEqual([
          expect.objectContaining({ key, what: "lost", operations: state === absent ? acknowledged.length - 1 : acknowledged.length - 1 - to }),
        ]);
      }),
      runs,
    );
  });

  it("finds the effects of refused writes, and records that nobody wrote", () => {
    fc.assert(
      fc.property(plans, fc.nat(), (all, which) => {
        const { history, store, records } = play(all);
        const refused = records.flatMap(({ key, refused: sequences, open }) => (open ? sequences.map((sequence) => ({ key, sequence })) : []));
        const chosen = refused[which % Math.max(1, refused.length)];
        if (chosen !== undefined) store.set(chosen.key, valueOf(chosen.key, chosen.sequence));
        store.set(stranger, valueOf(stranger, 999_999));
        store.set(twice, valueOf(first, 1));
        const keys = [stranger, twice, ...(chosen === undefined ? [] : [chosen.key])];
        const found = deviations(history, store);
        expect(found.map(({ what }) => what)).toEqual(keys.map(() => "duplicated"));
        expect(new Set(found.map(({ key }) => key))).toEqual(new Set(keys));
      }),
      runs,
    );
  });

  it("permits a record to be there as often as its insert was sent, and no more", () => {
    fc.assert(
      fc.property(plans, fc.nat(), fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 5 }), (all, which, again, rows) => {
        const { history, store, records } = play(all);
        const inserted = records.filter(({ open, acknowledged, record }) => open && acknowledged.at(-1) === record);
        const chosen = inserted[which % Math.max(1, inserted.length)];
        fc.pre(chosen !== undefined);
        for (let time = 0; time < again; time++) history.add({ is: "again", sequence: chosen.record, at: 0 });
        for (let row = 2; row <= rows; row++) store.set(`${chosen.key}#${String(row)}`, valueOf(chosen.key, chosen.record));
        const found = deviations(history, store);
        expect(found).toHaveLength(Math.max(0, rows - 1 - again));
        for (const { what, record } of found) expect([what, record]).toEqual(["duplicated", chosen.record]);
        expect(repeats(history, store)).toBe(Math.min(rows - 1, again));
      }),
      runs,
    );
  });

  it("finds a second row that is damaged, or of a deleted record, though it was sent again", () => {
    const history = new History();
    history.add({ is: "began", generation: 1, at: 0, probe, name: "test" });
    const attempt = { partition: "p", record: 1, salt: 0, dueAt: 0, sentAt: 0 };
    history.add({ is: "intent", sequence: 1, kind: "insert", expects: null, ...attempt });
    history.add({ is: "again", sequence: 1, at: 0 });
    history.add({ is: "acknowledged", sequence: 1, at: 0 });
    const good = valueOf(first, 1);
    expect(
      deviations(
        history,
        new Map([
          [first, good],
          [twice, good],
        ]),
      ),
    ).toEqual([]);
    expect(
      deviations(
        history,
        new Map([
          [first, good],
          [twice, `${good}?`],
        ]),
      ),
    ).toMatchObject([{ key: twice, what: "corrupted" }]);
    history.add({ is: "intent", sequence: 2, kind: "delete", expects: 1, ...attempt });
    history.add({ is: "acknowledged", sequence: 2, at: 0 });
    expect(deviations(history, new Map([[twice, good]]))).toMatchObject([{ key: twice, what: "lost" }]);
  });

  it("takes what was told after a bound for unknown, so that a probe can be judged while it writes", () => {
    const bounded = new History(1);
    for (const sequence of [1, 2, 3]) {
      bounded.add({ is: "intent", sequence, kind: "insert", partition: "p", record: sequence, salt: 0, expects: null, dueAt: 0, sentAt: 0 });
      if (sequence < 3) bounded.add({ is: "acknowledged", sequence, at: 0 });
    }
    expect(deviations(bounded, new Map())).toMatchObject([{ record: 1, what: "lost" }]);
  });

  it("finds values that are damaged, cut, of another record or of no write", () => {
    fc.assert(
      fc.property(plans, fc.nat(), fc.constantFrom("flip", "cut", "other", "foreign"), (all, which, how) => {
        const { history, store } = play(all);
        const keys = [...store.keys()];
        const key = keys[which % Math.max(1, keys.length)];
        fc.pre(key !== undefined);
        const value = store.get(key) ?? "";
        const damaged = {
          flip: `${value.slice(0, -1)}!`,
          cut: value.slice(0, -3),
          other: valueOf(stranger, 1),
          foreign: valueOf(key, 4_294_967_294),
        };
        store.set(key, damaged[how]);
        expect(deviations(history, store)).toEqual([expect.objectContaining({ key, what: how === "foreign" ? "duplicated" : "corrupted" })]);
      }),
      runs,
    );
  });

  it("finds every fault when there are many at once", () => {
    fc.assert(
      fc.property(plans, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), (all, hit) => {
        const { history, store, records } = play(all);
        const hurt = records.filter(({ open, acknowledged }, index) => hit[index] === true && open && (acknowledged.at(-1) ?? absent) !== absent);
        for (const { key } of hurt) store.delete(key);
        expect(deviations(history, store).map(({ key }) => key)).toEqual(hurt.map(({ key }) => key));
      }),
      runs,
    );
  });
});

describe("the positive control", () => {
  const controlled = (): History => {
    const history = new History();
    history.add({ is: "began", generation: 1, at: 0, probe, name: "test" });
    for (const sequence of [1, 2]) {
      history.add({ is: "intent", sequence, kind: "insert", partition: "p", record: sequence, salt: 0, expects: null, dueAt: 0, sentAt: 0 });
      history.add({ is: "acknowledged", sequence, at: 0 });
    }
    return history;
  };
  const planted = (record: number) => ({ is: "control", step: "planted", record }) as const;
  const removed = (record: number) => ({ is: "control", step: "removed", record }) as const;
  const all = new Map([1, 2].map((record) => [keyOf({ probe, record, salt: 0 }), valueOf(keyOf({ probe, record, salt: 0 }), record)]));
  const without = (key: string): Map<string, string> => new Map([...all].filter(([held]) => held !== key));

  it("is caught when its absence is reported, and is nobody's loss", () => {
    const history = controlled();
    history.add(planted(1));
    history.add(removed(1));
    const list = deviations(history, without(first));
    expect(controlState(history, list)).toBe("caught");
    expect(withoutControls(history, list)).toEqual([]);
  });

  it("is missed when it was never planted, never removed, or is not reported", () => {
    const never = controlled();
    expect(controlState(never, deviations(never, all))).toBe("missed");
    const cut = controlled();
    cut.add(planted(1));
    expect(controlState(cut, deviations(cut, without(first)))).toBe("missed");
    expect(withoutControls(cut, deviations(cut, without(first)))).toEqual([]);
    const blind = controlled();
    blind.add(planted(1));
    blind.add(removed(1));
    expect(controlState(blind, deviations(blind, all))).toBe("missed");
    expect(controlState(blind, [])).toBe("missed");
  });

  it("does not hide a real loss", () => {
    const history = controlled();
    history.add(planted(1));
    history.add(removed(1));
    const list = deviations(history, new Map());
    expect(controlState(history, list)).toBe("caught");
    expect(withoutControls(history, list)).toEqual([expect.objectContaining({ key: keyOf({ probe, record: 2, salt: 0 }), what: "lost" })]);
  });
});
