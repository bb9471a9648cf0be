// The loop on a clock that only waiting moves: settings that are made and cleared, and whatever a test adds.
import type { Signal } from "../../journal/store.ts";
import type { AnyOperation, Look } from "../../model/driver.ts";
import type { RunEvent } from "../../model/event.ts";
import type { Facts, Invariant } from "../../model/facts.ts";
import type { Item, Step, Turn } from "../../model/step.ts";
import { run } from "../run.ts";
import type { Outcome } from "../run-request.ts";

export const step = (id: string, more: Partial<Step> = {}): Step => ({ id, phase: "guard", do: "set", params: id, ...more });
export const turnOf = (id: string, ...items: readonly Item[]): Turn => ({ id, nodes: [], items });

export interface Scene {
  readonly events: RunEvent[];
  readonly set: Set<string>;
  now: number;
  signal: Signal;
  /** Called after every append: what else happens. */
  happens: (event: RunEvent | undefined) => void;
  go(turns: readonly Turn[], invariants?: readonly Invariant<Facts>[]): Promise<Outcome>;
}
export function sceneWith(more: Readonly<Record<string, AnyOperation<Facts>>> = {}): Scene {
  const set = new Set<string>();
  const name = (params: unknown): string => String(params);
  const operations: Readonly<Record<string, AnyOperation<Facts>>> = {
    set: {
      look: async (params) => ({ is: set.has(name(params)) ? "done" : "open" }),
      act: (params, _, context) => context.send("h", () => (set.add(name(params)), null)),
      undo: (params) => [step("clear", { do: "clear", params })],
    },
    clear: {
      look: async (params) => ({ is: set.has(name(params)) ? "open" : "done" }),
      act: (params, _, context) => context.send("h", () => (set.delete(name(params)), null)),
    },
    ...more,
  };
  const scene: Scene = {
    events: [],
    set,
    now: 1_000,
    signal: { desired: "run", by: "op", reason: "" },
    happens: () => undefined,
    go: (turns, invariants = []) =>
      run({
        id: "1",
        driver: { operations, invariants, inspect: async () => ({ structure: null, now: null }) },
        turns,
        events: [...scene.events],
        surroundings: {
          now: () => scene.now,
          signal: () => scene.signal,
          sleep: async (ms) => void (scene.now += ms),
          append: async (events) => {
            if (scene.events.length > 2_000) throw new Error("it never ends");
            scene.events.push(...events);
            scene.happens(events.at(-1));
          },
          raiseFences: async () => undefined,
          send: async (_, effect) => effect({ run: "1", epoch: 1, connection: 1, signal: new AbortController().signal }),
          progress: () => undefined,
        },
      }),
  };
  return scene;
}
export const looking = (look: Look): AnyOperation<Facts> => ({ look: async () => look });
