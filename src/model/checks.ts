import type { Check } from "./facts.ts";

// How prechecks are made, the same for every driver.

type More = Omit<Check, "code" | "object" | "verdict" | "what">;
const make =
  (verdict: Check["verdict"]) =>
  (code: string, object: string, what: string, more: More = {}): Check => ({ code, object, verdict, what, ...more });
export const passed = make("passed");
export const warning = make("warning");
export const blocker = make("blocker");
export const notMeasured = make("not-measured");

/** The findings, or one passed check that says what was looked at. */
export const orPassed = (found: readonly Check[], code: string, object: string, what: string): readonly Check[] =>
  found.length > 0 ? found : [passed(code, object, what)];

/** `1 table`, `3 tables`. */
export const count = (number: number, what: string): string => `${String(number)} ${what}${number === 1 ? "" : "s"}`;
/** The first few, and how many more. */
export const some = (all: readonly string[], most = 5): string =>
  all.length <= most ? all.join("; ") : `${all.slice(0, most).join("; ")}; and ${String(all.length - most)} more`;
/** Bytes for people: `1.5 GiB`. */
export function size(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${power === 0 ? String(bytes) : (bytes / 1024 ** power).toFixed(1)} ${units[power] ?? ""}`;
}
