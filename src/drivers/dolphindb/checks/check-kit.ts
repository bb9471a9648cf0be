export { blocker, count, notMeasured, orPassed, passed, size, some, warning } from "../../../model/checks.ts";

export const seconds = (ms: number): string => `${String(Math.round(ms / 100) / 10)} s`;
