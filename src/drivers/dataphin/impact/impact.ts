// The impact forecast of this installation: every row of the mode's table, with how long or how many. Pure.
import type { Goal, Mode } from "../../../model/goal.ts";
import type { ImpactForecast, Measure } from "../../../model/impact.ts";
import type { Turn } from "../../../model/step.ts";
import { classWords } from "../api-words.ts";
import type { DpFacts } from "../facts.ts";
import type { Declared } from "../options.ts";
import { fieldCacheMs, lengthBasis, validWindow, type Window } from "../window.ts";
import { amountOf } from "./amounts.ts";
import { impactRows, type ImpactRow } from "./rows.ts";
import { spansOf, type SpanName, type Spans } from "./spans.ts";

export interface ImpactSurroundings {
  readonly declared: Declared;
  /** Features that the cluster file gives a client for. */
  readonly tried: ReadonlySet<string>;
}

/** Of the turn that upgrades; a plan has one. */
export function impact(facts: DpFacts, goal: Goal, mode: Mode, turns: readonly Turn[], surroundings: ImpactSurroundings): readonly ImpactForecast[] {
  const window = validWindow(facts, goal, mode);
  return turns.flatMap((turn) => {
    if (turn.items.length === 0) return [];
    const spans = spansOf(turn, {
      mode,
      window,
      timeZone: facts.structure.timeZone,
      expiries: (facts.structure.grants ?? []).flatMap(({ expires }) => (expires === null ? [] : [expires])),
      fieldCacheMs: cacheMsOf(surroundings.declared),
    });
    return impactRows[mode].flatMap((row) => forecast(row, { facts, turn, window, spans, surroundings }));
  });
}
export const cacheMsOf = ({ fieldCacheSeconds }: Declared): number =>
  fieldCacheSeconds === undefined ? fieldCacheMs : fieldCacheSeconds.seconds * 1_000;

interface Frame {
  readonly facts: DpFacts;
  readonly turn: Turn;
  readonly window: Window;
  readonly spans: Spans;
  readonly surroundings: ImpactSurroundings;
}

function forecast(row: ImpactRow, frame: Frame): readonly ImpactForecast[] {
  const { facts, turn, window, spans, surroundings } = frame;
  const length = basisOf(row.span, window);
  const common = {
    feature: row.feature,
    turn: turn.id,
    source: `${row.source}${row.requirements.length === 0 ? "" : ` (${row.requirements.join(", ")})`}`,
  };
  // Where the vendor is silent the row says so where people look first.
  const says = row.says === null ? row.source : `"${row.says}"`;
  if (row.is === "number") {
    const amount = amountOf(row.amount, facts, window, spans, surroundings.declared);
    return [
      {
        ...common,
        effect: row.effect,
        expectedMs: spans(row.span),
        basis: words(says, amount === null ? "how many is not known: no API tells, and the cluster file declares none" : amount.basis, length),
        ...(amount === null ? {} : { amount: { value: amount.value, unit: amount.unit } }),
        measure: amount === null ? null : { by: "count", what: row.feature },
      },
    ];
  }
  const published = row.only === undefined ? null : (facts.structure.apis ?? []).filter((api) => api.class === row.only).length;
  // Nobody calls what there is none of.
  if (published === 0) return [];
  const expectedMs = spans(row.span);
  return [
    {
      ...common,
      // A row whose time does not come (no midnight in the window, a downtime shorter than the cache) is felt by nobody.
      effect: expectedMs === 0 ? "none" : row.effect,
      expectedMs,
      basis: words(says, published === null || row.only === undefined ? null : `${String(published)} of class ${classWords[row.only].name}`, length),
      measure: measureOf(row, surroundings),
    },
  ];
}

const words = (...parts: readonly (string | null)[]): string => parts.filter((part) => part !== null).join("; ");
const ofRestart = (tries: string): string => `driver default: what a client that tries ${tries} meets of a rolling restart`;
/** Whose figure its length is; null: nothing lasts. */
function basisOf(span: SpanName, window: Window): string | null {
  if (span === "nothing") return null;
  if (span === "blip") return ofRestart("all the time");
  return span === "seldom tried blip" ? ofRestart("every 5 s or 10 s") : lengthBasis(window);
}

const measureOf = (row: Extract<ImpactRow, { is: "time" }>, { tried }: ImpactSurroundings): Measure | null =>
  tried.has(row.feature) ? { by: "watch", feature: row.feature, of: row.of } : null;
