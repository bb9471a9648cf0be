// What was forecast against what was felt. Pure.
import type { ImpactForecast, Measure } from "../model/impact.ts";
import type { ProbeBucket, Timeline } from "../model/picture.ts";
import type { ReportImpact } from "../model/report.ts";
import type { Counted } from "../model/driver.ts";
import type { Watched } from "../model/watch.ts";
import { watchedTime } from "./felt-watched.ts";
import type { Lease } from "./leases.ts";
import { duration, plural } from "./text.ts";

/** A forecast holds up to this: half as much again, and a quarter of a second for what no forecast can know. Stated in every report. */
const tolerance = { factor: 1.5, plusMs: 250 } as const;
export const toleranceText = `a forecast holds when the measured time is at most ${tolerance.factor} x the expected time + ${duration(tolerance.plusMs)}`;
export const allowedMs = (expectedMs: number): number => expectedMs * tolerance.factor + tolerance.plusMs;

/** The vendor is silent: what was measured is told, and scored neither as a match nor as a miss. */
export const isUndocumented = ({ source }: ImpactForecast): boolean => source.startsWith("undocumented");

/** It was to be measured, and whether it held is not known. */
export const isUnseen = ({ forecast, measured, holds }: ReportImpact): boolean =>
  forecast.measure !== null && (measured === null || (holds === null && !isUndocumented(forecast)));

export interface Felt {
  readonly timeline: Timeline;
  readonly series: readonly ProbeBucket[];
  readonly leases: readonly Lease[];
  /** Null: nothing was watched. */
  readonly watched?: Watched | null;
  /** What the driver counted, by the name of its measure. */
  readonly counted?: Readonly<Record<string, Counted>>;
}

/** A row of this turn lasts as long as the run. */
const wholeRun = "run";

export function compareImpact(forecasts: readonly ImpactForecast[], felt: Felt): readonly ReportImpact[] {
  return forecasts.map((forecast) => {
    if (forecast.measure?.by === "count") return countedRow(forecast, felt.counted?.[forecast.measure.what]);
    const { measured, final, unseenMs = 0 } = measure(forecast.measure, forecast.turn, felt) ?? { measured: null, final: true };
    const allowed = allowedMs(forecast.expectedMs);
    const within = measured === null ? null : measured.ms <= allowed;
    // What has not ended, or was not looked at all the time, can only be longer: too long already is a miss, anything else is not known.
    const longer = measured !== null && (!final || measured.ms + unseenMs > allowed);
    const holds = isUndocumented(forecast) || (within === true && longer) ? null : within;
    return { feature: forecast.feature, phase: forecast.turn, forecast, measured, holds };
  });
}

/** Fewer than forecast is what was hoped for; a row without an amount has nothing to compare with. */
function countedRow(forecast: ImpactForecast, counted: Counted | undefined): ReportImpact {
  const { feature, turn: phase, amount } = forecast;
  if (counted === undefined || amount === undefined) return { feature, phase, forecast, measured: null, holds: null };
  const measured = { ms: 0, evidence: counted.evidence, amount: { value: counted.value, unit: amount.unit } };
  return { feature, phase, forecast, measured, holds: isUndocumented(forecast) ? null : counted.value <= amount.value };
}

interface Measured {
  readonly measured: { readonly ms: number; readonly evidence: string };
  /** False: it had not ended at the last entry. */
  readonly final: boolean;
  /** It may have been longer by so much. */
  readonly unseenMs?: number;
}

function measure(by: Measure | null, turn: string, { timeline, series, leases, watched = null }: Felt): Measured | null {
  if (by === null) return null;
  const territory = territoryOf(turn, timeline);
  if (territory === null) return null;
  switch (by.by) {
    case "longest-write-gap":
      return longestGap(territory, series);
    case "node-unavailable":
      return unavailable(by.node, territory, timeline);
    case "lease-held":
      return leaseHeld(by.step, leases, timeline);
    case "watch":
      return watchedTime(watched, by.feature, by.of, { from: territory.from, to: Math.min(territory.to, timeline.to) });
    case "count":
      return null;
  }
}

