// The engine against generated plans and generated bad luck: whatever happens, the tiny system below ends in order.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Signal } from "../journal/store.ts";
import type { AnyOperation } from "../model/driver.ts";
import { ClaimLost, Unreachable } from "../model/errors.ts";
import type { RunEvent } from "../model/event.ts";
import type { Facts } from "../model/facts.ts";
import { isUndo, type Item, type Step, type Turn } from "../model/step.ts";
import { checkDraft } from "../planner/checker.ts";
import { Decider } from "./decide.ts";
import { defaultTiming } from "./rules.ts";
import { RunFold } from "./run-fold.ts";
import { run } from "./run.ts";
import type { Outcome } from "./run-request.ts";
import type { Surroundings } from "./surroundings.ts";

class Crash extends Error {}

const misfortunes = [
  "crash before",
  "crash after",
  "no answer, happened",
  "no answer, did not happen",
  "no answer, arrives late",
  "abort",
  "pause",
] as const;
type Misfortune = (typeof misfortunes)[number];
const lateMs = 500;
const settleMs = 600;

/** Flags that are set and cleared. Setting one that is set, or clearing one that is clear, must never happen, but to leases: they are set again at once. */
class Flags {
  readonly leases = new Set<string>();
  readonly set = new Set<string>();
  readonly history: string[] = [];
  readonly wrong: string[] = [];
  put(flag: string, is: boolean): void {
    if (this.set.has(flag) === is && !this.leases.has(flag)) this.wrong.push(`${flag} ${is ? "set" : "cleared"} twice`);
    if (is) this.set.add(flag);
    else this.set.delete(flag);
    this.history.push(`${is ? "+" : "-"}${flag}`);
  }
}

/** One thing of a generated turn: a flag that stays, a lease around others, or flags found at run time; a point of no return perhaps. */
type Shape =
  | { readonly is: "flag"; readonly commits: boolean }
  | { readonly is: "lease"; readonly around: readonly Shape[] }
  | { readonly is: "found"; readonly count: number };

const shapes: fc.Arbitrary<Shape> = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 2 },
    fc.record({ is: fc.constant("flag" as const), commits: fc.boolean() }),
    fc.record({ is: fc.constant("found" as const), count: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ is: fc.constant("lease" as const), around: fc.array(tie("shape"), { minLength: 1, maxLength: 3 }) }),
  ),
})).shape;
const plans = fc.array(fc.array(shapes, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 });
const schedules = fc.array(
  fc.record({
    after: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 12 })),
    what: fc.constantFrom(...misfortunes),
    watchdog: fc.boolean(),
  }),
  {
    maxLength: 6,
  },
);

function turnsOf(plan: readonly (readonly Shape[])[]): readonly Turn[] {
  let number = 0;
  const items = (shape: Shape): readonly Item[] => {
    const id = `s${++number}`;
    const step: Step = { id, phase: "guard", do: "put", params: { flag: id, is: true } };
    switch (shape.is) {
      case "flag":
        return [{ ...step, ...(shape.commits ? { commits: { of: "turn" as const, why: "it shows" } } : {}) }];
      case "found":
        return [{ ...step, do: "find", params: { of: id, count: shape.count }, may: { do: ["put"], atMost: 3 } }];
      case "lease":
        return [{ ...step, held: "release" }, ...shape.around.flatMap(items), { undo: id }];
    }
  };
  return plan.map((each, i) => ({ id: `t${i}`, nodes: [`n${i}`], items: each.flatMap(items) }));
}

type Put = { readonly flag: string; readonly is: boolean };
type Find = { readonly of: string; readonly count: number };
function operationsOf(flags: Flags): Readonly<Record<string, AnyOperation<Facts>>> {
  const put = (id: string, flag: string, is: boolean): Step => ({ id, phase: "restore", do: "put", params: { flag, is } });
  return {
    put: {
      settleMs,
      look: async (params) => {
        const { flag, is } = params as Put;
        return flags.set.has(flag) === is ? { is: "done" } : { is: "open" };
      },
      act: async (params, _, context) => {
        const { flag, is } = params as Put;
        return context.send(null, () => (flags.put(flag, is), null));
      },
      undo: (params) => [put("back", (params as Put).flag, !(params as Put).is)],
    },
    find: {
      look: async (params) => {
        const { of, count } = params as Find;
        const missing = Array.from({ length: count }, (_, i) => `${of}.${i}`).filter((flag) => !flags.set.has(flag));
        return missing.length === 0 ? { is: "done" } : { is: "expand", into: missing.map((flag) => put(flag, flag, true)) };
      },
    },
  };
}

