export { blocker, count, notMeasured, orPassed, passed, size, some, warning } from "../../../model/checks.ts";