interface Territory {
  readonly from: number;
  /** Until the next turn begins: a gap that outlasts its turn belongs to it. */
  readonly to: number;
  readonly complete: boolean;
}
function territoryOf(id: string, timeline: Timeline): Territory | null {
  const turn = timeline.turns.find((one) => one.id === id);
  if (!turn && id === wholeRun) return { from: timeline.from, to: timeline.to, complete: true };
  if (!turn || turn.from === null) return null;
  const from = turn.from;
  const later = timeline.turns.flatMap((one) => (one.from !== null && one.from > from ? [one.from] : []));
  return { from, to: Math.min(...later, Number.POSITIVE_INFINITY), complete: turn.to !== null };
}

export interface Gap {
  readonly from: number;
  readonly to: number;
  /** No acknowledgement has ended it: counted up to the end of the series. */
  readonly open: boolean;
}
export function gapsOf(series: readonly ProbeBucket[]): readonly Gap[] {
  const ended = series.flatMap((bucket) => (bucket.longestGap === null ? [] : [{ ...bucket.longestGap, open: false }]));
  const acknowledged = series.findLastIndex((bucket) => bucket.acknowledged > 0);
  // A probe that has nothing more to send is silent too: only attempts that were made and not acknowledged show that writes stood still.
  const tried = series.findLast((bucket, index) => index > acknowledged && bucket.refused + bucket.unknown > 0);
  if (!tried) return ended;
  return [...ended, { from: series[acknowledged]?.to ?? series[0]?.from ?? tried.from, to: tried.to, open: true }];
}
export const longestOf = (gaps: readonly Gap[]): Gap | null =>
  gaps.reduce<Gap | null>((best, gap) => (best === null || gap.to - gap.from > best.to - best.from ? gap : best), null);

function longestGap(territory: Territory, series: readonly ProbeBucket[]): Measured | null {
  const inside = series.filter((bucket) => bucket.to > territory.from && bucket.from < territory.to);
  const attempts = inside.reduce((sum, bucket) => sum + bucket.acknowledged + bucket.refused + bucket.unknown, 0);
  if (attempts === 0) return null;
  const clip = (gap: Gap): Gap => ({ ...gap, from: Math.max(gap.from, territory.from), to: Math.min(gap.to, territory.to) });
  const longest = longestOf(
    gapsOf(series)
      .map(clip)
      .filter((gap) => gap.to > gap.from),
  );
  if (longest === null) return null;
  const acknowledged = inside.reduce((sum, bucket) => sum + bucket.acknowledged, 0);
  const evidence = `longest gap between two of ${plural(acknowledged, "acknowledgement")} in this turn${longest.open ? ", not ended when the probe did" : ""}`;
  return { measured: { ms: Math.round(longest.to - longest.from), evidence }, final: !longest.open };
}

function unavailable(node: string, territory: Territory, timeline: Timeline): Measured | null {
  const times = timeline.nodes.find((one) => one.node === node);
  const here = (times?.unavailable ?? []).filter((interval) => interval.from < territory.to && (interval.to ?? timeline.to) > territory.from);
  if (here.length === 0)
    return territory.complete ? { measured: { ms: 0, evidence: `journal: ${node} was not stopped in this turn` }, final: true } : null;
  const longest = here
    .map((interval) => ({ ms: (interval.to ?? timeline.to) - interval.from, open: interval.to === null }))
    .reduce((best, interval) => (interval.ms > best.ms ? interval : best));
  const others =
    here.length === 1
      ? ""
      : `, the longest of ${here.length} times (${here.map((interval) => duration((interval.to ?? timeline.to) - interval.from)).join(", ")})`;
  const evidence = longest.open
    ? `journal: ${node} stopped, and not seen ready since`
    : `journal: ${node} from its stop until it was seen ready${others}`;
  return { measured: { ms: longest.ms, evidence }, final: !longest.open };
}

function leaseHeld(step: string, leases: readonly Lease[], timeline: Timeline): Measured | null {
  const lease = leases.find((each) => each.step === step);
  if (lease === undefined) return null;
  const ms = (lease.to ?? timeline.to) - lease.from;
  return {
    measured: {
      ms,
      evidence: `journal: ${lease.title}, from when it was taken until it was put back${lease.to === null ? "; not put back yet" : ""}`,
    },
    final: lease.to !== null,
  };
}
