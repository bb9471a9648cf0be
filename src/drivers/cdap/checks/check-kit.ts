export { blocker, count, notMeasured, passed, warning } from "../../../model/checks.ts";

/** The first few, and how many more. */
export const some = (all: readonly string[], most = 5): string =>
  all.length <= most ? all.join(", ") : `${all.slice(0, most).join(", ")} and ${String(all.length - most)} more`;
export const seconds = (number: number): string => (number < 120 ? `${String(Math.round(number))} s` : `${String(Math.round(number / 6) / 10)} min`);
