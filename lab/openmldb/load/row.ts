import { createHash } from "node:crypto";
import { partitionOfKey } from "../logic/sdk/partition-of-key.ts";

/** Columns of a table that rows of the load fit into. */
export const LOAD_COLUMNS = "id string not null, n bigint, sum string, index(key=id)";

export interface LoadRow {
  readonly n: number;
  readonly key: string;
  readonly pid: number;
}

/** Row `n` of a series: row after row goes to the next partition. */
export function loadRow(series: string, n: number, partitions: number): LoadRow {
  const pid = n % partitions;
  for (let salt = 0; ; salt++) {
    const key = `${series}-${n}-${salt}`;
    if (partitionOfKey(key, partitions) === pid) return { n, key, pid };
  }
}

/** Of key and number: a row that came back with another one was changed on the way. */
export const checksum = ({ key, n }: Pick<LoadRow, "key" | "n">): string => createHash("sha256").update(`${key} ${n}`).digest("hex").slice(0, 16);
export const values = (row: LoadRow): readonly [id: string, n: number, sum: string] => [row.key, row.n, checksum(row)];
