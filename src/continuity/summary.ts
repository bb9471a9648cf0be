// The log in figures, folded once as a stream: counts, gaps, holes, and what each risk window holds.
import type { RiskWindow } from "../model/report.ts";
import { Histogram } from "./histogram.ts";
import type { LogEntry } from "./log-reader.ts";

/** A time without an acknowledgement on one partition. Times in ms since 1970. */
export interface Gap {
  readonly partition: string;
  readonly from: number;
  readonly to: number;
  readonly ms: number;
}
/** A time in which the probe could not see. `to` may be Infinity: it never came back. */
export interface Hole {
  readonly from: number;
  readonly to: number;
  readonly why: string;
}
export interface WindowFigures {
  readonly window: RiskWindow;
  /** Acknowledged inside the window, on its partition. */
  readonly acknowledged: number;
  /** The longest gap that touches the window. */
  readonly longestGapMs: number | null;
  /** How much of it lies in holes. */
  readonly holeMs: number;
}
export interface ProbeSummary {
  /** Null: the probe never lived. */
  readonly from: number | null;
  readonly to: number | null;
  readonly attempts: number;
  readonly acknowledged: number;
  readonly refused: number;
  /** Among the refused: answered without an error, and not stored. */
  readonly skipped: number;
  readonly unknown: number;
  /** Among the unknown: nothing was written down about them yet, or ever. */
  readonly unanswered: number;
  /** Sends of requests that may have been carried out before. */
  readonly sentAgain: number;
  /** When the last acknowledgement came; null: there was none. */
  readonly lastAcknowledgedAt: number | null;
  /** Attempts that were due and never made, because of the probe itself. */
  readonly unsent: number;
  readonly partitions: readonly { readonly partition: string; readonly acknowledged: number; readonly longestGap: Gap | null }[];
  /** Of all partitions, the worst. */
  readonly longestGap: Gap | null;
  /** Between two acknowledgements on whatever partition. */
  readonly longestOverallGap: Gap | null;
  readonly windows: readonly WindowFigures[];
  readonly holes: readonly Hole[];
  readonly holesMs: number;
  readonly p99Ms: { readonly before: number | null; readonly during: number | null; readonly after: number | null };
  /** The most frequent reasons of refused and unknown attempts. */
  readonly reasons: readonly { readonly is: "refused" | "unknown"; readonly why: string; readonly count: number }[];
  readonly damagedLines: number;
}

interface Watched {
  readonly window: RiskWindow;
  acknowledged: number;
  longestGapMs: number | null;
}

/** One partition's acknowledgements in the order of time, against its windows. */
class Lane {
  acknowledged = 0;
  longest: Gap | null = null;
  #last: number;
  readonly #partition: string;
  readonly #waiting: Watched[];
  #open: Watched[] = [];

  constructor(partition: string, since: number, windows: readonly Watched[]) {
    this.#partition = partition;
    this.#last = since;
    this.#waiting = windows.filter(({ window }) => window.partition === partition).sort((a, b) => b.window.from - a.window.from);
  }

