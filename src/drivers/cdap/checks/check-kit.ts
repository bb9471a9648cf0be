import type { Check } from "../../../model/facts.ts";

type More = Omit<Check, "code" | "object" | "verdict" | "what">;
const make =
  (verdict: Check["verdict"]) =>
  (code: string, object: string, what: string, more: More = {}): Check => ({ code, object, verdict, what, ...more });
export const passed = make("passed");
export const warning = make("warning");
export const blocker = make("blocker");
export const notMeasured = make("not-measured");

export const count = (number: number, what: string): string => `${String(number)} ${what}${number === 1 ? "" : "s"}`;
/** The first few, and how many more. */
export const some = (all: readonly string[], most = 5): string =>
  all.length <= most ? all.join(", ") : `${all.slice(0, most).join(", ")} and ${String(all.length - most)} more`;
export const seconds = (number: number): string => (number < 120 ? `${String(Math.round(number))} s` : `${String(Math.round(number / 6) / 10)} min`);
