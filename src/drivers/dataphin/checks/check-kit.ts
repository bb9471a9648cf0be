import type { Check } from "../../../model/facts.ts";
import type { Goal, Mode } from "../../../model/goal.ts";
import type { Turn } from "../../../model/step.ts";
import type { DpFacts } from "../facts.ts";
import { spansOf, type Spans } from "../impact/spans.ts";
import type { Declared } from "../options.ts";
import { fieldCacheMs, type Window } from "../window.ts";

/** What every group of prechecks is given. */
export interface Scope {
  readonly facts: DpFacts;
  readonly goal: Goal;
  /** The mode that the plan would have. */
  readonly mode: Mode;
  readonly window: Window;
  readonly declared: Declared;
  /** From the plan as it would be. */
  readonly spans: Spans;
}
export function scopeOf(facts: DpFacts, goal: Goal, given: Pick<Scope, "mode" | "window" | "declared"> & { readonly turns: readonly Turn[] }): Scope {
  const { mode, window, declared, turns } = given;
  const [turn = { id: "upgrade", nodes: [], items: [] }] = turns;
  const expiries = (facts.structure.grants ?? []).flatMap(({ expires }) => (expires === null ? [] : [expires]));
  const cacheMs = declared.fieldCacheSeconds === undefined ? fieldCacheMs : declared.fieldCacheSeconds.seconds * 1_000;
  return {
    facts,
    goal,
    mode,
    window,
    declared,
    spans: spansOf(turn, { mode, window, timeZone: facts.structure.timeZone, expiries, fieldCacheMs: cacheMs }),
  };
}

type More = Omit<Check, "code" | "object" | "verdict" | "what">;
export const passed = (code: string, object: string, what: string, more: More = {}): Check => ({ code, object, verdict: "passed", what, ...more });
export const warning = (code: string, object: string, what: string, more: More = {}): Check => ({ code, object, verdict: "warning", what, ...more });
export const blocker = (code: string, object: string, what: string, more: More = {}): Check => ({ code, object, verdict: "blocker", what, ...more });
export const notMeasured = (code: string, object: string, what: string, more: More = {}): Check => ({
  code,
  object,
  verdict: "not-measured",
  what,
  ...more,
});

export const count = (number: number, what: string): string => `${String(number)} ${what}${number === 1 ? "" : "s"}`;
/** The first few, and how many more. */
export const some = (all: readonly string[], most = 5): string =>
  all.length <= most ? all.join("; ") : `${all.slice(0, most).join("; ")}; and ${String(all.length - most)} more`;
export const minutes = (ms: number): string => (ms < 60_000 ? `${String(Math.round(ms / 1_000))} s` : `${String(Math.round(ms / 6_000) / 10)} min`);
