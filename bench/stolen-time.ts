// A virtual machine whose host takes its processors away measures its neighbours. The kernel counts that time ("steal", proc_stat(5)); on a machine of
// one's own it is always 0.
import { readFileSync } from "node:fs";

/** Clock ticks since the start of the machine: all of its processors' time, and what its host took of it. */
export interface ProcessorTime {
  readonly all: number;
  readonly stolen: number;
}

/** The first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal; guests' time is part of user's. */
export function parseProcessorTime(text: string): ProcessorTime {
  const fields = /^cpu +([\d ]+)$/m.exec(text)?.[1]?.split(" ").slice(0, 8).map(Number) ?? [];
  return { all: fields.reduce((sum, field) => sum + field, 0), stolen: fields[7] ?? 0 };
}
export const processorTime = (): ProcessorTime => parseProcessorTime(readFileSync("/proc/stat", "utf8"));

/** 0 to 1. */
export const stolenShare = (from: ProcessorTime, to: ProcessorTime): number =>
  to.all > from.all ? (to.stolen - from.stolen) / (to.all - from.all) : 0;

/** Above it a measurement is of the neighbours, too. */
export const QUIET_SHARE = 0.01;

/** The `count` to be counted, whatever they measured: those that were left alone, or else those from which the least was taken. In their order. */
export function leastStolen<T extends { readonly stolen: number }>(measured: readonly T[], count: number): readonly T[] {
  const chosen = new Set(measured.toSorted((a, b) => Math.max(a.stolen, QUIET_SHARE) - Math.max(b.stolen, QUIET_SHARE)).slice(0, count));
  return measured.filter((each) => chosen.has(each));
}
