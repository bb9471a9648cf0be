// What users of a data or compute node lose when its process ends (facts 5.3): tables that live in its memory alone, jobs that run on it or are due on it.
import { Unreachable } from "../../model/errors.ts";
import type { DdFelt } from "./facts.ts";
import type { OpenedCluster } from "./open-cluster.ts";
import type { Value } from "./rpc.ts";
import { Malformed } from "./wire/errors.ts";
import { integerIn, integerOf, rowsOf, textIn, type Row } from "./wire/read-value.ts";

const askTimeoutMs = 5_000;
const dayMs = 86_400_000;
const minuteMs = 60_000;

/** Null: it could not tell, as a release does that lacks one of the functions. */
export async function feltOn(cluster: OpenedCluster, node: string): Promise<DdFelt | null> {
  const ask = (name: string, args: readonly Value[] = []): Promise<Value> => cluster.rpc.call(node, name, args, askTimeoutMs);
  try {
    // The server's local time: scheduled jobs run by it.
    const now = integerOf(node, "now()", await ask("now"));
    // 2: those that are not persisted.
    const streams = rowsOf(node, "getStreamTables(2)", await ask("getStreamTables", [2]), ["name"]);
    const objects = rowsOf(node, "objs(true)", await ask("objs", [true]), ["name", "form", "shared"]);
    const scheduled = rowsOf(node, "getScheduledJobs()", await ask("getScheduledJobs"), ["jobId", "frequency"]);
    const recent = rowsOf(node, "getRecentJobs()", await ask("getRecentJobs"), ["jobId", "startTime", "endTime"]);
    const streaming = new Set(streams.map((row) => textIn(row, "name")));
    const shared = objects.filter((row) => row.get("shared") === true && textIn(row, "form") === "TABLE" && !streaming.has(textIn(row, "name")));
    return {
      volatileTables: [
        ...streams.map((row) => ({ name: textIn(row, "name") ?? "?", kind: "stream" as const, rows: integerIn(row, "totalRows") ?? 0 })),
        ...shared.map((row) => ({ name: textIn(row, "name") ?? "?", kind: "shared" as const, rows: integerIn(row, "rows") ?? 0 })),
      ],
      scheduledJobs: scheduledIn(scheduled.filter((row) => !isOver(row, now))),
      // Without a start it waits in the queue.
      batchJobs: recent.filter((row) => row.get("endTime") === null && row.get("startTime") !== null).map((row) => textIn(row, "jobId") ?? "?"),
      serverMinute: Math.floor((now % dayMs) / minuteMs),
    };
  } catch (error) {
    // The state of the node tells of silence, and what a release or a user cannot be told is left open: every reader takes it so.
    if (error instanceof Unreachable && !(error instanceof Malformed)) return null;
    throw error;
  }
}

/** A job that runs several times a day may have a row for each. The vendor's page names the column scheduledTime, its example scheduleTime. */
function scheduledIn(rows: readonly Row[]): DdFelt["scheduledJobs"] {
  const jobs = new Map<string, { readonly id: string; readonly frequency: string; readonly minutes: number[] }>();
  for (const row of rows) {
    const id = textIn(row, "jobId") ?? "?";
    const said = row.get("frequency") ?? "?";
    // CHAR: the code of D, W or M.
    const frequency = typeof said === "number" ? String.fromCharCode(said) : typeof said === "string" ? said : "?";
    const job = jobs.get(id) ?? { id, frequency, minutes: [] };
    job.minutes.push(...minutesIn(row.get("scheduleTime") ?? row.get("scheduledTime") ?? null));
    jobs.set(id, job);
  }
  return [...jobs.values()];
}
/** DATE is days since 1970. */
function isOver(row: Row, now: number): boolean {
  const end = integerIn(row, "endDate");
  return end !== null && end < Math.floor(now / dayMs);
}
/** MINUTE, one or several; in some releases as text, `00:05m`. */
export function minutesIn(value: Value): readonly number[] {
  if (typeof value === "number") return [value];
  if (typeof value === "string") {
    return [...value.matchAll(/(\d{1,2}):(\d{2})/g)].map(([, hours, minutes]) => Number(hours) * 60 + Number(minutes));
  }
  return Array.isArray(value) ? value.flatMap(minutesIn) : [];
}
