// Dates and times as the wire has them: days since 1970 for DATE, milliseconds since 1970 for TIMESTAMP, and so on (facts 3.5).
import type { Atom } from "../value.ts";

const DAY_MS = 86_400_000;
const pad = (value: number, width = 2): string => String(value).padStart(width, "0");

/** Days since 1970-01-01. Null: no such date. */
export function dayNumber(year: number, month: number, day: number): number | null {
  const at = new Date(Date.UTC(year, month - 1, day));
  return at.getUTCMonth() === month - 1 && at.getUTCDate() === day ? Math.floor(at.getTime() / DAY_MS) : null;
}
export function formatDay(day: number): string {
  const at = new Date(day * DAY_MS);
  return `${pad(at.getUTCFullYear(), 4)}.${pad(at.getUTCMonth() + 1)}.${pad(at.getUTCDate())}`;
}
/** Milliseconds since midnight or since 1970: `HH:MM:SS.mmm`. */
function formatTime(ms: number): string {
  const rest = ((ms % DAY_MS) + DAY_MS) % DAY_MS;
  return `${pad(Math.floor(rest / 3_600_000))}:${pad(Math.floor(rest / 60_000) % 60)}:${pad(Math.floor(rest / 1_000) % 60)}.${pad(rest % 1_000, 3)}`;
}
/** The day of a temporal value. Null: it has none. */
export function dayOf(value: Atom, type: string): number | null {
  if (typeof value !== "number" && typeof value !== "bigint") return null;
  switch (type) {
    case "date":
      return Number(value);
    case "datetime":
      return Math.floor(Number(value) / 86_400);
    case "timestamp":
      return Math.floor(Number(value) / DAY_MS);
    case "nanotimestamp":
      return Number(BigInt(value) / 86_400_000_000_000n);
    default:
      return null;
  }
}
/** Null: the type is not temporal, or the value is null. */
export function formatTemporal(value: Atom, type: string): string | null {
  if (typeof value !== "number" && typeof value !== "bigint") return null;
  const number = Number(value);
  switch (type) {
    case "date":
      return formatDay(number);
    case "month":
      return `${pad(Math.floor(number / 12), 4)}.${pad((number % 12) + 1)}M`;
    case "time":
      return formatTime(number);
    case "minute":
      return `${pad(Math.floor(number / 60))}:${pad(number % 60)}m`;
    case "second":
      return formatTime(number * 1_000).slice(0, 8);
    case "datetime":
      return `${formatDay(Math.floor(number / 86_400))}T${formatTime(number * 1_000).slice(0, 8)}`;
    case "timestamp":
      return `${formatDay(Math.floor(number / DAY_MS))}T${formatTime(number)}`;
    case "nanotimestamp":
      return `${formatDay(Math.floor(number / 86_400_000_000_000))}T${formatTime(Math.floor(number / 1_000_000))}`;
    default:
      return null;
  }
}
