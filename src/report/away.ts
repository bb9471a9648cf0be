// Times in which nothing was under way: pauses, questions, and Stillwater not being there. Pure.
import type { JournalEntry } from "../model/event.ts";
import type { Away } from "../model/picture.ts";

/** In order of their beginning; they may overlap (a question usually pauses the run). */
export function awayTimes(entries: readonly JournalEntry[]): readonly Away[] {
  const found: Away[] = [];
  const open = new Map<string, Away>();
  let standing: Away | null = null;
  let last: JournalEntry | null = null;

  const close = (away: Away, to: number): void => {
    found.push({ ...away, to });
  };
  for (const entry of entries) {
    const { event, at } = entry;
    // The watchdog and a person write while the worker is gone: that is no sign of life.
    const byWorker = event.is !== "released" && event.is !== "alarm" && event.is !== "answered";
    if (standing !== null && byWorker && event.is !== "paused") {
      close(standing, at);
      standing = null;
    }
    switch (event.is) {
      case "claimed":
        if (last !== null && last.event.is !== "paused" && last.event.is !== "asked" && last.event.is !== "finished")
          found.push({
            is: "gone",
            from: last.at,
            to: at,
            step: null,
            why: `no word from Stillwater; taken up again by ${event.holder} with ${event.verb}`,
          });
        break;
      case "paused":
        if (standing !== null) close(standing, at);
        standing = { is: "pause", from: at, to: null, step: event.step, why: event.why };
        break;
      case "asked":
        open.set(event.step, { is: "ask", from: at, to: null, step: event.step, why: event.question });
        break;
      case "answered": {
        const asked = open.get(event.step);
        if (asked) close(asked, at);
        open.delete(event.step);
        break;
      }
      case "acting":
      case "acted":
      case "refused":
      case "expanded":
      case "done":
      case "lost":
      case "undone":
      case "released":
      case "absent":
      case "alarm":
        break;
      case "aborting":
      case "finished":
        // An abort answers every question that was open.
        for (const asked of open.values()) close(asked, at);
        open.clear();
        break;
    }
    if (byWorker) last = entry;
  }
  const stillOpen = [...open.values(), ...(standing === null ? [] : [standing])];
  return [...found, ...stillOpen].sort((a, b) => a.from - b.from);
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Joined and in order. */
export function union(spans: readonly Span[]): readonly Span[] {
  const joined: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const previous = joined.at(-1);
    if (previous && span.from <= previous.to) joined[joined.length - 1] = { from: previous.from, to: Math.max(previous.to, span.to) };
    else if (span.to > span.from) joined.push(span);
  }
  return joined;
}

/** What of `spans` (joined, in order) lies outside `holes` (joined, in order). */
export function without(spans: readonly Span[], holes: readonly Span[]): readonly Span[] {
  return spans.flatMap((span) => {
    const left: Span[] = [];
    let from = span.from;
    for (const hole of holes) {
      if (hole.to <= from || hole.from >= span.to) continue;
      if (hole.from > from) left.push({ from, to: hole.from });
      from = Math.max(from, hole.to);
    }
    if (from < span.to) left.push({ from, to: span.to });
    return left;
  });
}

export const total = (spans: readonly Span[]): number => spans.reduce((sum, span) => sum + span.to - span.from, 0);
