import type { Check } from "../../../model/facts.ts";

type More = Omit<Check, "code" | "object" | "verdict" | "what">;
export const passed = (code: string, object: string, what: string, more: More = {}): Check => ({ code, object, verdict: "passed", what, ...more });
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

export const count = (number: number, what: string): string => `${String(number)} ${what}${number === 1 ? "" : "s"}`;
export function size(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${power === 0 ? String(bytes) : (bytes / 1024 ** power).toFixed(1)} ${units[power] ?? ""}`;
}
/** The first few, and how many more. */
export const some = (all: readonly string[], most = 5): string =>
  all.length <= most ? all.join("; ") : `${all.slice(0, most).join("; ")}; and ${String(all.length - most)} more`;
export const seconds = (ms: number): string => `${String(Math.round(ms / 100) / 10)} s`;
