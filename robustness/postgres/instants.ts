// Where a run is killed, from what the journal of an undisturbed run says. Pure.
import type { JournalLine, StepLine } from "../validators/journal.ts";

export const places = ["before-started", "after-started", "before-succeeded", "after-succeeded"] as const;
export type Place = (typeof places)[number] | "inside";

export interface Instant {
  readonly place: Place;
  /** The step of the base run; in a trial another standby may have its part. */
  readonly step: string;
  readonly failpoint: string;
  /** The release lies on the hosts already when the run begins. */
  readonly staged: boolean;
  /** One of the four instants of a step that acts; false: a boundary beside them. */
  readonly counted: boolean;
}

/** An effect that takes longer is also cut in its middle. */
const LONG_MS = 50;

/** Which standby is promoted is not the same in each run: `move pg1/0.promote pg2` is the same step as `move pg1/0.promote pg3`. */
export const kindOf = (step: string): string => {
  const [turn, ...inner] = step.split("/");
  return inner.length === 0
    ? step
    : [
        turn,
        ...inner.map((part) =>
          part.replace(/^(\d+\.)(\w+ follows \w+|(\w+) .*)$/, (_, round: string, __, word?: string) => round + (word ?? "follows")),
        ),
      ].join("/");
};

export function instantsOf(steps: readonly StepLine[], staged: boolean): readonly Instant[] {
  return steps.flatMap(({ step, acting, ended, effectMs }) => {
    const at = (place: Place, failpoint: string, counted: boolean): Instant => ({ place, step, failpoint, staged, counted });
    const end = (counted: boolean): readonly Instant[] => [
      at("before-succeeded", `before-succeeded:${ended}`, counted),
      at("after-succeeded", `after-succeeded:${ended}`, counted),
    ];
    if (acting === null || effectMs === null) return end(false);
    return [
      at("before-started", `before-started:${acting}`, true),
      at("after-started", `after-started:${acting}`, true),
      ...end(true),
      ...(effectMs > LONG_MS ? [at("inside", `inside:${acting}:${Math.round(effectMs / 3)}`, false)] : []),
    ];
  });
}

/** For another try: inside an effect after half the time. The one of the base run may have taken longer than it mostly does, and then it is over too soon. */
export function sooner(instant: Instant): Instant {
  if (instant.place !== "inside") return instant;
  const [place, count, afterMs] = instant.failpoint.split(":");
  return { ...instant, failpoint: [place, count, Math.ceil(Number(afterMs) / 2)].join(":") };
}

/** Where a killed run stood: the last step it began, and whether it was killed where the instant says. */
export function standOf(lines: readonly JournalLine[], instant: Instant): { readonly step: string | null; readonly hit: boolean } {
  const of = (...kinds: readonly string[]): readonly JournalLine[] => lines.filter(({ event }) => kinds.includes(event.is));
  const begun = of("acting").length;
  const ended = of("done", "undone").length;
  const [, count] = instant.failpoint.split(":").map(Number);
  const last = (found: readonly JournalLine[]): string | null => {
    const step = found.at(-1)?.event["step"];
    return typeof step === "string" ? step : null;
  };
  switch (instant.place) {
    case "before-started":
      return { step: null, hit: begun === (count ?? 0) - 1 };
    case "after-started":
      return same(last(of("acting")), begun === count, instant);
    case "before-succeeded":
      return { step: null, hit: ended === (count ?? 0) - 1 };
    case "after-succeeded":
      return same(last(of("done", "undone")), ended === count, instant);
    case "inside": {
      const step = last(of("acting"));
      return same(step, !of("done").some(({ event }) => event["step"] === step), instant);
    }
  }
}
const same = (step: string | null, counted: boolean, instant: Instant): { readonly step: string | null; readonly hit: boolean } => ({
  step,
  hit: counted && step !== null && kindOf(step) === kindOf(instant.step),
});
