// Dates as Dataphin writes them. The lab lives in UTC.

export const MINUTE = 60_000;
export const DAY = 86_400_000;

/** `2026-11-22` */
export const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
/** `2026-11-22 01:00:00` */
export const timeOf = (at: number): string => new Date(at).toISOString().slice(0, 19).replace("T", " ");
/** Instant of midnight at which that day begins. Error when it is no date. */
export function midnightOf(date: string): number {
  const at = Date.parse(`${date.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(at)) throw new Error(`${date}: not yyyy-MM-dd`);
  return at;
}
/** `001:02:03`, as upgrade records tell durations (facts 1.7). */
export function durationOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${String(Math.floor(seconds / 3_600)).padStart(3, "0")}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
