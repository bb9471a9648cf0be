// Times as people read them, without the runtime's tables of languages and zones: those take 9 MB in every process that formats one date with them.

/** Minutes that this machine's clock is ahead of UTC at that instant. */
export const machineOffset = (ms: number): number => -new Date(ms).getTimezoneOffset();

/** Times at one distance from UTC, which is named once. Pure. */
export interface LocalTime {
  /** `2026-11-20 02:29:31`. */
  readonly full: (ms: number) => string;
  /** `02:29:31`, with `digits` of a second. */
  readonly time: (ms: number, digits?: 0 | 1 | 2 | 3) => string;
  /** `UTC+01:00`; `UTC` without a distance. */
  readonly zone: string;
}
export function localTime(offsetMinutes: number): LocalTime {
  const shown = (ms: number): string => new Date(ms + offsetMinutes * 60_000).toISOString();
  const time = (ms: number, digits: 0 | 1 | 2 | 3 = 0): string => shown(ms).slice(11, digits === 0 ? 19 : 20 + digits);
  return { full: (ms) => `${shown(ms).slice(0, 10)} ${time(ms)}`, time, zone: zoneOf(offsetMinutes) };
}
function zoneOf(offsetMinutes: number): string {
  if (offsetMinutes === 0) return "UTC";
  const two = (value: number): string => String(value).padStart(2, "0");
  const ahead = Math.abs(offsetMinutes);
  return `UTC${offsetMinutes < 0 ? "-" : "+"}${two(Math.floor(ahead / 60))}:${two(ahead % 60)}`;
}

/** `2026-11-20 02:29:31 UTC+01:00`, by this machine's clock. */
export function localText(ms: number): string {
  const { full, zone } = localTime(machineOffset(ms));
  return `${full(ms)} ${zone}`;
}
