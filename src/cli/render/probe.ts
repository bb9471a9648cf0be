import type { ProbeStatus } from "../../usecases/probe-status.ts";
import { lengthOf } from "./text.ts";
import { count, duration } from "./time.ts";

/** The probe's live figures in one line of at most `width` characters, if that can be. */
export function probeText(probe: ProbeStatus, width: number): string {
  const pace = probe.stale ? "SILENT" : probe.state === "running" ? `${count(probe.rate)}/s` : probe.state;
  const p99 = probe.p99Ms === null ? "" : `  p99 ${duration(probe.p99Ms)}`;
  const text = (acknowledged: string, gap: string): string =>
    `${pace}  ${acknowledged} ${count(probe.acknowledged)}  refused ${count(probe.refused)}  unknown ${count(probe.unknown)}  ${gap} ${duration(probe.longestGapMs)}${p99}`;
  const ways = [text("acknowledged", "longest gap"), text("acknowledged", "gap"), text("acked", "gap")];
  return ways.find((way) => lengthOf(way) <= width) ?? ways[2] ?? "";
}
