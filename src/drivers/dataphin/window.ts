// When the upgrade is to happen, and what lies in that time: the nightly generation, midnight, the end of caches and grants (facts 2.4, 2.5). Pure.
import type { Refusal } from "../../model/driver.ts";
import type { Goal, Mode } from "../../model/goal.ts";
import type { DpFacts } from "./facts.ts";
import { zone } from "./wire/time.ts";

/** Instances of the next day are generated then, by Dataphin's own clock (facts 2.5). */
export const generationHour = 23;
/** For so long the cache of field-level grants protects by default (facts 2.4). */
export const fieldCacheMs = 300_000;

export const windowOptionWords: Readonly<Record<string, string>> = {
  start: "when the upgrade is to begin, by Dataphin's clock: HH:MM, or yyyy-MM-ddTHH:MM (default: now)",
  duration: "minutes from its begin to the end of the verification (default: 15 for zero-downtime, 60 for semi-downtime, 120 for downtime)",
  "application-minutes": "minutes of that in which the application itself is being upgraded (default: a third)",
};

/** The vendor publishes no durations: these are ours, until runs of this installation are known. Minutes. */
const usualMinutes: Readonly<Record<Mode, number>> = { "zero-downtime": 15, "semi-downtime": 60, downtime: 120 };

export interface Window {
  /** ms since 1970. */
  readonly from: number;
  readonly to: number;
  readonly durationMs: number;
  /** Of the step "upgrade application". */
  readonly applicationMs: number;
  /** Which of the two lengths the plan's options say; what they do not say is ours. */
  readonly given: { readonly duration: boolean; readonly application: boolean };
}
/** Whose figures its lengths are, for people. */
export const lengthBasis = ({ given: { duration, application } }: Window): string => {
  const usual = "driver default: the vendor publishes no durations";
  if (duration) return application ? "duration as given" : "duration as given, a third of it for the application by driver default";
  return application ? `application-minutes as given, else ${usual}` : usual;
};

export function windowOf(facts: DpFacts, goal: Pick<Goal, "options">, mode: Mode): Window | Refusal {
  const { start, duration, "application-minutes": application } = goal.options;
  const from = startOf(facts, start);
  if (typeof from !== "number") return from;
  const minutes = duration === undefined ? usualMinutes[mode] : minutesIn(duration);
  if (minutes === null) return refuse("duration", duration, "minutes: a number above 0 and at most 10080");
  const applicationMinutes = application === undefined ? minutes / 3 : minutesIn(application);
  if (applicationMinutes === null || applicationMinutes > minutes)
    return refuse("application-minutes", application, "minutes, at most as many as the whole takes");
  const durationMs = Math.round(minutes * 60_000);
  return {
    from,
    to: from + durationMs,
    durationMs,
    applicationMs: Math.round(applicationMinutes * 60_000),
    given: { duration: duration !== undefined, application: application !== undefined },
  };
}
/** As `windowOf`, for who has seen to it that the options are valid. */
export function validWindow(facts: DpFacts, goal: Pick<Goal, "options">, mode: Mode): Window {
  const found = windowOf(facts, goal, mode);
  if (!("refused" in found)) return found;
  const known = windowOf(facts, { options: {} }, mode);
  if ("refused" in known) throw new TypeError(known.refused);
  return known;
}

const refuse = (key: string, value: string | undefined, clear: string): Refusal => ({
  refused: `option ${key}=${value ?? ""} is not valid`,
  clear,
  object: key,
  code: "SW1001",
});
function minutesIn(text: string): number | null {
  const value = /^\d{1,5}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  return value > 0 && value <= 10_080 ? value : null;
}
function startOf(facts: DpFacts, text: string | undefined): number | Refusal {
  if (text === undefined || text === "now") return facts.now.at;
  const clock = zone(facts.structure.timeZone);
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hour !== undefined && minute !== undefined) return clock.next(facts.now.at, Number(hour), Number(minute));
  const [, date, time] = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)$/.exec(text) ?? [];
  const at = date === undefined || time === undefined ? null : clock.parse(`${date} ${time}:00`);
  if (at === null) return refuse("start", text, "HH:MM, or yyyy-MM-ddTHH:MM, by Dataphin's clock");
  return at < facts.now.at ? refuse("start", text, "a time that is not over") : at;
}

/** Instants in the window at which the clock shows that time; empty: it does not cross one. A window that ends then does not cross it. */
export function crossings({ from, to }: Pick<Window, "from" | "to">, timeZone: string, hour: number, minute = 0): readonly number[] {
  const clock = zone(timeZone);
  const found: number[] = [];
  for (let at = clock.next(from - 1, hour, minute); at < to; at = clock.next(at, hour, minute)) found.push(at);
  return found;
}
/** Grants end with a day (facts 2.4): the midnight after which one that expires then should be gone. ms since 1970. */
export function expiryInstant(expires: string, timeZone: string): number | null {
  const clock = zone(timeZone);
  const begins = clock.parse(`${expires} 00:00:00`);
  return begins === null ? null : clock.next(begins, 0, 0);
}
export const clockTime = (at: number, timeZone: string): string => zone(timeZone).format(at).slice(0, 16);
