import type { Check } from "../../../model/facts.ts";

type More = Omit<Check, "code" | "object" | "verdict" | "what">;
export const passed = (code: string, object: string, what: string): Check => ({ code, object, verdict: "passed", what });
export const warning = (code: string, object: string, what: string, more: More = {}): Check => ({ code, object, verdict: "warning", what, ...more });
export const blocker = (code: string, object: string, what: string, more: More = {}): Check => ({ code, object, verdict: "blocker", what, ...more });
export const notMeasured = (code: string, object: string, what: string, more: More = {}): Check => ({
  code,
  object,
  verdict: "not-measured",
  what,
  ...more,
});

/** The findings, or one passed check that says what was looked at. */
export const orPassed = (found: readonly Check[], code: string, object: string, what: string): readonly Check[] =>
  found.length > 0 ? found : [passed(code, object, what)];

export function size(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? String(value) : value.toFixed(1)} ${units[unit] ?? ""}`;
}
export function age(seconds: number): string {
  if (seconds < 120) return `${String(seconds)} s`;
  if (seconds < 7200) return `${String(Math.round(seconds / 60))} min`;
  return seconds < 172_800 ? `${String(Math.round(seconds / 3600))} h` : `${String(Math.round(seconds / 86_400))} d`;
}
