import type { ProbeStatus } from "../../usecases/probe-status.ts";
import { count, duration } from "./time.ts";

/** The probe's live figures in one line. */
export function probeText(probe: ProbeStatus): string {
  const pace = probe.stale ? "SILENT" : probe.state === "running" ? `${count(probe.rate)}/s` : probe.state;
  const p99 = probe.p99Ms === null ? "" : `  p99 ${duration(probe.p99Ms)}`;
  return `${pace}  acknowledged ${count(probe.acknowledged)}  refused ${count(probe.refused)}  unknown ${count(probe.unknown)}  longest gap ${duration(probe.longestGapMs)}${p99}`;
}
