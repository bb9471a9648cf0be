// What a report tells beside its impact: the record of the upgrade, what was tried and seen beside the run. Rows for every form of the report. Pure.
import type { LocalTime } from "../model/local-time.ts";
import type { Report } from "../model/report.ts";
import type { Watched } from "../model/watch.ts";
import { hhhmmss } from "./record.ts";
import { count, duration, plural } from "./text.ts";

export interface NamedValue {
  readonly what: string;
  readonly value: string;
}

/** Empty: a run that changes no version and had no maintenance. */
export function recordRows({ record }: Report, local: LocalTime): readonly NamedValue[] {
  if (record === undefined || (record.targetVersion === null && record.maintenance === null && record.instants.length === 0)) return [];
  const span = (at: number | null, ms: number | null): string =>
    at === null ? "not begun" : `${local.full(at)}, ${ms === null ? "not ended" : hhhmmss(ms)}`;
  return [
    { what: "initial version", value: record.initialVersion ?? "not known" },
    { what: "target version", value: record.targetVersion ?? "the same" },
    { what: "upgrade", value: span(record.startedAt, record.durationMs) },
    { what: "maintenance", value: record.maintenance === null ? "none" : span(record.maintenance.startedAt, record.maintenance.durationMs) },
    ...record.instants.map(({ instant, at }) => ({ what: instant, value: local.full(at) })),
  ];
}

export interface WatchedRow {
  readonly feature: string;
  readonly tries: string;
  readonly outages: string;
}
export function watchedRows(watched: Watched | undefined): readonly WatchedRow[] {
  return (watched?.features ?? []).map(({ feature, tries, works, refused, failed, outages, holesMs }) => {
    const total = outages.reduce((sum, { from, to }) => sum + (to === null ? 0 : to - from), 0);
    const open = outages.some(({ to }) => to === null);
    const told = outages.length === 0 ? "none" : `${plural(outages.length, "outage")}, ${duration(total)} in all: ${outages[0]?.why ?? ""}`;
    return {
      feature,
      tries: `${count(tries)}: ${count(works)} worked, ${count(refused)} refused, ${count(failed)} failed${holesMs > 0 ? `; none in ${duration(holesMs)}` : ""}`,
      outages: `${told}${open ? "; not ended" : ""}`,
    };
  });
}

export interface EventRow {
  readonly at: string;
  readonly object: string;
  readonly what: string;
  readonly became: string;
}
export function eventRows(watched: Watched | undefined, local: LocalTime): readonly EventRow[] {
  return (watched?.events ?? []).map(({ at, object, what, policy, why, deliveredAt }) => ({
    at: local.time(at),
    object,
    what,
    became: `${deliveredAt === null ? (policy === "drop" ? "dropped" : "not handed over") : `handed over at ${local.time(deliveredAt)}`} (${policy}: ${why})`,
  }));
}
