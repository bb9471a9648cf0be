import type { ProbeStatus } from "../../usecases/probe-status.ts";
import { count, duration } from "./time.ts";

/** The probe's live figures in one line. */
export function probeText(probe: ProbeStatus): string {
  const gap = probe.longestGapMs === null ? "-" : duration(probe.longestGapMs);
  const p99 = probe.p99Ms === null ? "-" : duration(probe.p99Ms);
  return `${count(probe.rate)}/s  acknowledged ${count(probe.acknowledged)}  refused ${count(probe.refused)}  unknown ${count(probe.unknown)}  longest gap ${gap}  p99 ${p99}`;
}
