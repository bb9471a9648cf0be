// What the watches of a run saw of a feature in one stretch of time. Pure.
import type { Watched } from "../model/watch.ts";
import { duration, plural } from "./text.ts";

export interface Stretch {
  readonly from: number;
  readonly to: number;
}
export interface WatchedTime {
  readonly measured: { readonly ms: number; readonly evidence: string };
  /** False: it had not worked again when the watching ended. */
  readonly final: boolean;
  /** So much of the stretch was without tries: an outage may hide in it. */
  readonly unseenMs: number;
}

/** Null: nobody watched it. `longest` of its outages, or all of them together; clipped to the stretch. */
export function watchedTime(watched: Watched | null, feature: string, of: "longest" | "total", { from, to }: Stretch): WatchedTime | null {
  const seen = watched?.features.find((each) => each.feature === feature);
  if (seen === undefined || seen.tries === 0) return null;
  const here = seen.outages
    .map((outage) => ({ ms: Math.min(outage.to ?? to, to) - Math.max(outage.from, from), open: outage.to === null, why: outage.why }))
    .filter(({ ms }) => ms > 0);
  const total = here.reduce((sum, { ms }) => sum + ms, 0);
  const longest = here.reduce((most, { ms }) => Math.max(most, ms), 0);
  const holes = seen.holes?.map((hole) => Math.max(0, Math.min(hole.to, to) - Math.max(hole.from, from))) ?? [Math.min(seen.holesMs, to - from)];
  const unseenMs = holes.reduce((sum, ms) => sum + ms, 0);
  const tries = `${plural(seen.tries, "try", "tries")}${unseenMs > 0 ? `, none of them in ${duration(unseenMs)}` : ""}`;
  const [first] = here;
  const evidence =
    first === undefined
      ? `watched: it worked ${unseenMs > 0 ? "whenever it was tried" : "all the time"} (${tries})`
      : `watched: ${plural(here.length, "outage")}, the first one: ${first.why} (${tries})`;
  return { measured: { ms: Math.round(of === "total" ? total : longest), evidence }, final: !here.some(({ open }) => open), unseenMs };
}
