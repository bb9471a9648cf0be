// Timeline history files: where each timeline was left.
import { lsnToNumber, type Lsn } from "./lsn.ts";

/** pg_wal/00000002.history of timeline 2. */
export const historyFile = (timeline: number): string => `${timeline.toString(16).toUpperCase().padStart(8, "0")}.history`;

/** Timeline to the position at which its successor began. */
export function parseHistory(text: string): ReadonlyMap<number, Lsn> {
  const switches = new Map<number, Lsn>();
  for (const line of text.split("\n")) {
    const match = /^\s*(\d+)\s+([0-9A-F]+\/[0-9A-F]+)/i.exec(line);
    if (match?.[1] && match[2]) switches.set(Number(match[1]), match[2]);
  }
  return switches;
}

export type Kinship =
  | { readonly is: "follows" }
  | { readonly is: "diverged"; readonly why: string }
  /** Neither a position nor pg_rewind can tell. */
  | { readonly is: "undecided"; readonly why: string };

/** Whether a server that ended in order at `end` on `timeline` can follow a primary with this history on `leaderTimeline`. */
export function kinship(timeline: number, end: Lsn, leaderTimeline: number, history: ReadonlyMap<number, Lsn>): Kinship {
  if (timeline === leaderTimeline) return { is: "follows" };
  const left = history.get(timeline);
  if (left === undefined)
    return { is: "diverged", why: `the primary's timeline ${String(leaderTimeline)} does not come from timeline ${String(timeline)}` };
  if (lsnToNumber(end) <= lsnToNumber(left)) return { is: "follows" };
  return { is: "diverged", why: `it wrote up to ${end}, the primary left timeline ${String(timeline)} at ${left}` };
}
