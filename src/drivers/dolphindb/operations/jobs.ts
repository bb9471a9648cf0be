// What a node is busy with: batch jobs, and console jobs that are there for a while. A call is a console job itself, so one that was just seen counts for
// nothing.
import type { DdCluster } from "../cluster.ts";
import { isUnknownFunction } from "../wire/errors.ts";
import { rowsOf, type Row } from "../wire/read-value.ts";

/** A console job of that age is somebody's work, milliseconds. */
const longMs = 10_000;
const word = (row: Row, column: string): string => {
  const value = row.get(column) ?? "?";
  return typeof value === "object" ? "?" : String(value);
};

export class RunningJobs {
  readonly #cluster: DdCluster;
  /** Node and job to when it was seen first, in this process. */
  readonly #seen = new Map<string, number>();

  constructor(cluster: DdCluster) {
    this.#cluster = cluster;
  }
  /** In words, one for each. Throws Unreachable when a node does not answer. */
  async of(nodes: readonly string[]): Promise<readonly string[]> {
    const now = this.#cluster.now();
    const running: string[] = [];
    const present = new Set<string>();
    for (const node of nodes) {
      for (const row of await this.#rows(node, "getRecentJobs", ["jobId", "endTime"]))
        if (row.get("endTime") === null) running.push(`batch job ${word(row, "jobId")} (${word(row, "jobDesc")}) on ${node}`);
      for (const row of await this.#rows(node, "getConsoleJobs", ["rootJobId"])) {
        const key = `${node} ${word(row, "rootJobId")}`;
        present.add(key);
        const since = this.#seen.get(key) ?? now;
        this.#seen.set(key, since);
        if (now - since >= longMs) running.push(`job ${word(row, "rootJobId")} of ${word(row, "userID")} (${word(row, "desc")}) on ${node}`);
      }
    }
    for (const key of this.#seen.keys()) if (!present.has(key)) this.#seen.delete(key);
    return running;
  }
  /** A release without the function has no such jobs to tell of. */
  async #rows(node: string, name: string, columns: readonly string[]): Promise<readonly Row[]> {
    try {
      return rowsOf(node, `${name}()`, await this.#cluster.rpc.call(node, name), columns);
    } catch (error) {
      if (isUnknownFunction(error)) return [];
      throw error;
    }
  }
}
