// What a run that was disturbed is charged with: in figures, and in words.
import type { Ended } from "../orchestrator/operator.ts";

/** Small, because it crosses threads. */
export interface Judgement {
  /** Bars that are broken, in words; empty: it ended as it must. */
  readonly broken: readonly string[];
  readonly lost: number;
  readonly leftovers: number;
  readonly extraRestarts: number;
  readonly doubleActions: number;
  /** Questions that a person had to answer. */
  readonly questions: number;
}
/** Of a run that did not end at all. */
export const unended = (why: string): Judgement => ({
  broken: [why],
  lost: 0,
  leftovers: 0,
  extraRestarts: 0,
  doubleActions: 0,
  questions: 0,
});
/** The same, with the command behind each bar by which it is tried once more. */
export const withReplay = <Judged extends Judgement>(judged: Judged, replay: string): Judged => ({
  ...judged,
  broken: judged.broken.map((bar) => `${bar}; ${replay}`),
});

/** Objects that ended otherwise than they must, by what they are charged with. */
export type Charges = readonly (readonly [what: string, objects: readonly string[]])[];

const NAMED_AT_MOST = 4;

/** In words; empty: the run ended as it must. `said` is what it did last. */
export function brokenBars(
  { ended: { outcome, defects }, said }: { readonly ended: Pick<Ended, "outcome" | "defects">; readonly said: string },
  charges: Charges,
  isWell = outcome?.is === "succeeded",
): readonly string[] {
  return [
    ...(isWell ? [] : [`ended with: ${inWords(outcome)} (last: ${said})`]),
    ...[...charges, ["defect", defects] as const].flatMap(([what, objects]) => {
      const more = objects.length > NAMED_AT_MOST ? ` and ${String(objects.length - NAMED_AT_MOST)} more` : "";
      return objects.length === 0 ? [] : [`${what}: ${objects.slice(0, NAMED_AT_MOST).join("; ")}${more}`];
    }),
  ];
}
function inWords(outcome: Ended["outcome"]): string {
  if (outcome === null) return "no end";
  if (outcome.is === "paused") return `paused ${outcome.code} at ${String(outcome.step)}: ${outcome.why}`;
  return outcome.is === "asks" ? `asks ${outcome.code} at ${outcome.step}: ${outcome.question}` : outcome.is;
}
