// What users of one node lose with its process (facts 5.3), asked of the node itself. Read-only.
import type { DdCluster } from "../cluster.ts";
import type { DdFelt } from "../facts.ts";
import type { Value } from "../rpc.ts";
import { integerIn, rowsOf, textIn, type Row } from "../wire/read-value.ts";
import { asked } from "./ask.ts";

/** Milliseconds that an answer is believed: a plan is looked at for minutes, and a run looks many times a second. */
const keptMs = 60_000;
const dayMs = 24 * 3_600_000;

export class FeltReader {
  readonly #cluster: Pick<DdCluster, "rpc" | "now">;
  readonly #known = new Map<string, { readonly at: number; readonly felt: Promise<DdFelt | null> }>();

  constructor(cluster: Pick<DdCluster, "rpc" | "now">) {
    this.#cluster = cluster;
  }
  /** Null: it did not answer. `boot`: of its process; a new one has lost what the old one had. */
  async of(node: string, boot: string | null): Promise<DdFelt | null> {
    const key = `${node} ${boot ?? ""}`;
    const known = this.#known.get(key);
    if (known !== undefined && this.#cluster.now() - known.at < keptMs) return known.felt;
    const felt = this.#read(node);
    this.#known.set(key, { at: this.#cluster.now(), felt });
    if ((await felt) === null) this.#known.delete(key);
    return felt;
  }

  async #read(node: string): Promise<DdFelt | null> {
    const { rpc } = this.#cluster;
    const rows = async (name: string, args: readonly Value[], columns: readonly string[]): Promise<readonly Row[] | null> => {
      const answer = await asked(async () => rowsOf(node, `${name}()`, await rpc.call(node, name, args), columns));
      // A release without the function has nothing of that kind that it could tell of.
      return answer.is === "answer" ? answer.value : answer.is === "unknown-function" ? [] : null;
    };
    // One after the other: a node has few workers to spare.
    const streams = await rows("getStreamTables", [2], ["name"]);
    const scheduled = await rows("getScheduledJobs", [], ["jobId"]);
    const recent = await rows("getRecentJobs", [], ["jobId", "endTime"]);
    if (streams === null || scheduled === null || recent === null) return null;
    const clock = await asked(() => rpc.call(node, "now"));
    return {
      volatileTables: streams.flatMap((row) =>
        row.get("shared") === false ? [] : [{ name: textIn(row, "name") ?? "?", kind: "stream" as const, rows: integerIn(row, "rowsInMemory") ?? 0 }],
      ),
      scheduledJobs: jobsOf(scheduled),
      batchJobs: recent.flatMap((row) => (row.get("endTime") === null && row.get("startTime") !== null ? [textIn(row, "jobId") ?? "?"] : [])),
      serverMinute: clock.is === "answer" && typeof clock.value === "number" ? Math.floor((clock.value % dayMs) / 60_000) : null,
    };
  }
}

/** A job that runs several times a day has a row for each. The vendor's page calls the column scheduledTime, its example scheduleTime. */
function jobsOf(rows: readonly Row[]): DdFelt["scheduledJobs"] {
  const jobs = new Map<string, { id: string; frequency: string; minutes: number[] }>();
  for (const row of rows) {
    const id = textIn(row, "jobId") ?? "?";
    const frequency = row.get("frequency");
    const job = jobs.get(id) ?? {
      id,
      frequency: typeof frequency === "number" ? String.fromCharCode(frequency) : (textIn(row, "frequency") ?? "?"),
      minutes: [],
    };
    const time = row.get("scheduleTime") ?? row.get("scheduledTime") ?? null;
    for (const minute of Array.isArray(time) ? time : [time]) if (typeof minute === "number") job.minutes.push(minute);
    jobs.set(id, job);
  }
  return [...jobs.values()];
}