class World {
  time = 1_000;
  epoch = 0;
  events: RunEvent[] = [];
  wish: Signal = { desired: "run", by: "op", reason: "" };
  wantsAbort = false;
  late: { readonly at: number; readonly arrive: () => unknown }[] = [];
  readonly #schedule: { readonly after: number; readonly what: Misfortune; readonly watchdog: boolean }[];
  #until: number;
  constructor(schedule: readonly { readonly after: number; readonly what: Misfortune; readonly watchdog: boolean }[]) {
    this.#schedule = [...schedule];
    this.#until = schedule[0]?.after ?? Number.POSITIVE_INFINITY;
  }
  get watched(): boolean {
    return this.#schedule[0]?.watchdog ?? false;
  }
  pass(ms: number): void {
    this.time += ms;
    const due = this.late.filter(({ at }) => at <= this.time);
    this.late = this.late.filter(({ at }) => at > this.time);
    for (const { arrive } of due) arrive();
  }
  /** At every instant: is it now that something goes wrong? */
  #next(): Misfortune | null {
    if (this.#until-- > 0) return null;
    const now = this.#schedule.shift();
    this.#until = this.#schedule[0]?.after ?? Number.POSITIVE_INFINITY;
    if (now?.what === "abort") this.wantsAbort = true;
    if (now?.what === "abort" || now?.what === "pause") {
      this.wish = { ...this.wish, desired: now.what };
      return null;
    }
    return now?.what ?? null;
  }
  claim(): Surroundings {
    const epoch = ++this.epoch;
    this.events.push({ is: "claimed", holder: "op", verb: "test", pid: epoch });
    this.wish = { ...this.wish, desired: this.wantsAbort ? "abort" : "run" };
    const prove = (): void => {
      if (epoch !== this.epoch) throw new ClaimLost("somebody else");
    };
    return {
      now: () => this.time,
      sleep: async (ms) => this.pass(ms),
      signal: () => this.wish,
      progress: () => undefined,
      raiseFences: async () => undefined,
      append: async (events) => {
        const misfortune = this.#next();
        if (misfortune === "crash before") throw new Crash();
        prove();
        this.events.push(...(JSON.parse(JSON.stringify(events)) as RunEvent[]));
        if (misfortune === "crash after") throw new Crash();
        this.pass(1);
      },
      send: async (_, effect) => {
        const misfortune = this.#next();
        prove();
        const arrive = () => effect({ run: "r", epoch, connection: 1, signal: new AbortController().signal });
        this.pass(1);
        switch (misfortune) {
          case "crash before":
            throw new Crash();
          case "crash after":
            void arrive();
            throw new Crash();
          case "no answer, happened":
            void arrive();
            throw new Unreachable("no answer");
          case "no answer, did not happen":
            throw new Unreachable("no answer");
          case "no answer, arrives late":
            this.late.push({ at: this.time + lateMs, arrive });
            throw new Unreachable("no answer");
          case "abort":
          case "pause":
          case null:
            return arrive();
        }
      },
    };
  }
}

async function toTheEnd(turns: readonly Turn[], flags: Flags, world: World): Promise<Outcome> {
  const operations = operationsOf(flags);
  const driver = { operations, invariants: [], inspect: async () => ({ structure: null, now: null }) };
  const attempt = async (release?: readonly string[]): Promise<Outcome | null> => {
    const surroundings = world.claim();
    try {
      return await run({ id: "r", driver, turns, events: [...world.events], surroundings, timing: defaultTiming, ...(release ? { release } : {}) });
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      world.pass(20);
      return null;
    }
  };
  for (let claims = 0; claims < 30; claims++) {
    const outcome = await attempt();
    if (outcome?.is === "succeeded" || outcome?.is === "aborted") return outcome;
    if (outcome?.is === "asks") return outcome;
    if (outcome === null && world.watched) {
      const left = new Decider(new RunFold(turns, world.events), operations).left();
      if (left.length > 0) await attempt(left.map((step) => step.id));
    }
  }
  throw new Error("it never ends");
}

test("whatever happens, no effect is done twice, every lease is put back, the order is kept, and the run ends", { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(plans, schedules, async (plan, schedule) => {
      const turns = turnsOf(plan);
      const flags = new Flags();
      expect(checkDraft({ operations: operationsOf(flags), invariants: [] }, { structure: null, now: null }, { turns })).toEqual([]);
      const items = turns.flatMap((turn) => turn.items);
      for (const item of items) if (!isUndo(item) && item.held) flags.leases.add(item.id);
      const world = new World(schedule);
      const outcome = await toTheEnd(turns, flags, world);
      world.pass(10_000);

      expect(flags.wrong).toEqual([]);
      expect([...flags.leases].filter((id) => flags.set.has(id))).toEqual([]);
      expect(outcome.is).toBe(world.events.some((event) => event.is === "aborting") ? "aborted" : "succeeded");
      // The first time that each flag was set follows the order of the plan.
      const firsts = [...new Set(flags.history.filter((each) => each.startsWith("+")).map((each) => each.slice(1).split(".")[0] ?? ""))];
      const order = items.flatMap((item) => (isUndo(item) ? [] : [item.id]));
      expect(firsts).toEqual(order.filter((id) => firsts.includes(id)));
      if (outcome.is === "succeeded") {
        const wanted = items.flatMap((item) => {
          if (isUndo(item) || item.held) return [];
          return item.do === "find" ? Array.from({ length: (item.params as Find).count }, (_, i) => `${item.id}.${i}`) : [item.id];
        });
        expect([...flags.set].sort()).toEqual(wanted.sort());
      }
    }),
    { numRuns: 400, seed: 20_261_120, endOnFailure: false },
  );
});
