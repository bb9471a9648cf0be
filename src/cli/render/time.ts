// Times and durations for people: local time with its zone, units on every number. Pure but for the zone of this machine.
import { clock, duration } from "../../report/text.ts";

export { clock, count, duration, plural } from "../../report/text.ts";

const two = (value: number): string => String(value).padStart(2, "0");
const sameDay = (a: Date, b: Date): boolean => a.toDateString() === b.toDateString();

/** `02:31:09`, with the date when it was not today. */
export function at(ms: number, now: number): string {
  const then = new Date(ms);
  const time = `${two(then.getHours())}:${two(then.getMinutes())}:${two(then.getSeconds())}`;
  return sameDay(then, new Date(now)) ? time : `${dateOf(then)} ${time}`;
}
const dateOf = (date: Date): string => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;

/** `2026-11-20 02:31:09`. */
export const full = (ms: number): string => {
  const date = new Date(ms);
  return `${dateOf(date)} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
};

/** `UTC+01:00`: named once on a screen. */
export function zone(ms: number): string {
  const minutes = -new Date(ms).getTimezoneOffset();
  return minutes === 0 ? "UTC" : `UTC${minutes < 0 ? "-" : "+"}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}

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