  acknowledge(at: number): void {
    this.acknowledged++;
    this.#gapUntil(at);
    for (const watched of this.#open) if (watched.window.to >= at) watched.acknowledged++;
    this.#open = this.#open.filter(({ window }) => window.to >= at);
  }

  /** The time from the last acknowledgement to here. */
  #gapUntil(at: number): void {
    const from = this.#last;
    const ms = at - from;
    this.#last = Math.max(from, at);
    for (let next = this.#waiting.at(-1); next !== undefined && next.window.from <= at; next = this.#waiting.at(-1)) {
      this.#waiting.pop();
      this.#open.push(next);
    }
    if (ms < 0) return;
    for (const watched of this.#open) if (watched.window.to >= from) watched.longestGapMs = Math.max(watched.longestGapMs ?? 0, ms);
    if (ms > (this.longest?.ms ?? -1)) this.longest = { partition: this.#partition, from, to: at, ms };
  }

  finish(at: number): void {
    this.#gapUntil(at);
  }
}

const maximumReasons = 10;
const everyPartition = "*";

/** Reads the whole log. `windows` in any order. */
export async function summarise(log: AsyncIterable<readonly LogEntry[]>, windows: readonly RiskWindow[]): Promise<ProbeSummary> {
  const began = windows.reduce((least, { from }) => Math.min(least, from), Infinity);
  const ended = windows.reduce((most, { to }) => Math.max(most, to), -Infinity);
  const watched = windows.map((window): Watched => ({ window, acknowledged: 0, longestGapMs: null }));
  const lanes = new Map<string, Lane>();
  let all: Lane | null = null;
  const open = new Map<number, { readonly due: number; readonly partition: string }>();
  const latencies = { before: new Histogram(), during: new Histogram(), after: new Histogram() };
  const reasons = new Map<string, { readonly is: "refused" | "unknown"; readonly why: string; count: number }>();
  const holes: Hole[] = [];
  const counts = { attempts: 0, acknowledged: 0, refused: 0, skipped: 0, sentAgain: 0, unsent: 0, damagedLines: 0 };
  let lastAcknowledgedAt: number | null = null;
  let from: number | null = null;
  let to: number | null = null;

  const take = (entry: LogEntry): void => {
    switch (entry.is) {
      case "began":
        from ??= entry.at;
        return;
      case "intent": {
        const { sequence, partition, dueAt } = entry;
        counts.attempts++;
        open.set(sequence, { due: dueAt, partition });
        all ??= new Lane(everyPartition, dueAt, []);
        if (!lanes.has(partition)) lanes.set(partition, new Lane(partition, dueAt, watched));
        return;
      }
      case "acknowledged": {
        const attempt = open.get(entry.sequence);
        if (attempt === undefined) return;
        open.delete(entry.sequence);
        counts.acknowledged++;
        lastAcknowledgedAt = Math.max(lastAcknowledgedAt ?? 0, entry.at);
        lanes.get(attempt.partition)?.acknowledge(entry.at);
        all?.acknowledge(entry.at);
        const phase = attempt.due < began ? "before" : attempt.due <= ended ? "during" : "after";
        latencies[phase].add(entry.at - attempt.due);
        return;
      }
      case "refused":
      case "unknown": {
        if (!open.delete(entry.sequence)) return;
        if (entry.is === "refused") counts.refused++;
        if (entry.is === "refused" && entry.silently === true) counts.skipped++;
        const key = `${entry.is} ${entry.why}`;
        const held = reasons.get(key);
        if (held === undefined) reasons.set(key, { is: entry.is, why: entry.why, count: 1 });
        else held.count++;
        return;
      }
      case "again":
        counts.sentAgain++;
        return;
      case "hole":
        counts.unsent += entry.skipped;
        holes.push({ from: entry.from, to: entry.to, why: entry.why });
        return;
      case "bound":
        counts.unsent += entry.count;
        return;
      case "ended":
        to = Math.max(to ?? entry.at, entry.at);
        return;
      case "damaged":
        counts.damagedLines++;
        return;
      case "partition":
      case "control":
      case "alive":
        return;
    }
  };
  for await (const piece of log) for (const entry of piece) take(entry);

  const end: number | null = to;
  // Closures assign these: their types are wider than the compiler sees here.
  const overall = all as Lane | null;
  if (end !== null) for (const lane of [...lanes.values(), ...(overall === null ? [] : [overall])]) lane.finish(end);
  const partitions = [...lanes].map(([partition, { acknowledged, longest }]) => ({ partition, acknowledged, longestGap: longest }));
  const outside: Hole[] = [
    { from: -Infinity, to: from ?? Infinity, why: "the probe had not begun" },
    { from: end ?? Infinity, to: Infinity, why: "the probe had ended" },
  ];
  return {
    from,
    to: end,
    attempts: counts.attempts,
    acknowledged: counts.acknowledged,
    refused: counts.refused,
    skipped: counts.skipped,
    unanswered: open.size,
    sentAgain: counts.sentAgain,
    lastAcknowledgedAt,
    unknown: counts.attempts - counts.acknowledged - counts.refused,
    unsent: counts.unsent,
    partitions,
    longestGap: partitions.reduce<Gap | null>((worst, { longestGap }) => ((longestGap?.ms ?? -1) > (worst?.ms ?? -1) ? longestGap : worst), null),
    longestOverallGap: overall?.longest ?? null,
    windows: watched.map(({ window, acknowledged, longestGapMs }) => ({
      window,
      acknowledged,
      longestGapMs,
      holeMs: overlap([...holes, ...outside], window.from, window.to),
    })),
    holes,
    holesMs: overlap(holes, -Infinity, Infinity),
    p99Ms: { before: latencies.before.quantile(0.99), during: latencies.during.quantile(0.99), after: latencies.after.quantile(0.99) },
    reasons: [...reasons.values()].sort((a, b) => b.count - a.count).slice(0, maximumReasons),
    damagedLines: counts.damagedLines,
  };
}

/** How much of the interval the holes cover together; holes may overlap. */
function overlap(holes: readonly Hole[], from: number, to: number): number {
  let covered = 0;
  let reached = from;
  for (const hole of [...holes].sort((a, b) => a.from - b.from)) {
    const begin = Math.max(hole.from, reached);
    const end = Math.min(hole.to, to);
    if (end > begin) {
      covered += end - begin;
      reached = end;
    }
  }
  return covered;
}
