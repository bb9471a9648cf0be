// What people may say about a plan's way.
import type { Refusal } from "../../../model/driver.ts";
import type { Goal } from "../../../model/goal.ts";
import type { RerunUntil } from "../step-names.ts";

export interface WayOptions {
  /** So long running instances may end by themselves before they are terminated; milliseconds. */
  readonly drainMs: number;
  readonly reruns: "auto" | "ask";
  readonly until: RerunUntil;
  readonly dispatch: "both" | "manager" | "nodes";
}

export const wayOptionWords: Readonly<Record<string, string>> = {
  drain: "minutes for which running instances may end by themselves before they are terminated (downtime; default 0)",
  reruns: "auto: killed instances are run again without a question; ask: a person approves each list first (downtime; default auto)",
  "reruns-until":
    "ended: the data update waits until the re-runs have ended; started: only until the platform has taken them (downtime; default ended)",
  dispatch:
    "both: nodes are paused through the OpenAPI and dispatch is stopped in Dataphin Manager; manager or nodes: only one of them (downtime; default both)",
};

const oneOf = <Word extends string>(goal: Goal, key: string, words: readonly [Word, ...Word[]]): Word | Refusal => {
  const given = goal.options[key];
  if (given === undefined) return words[0];
  return (
    words.find((word) => word === given) ?? { refused: `${key}=${given} is not known`, clear: `give one of ${words.join(", ")}`, code: "SW1001" }
  );
};
const isRefusal = (value: unknown): value is Refusal => typeof value === "object" && value !== null && "refused" in value;

/** Pure. */
export function wayOptions(goal: Goal): WayOptions | Refusal {
  const given = goal.options["drain"] ?? "0";
  const minutes = /^\d{1,4}$/.test(given) ? Number(given) : null;
  if (minutes === null) return { refused: `drain=${given} is no number of minutes`, clear: "give whole minutes, 0 to 9999", code: "SW1001" };
  const reruns = oneOf(goal, "reruns", ["auto", "ask"]);
  if (isRefusal(reruns)) return reruns;
  const until = oneOf<RerunUntil>(goal, "reruns-until", ["ended", "started"]);
  if (isRefusal(until)) return until;
  const dispatch = oneOf(goal, "dispatch", ["both", "manager", "nodes"]);
  if (isRefusal(dispatch)) return dispatch;
  return { drainMs: minutes * 60_000, reruns, until, dispatch };
}
