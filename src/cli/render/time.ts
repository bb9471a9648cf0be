// Times and durations for people: local time with its zone, units on every number. Pure but for the zone of this machine.
import { localTime, machineOffset } from "../../model/local-time.ts";
import { clock, duration } from "../../report/text.ts";

export { clock, count, duration, plural } from "../../report/text.ts";

/** `02:31:09`, with the date when it was not today. */
export function at(ms: number, now: number): string {
  const today = full(now).slice(0, dateLength);
  const then = full(ms);
  return then.startsWith(today) ? then.slice(dateLength + 1) : then;
}
const dateLength = "2026-11-20".length;

/** `2026-11-20 02:31:09`. */
export const full = (ms: number): string => localTime(machineOffset(ms)).full(ms);

/** `UTC+01:00`: named once on a screen. */
export const zone = (ms: number): string => localTime(machineOffset(ms)).zone;

/** `00:21`, or `01:00:21` from an hour on: what a person compares at a glance. */
export const short = (ms: number): string => {
  const text = clock(ms);
  return text.startsWith("00:") ? text.slice(3) : text;
};

/** `about 5 s`, `about 2 min`: an expectation is never more exact than that. */
export function about(ms: number): string {
  if (ms < 10_000) return `about ${ms < 1000 ? duration(ms) : `${Math.round(ms / 100) / 10} s`}`;
  return ms < 90_000 ? `about ${Math.round(ms / 1000)} s` : `about ${Math.round(ms / 60_000)} min`;
}

/** `0.4 s`, `3 min`: a forecast in a table. */
export function brief(ms: number): string {
  if (ms < 60_000) return ms >= 10_000 ? `${Math.round(ms / 1000)} s` : `${Math.max(0.1, Math.round(ms / 100) / 10)} s`;
  return `${Math.round(ms / 60_000)} min`;
}
