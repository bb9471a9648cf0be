// Where Stillwater is killed: the four instants of every step that acts, and beside them the two sides of everything else that it writes or sends.
import type { Instant, Moment } from "../orchestrator/instants.ts";

export const places = ["before started", "after started", "before succeeded", "after succeeded"] as const;
export type Place = (typeof places)[number] | "boundary";

export interface CrashPoint {
  readonly place: Place;
  readonly step: string;
  /** Of the instants that the undisturbed run reached. */
  readonly number: number;
  readonly moment: Moment;
}

/** In the order of the run. Steps that only look have no counted instants. */
export function crashPoints(reached: readonly Instant[]): readonly CrashPoint[] {
  const writes = (number: number, is: string, step: string): boolean => {
    const instant = reached[number];
    return instant?.kind === "append" && instant.events.some((event) => event.is === is && event.step === step);
  };
  const first = (is: string, step: string, from: number): number => reached.findIndex((_, number) => number >= from && writes(number, is, step));
  const points: CrashPoint[] = [];
  const taken = new Set<string>();
  const add = (place: Place, step: string, number: number, moment: Moment): void => {
    if (number < 0 || taken.has(`${String(number)} ${moment}`)) return;
    taken.add(`${String(number)} ${moment}`);
    points.push({ place, step, number, moment });
  };
  for (const step of stepsThatAct(reached)) {
    const started = first("acting", step, 0);
    add("before started", step, started, "before");
    add("after started", step, started, "after");
    // The answer is written together with what it led to: before that the effect is there, and the journal does not know.
    add("before succeeded", step, first("acted", step, started), "before");
    add("after succeeded", step, first("done", step, started), "after");
  }
  reached.forEach((instant, number) => {
    const step = instant.step ?? "";
    const moments: readonly Moment[] = instant.kind === "append" ? ["before", "after"] : ["before", "under way", "after"];
    for (const moment of moments) add("boundary", step, number, moment);
  });
  return points;
}

export function stepsThatAct(reached: readonly Instant[]): readonly string[] {
  const acted = reached.flatMap((instant) =>
    instant.kind === "append" ? instant.events.flatMap(({ is, step }) => (is === "acting" && step !== null ? [step] : [])) : [],
  );
  return [...new Set(acted)];
}
