import type { Goal, Mode } from "../../../model/goal.ts";
import type { Turn } from "../../../model/step.ts";
import type { DpFacts } from "../facts.ts";
import { spansOf, type SpanName, type Spans } from "../impact/spans.ts";
import type { Declared } from "../options.ts";
import { fieldCacheMs, lengthBasis, type Window } from "../window.ts";

export { blocker, count, notMeasured, passed, some, warning } from "../../../model/checks.ts";

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

/** With whose figure it is. */
export const lasting = ({ spans, window }: Scope, span: SpanName): string => `${minutes(spans(span))} (${lengthBasis(window)})`;
export const sayLengths = "Say how long it takes here: `-o duration=MINUTES -o application-minutes=MINUTES`.";
export const minutes = (ms: number): string => (ms < 60_000 ? `${String(Math.round(ms / 1_000))} s` : `${String(Math.round(ms / 6_000) / 10)} min`);
