import type { LoggedRow } from "./acknowledgement-log.ts";
import { ApiserverClient } from "./apiserver-client.ts";
import { checksum, type LoadRow } from "./row.ts";
import type { LoadOptions } from "./writer.ts";

export interface ReadBack {
  /** Rows of the log that are in the table. */
  readonly found: number;
  /** Acknowledged, and not there: lost. */
  readonly missing: readonly LoadRow[];
  /** There, with another number or checksum. */
  readonly corrupted: readonly LoadRow[];
  /** There more than once. */
  readonly duplicated: readonly LoadRow[];
  /** Certainly refused, by what was said, and there all the same. */
  readonly refusedPresent: readonly LoadRow[];
  /** Of those whose outcome nobody knew. */
  readonly unknownPresent: number;
}

/** Reads the whole table, through whichever APIServer answers. Throws CannotRead: then nothing is known of any row. */
export async function readBack(options: LoadOptions, log: readonly LoggedRow[]): Promise<ReadBack> {
  const { network, from, apiservers, db, table, timeoutMs = 60_000 } = options;
  return compared(log, await new ApiserverClient(network, from, timeoutMs).sql(apiservers, db, `select id, n, sum from ${table}`));
}

/** `table`: rows of id, n, sum. Rows of other writers are not looked at. */
export function compared(log: readonly LoggedRow[], table: readonly (readonly unknown[])[]): ReadBack {
  const present = Map.groupBy(table, ([id]) => String(id));
  const rowsOf = ({ key }: LoadRow): readonly (readonly unknown[])[] => present.get(key) ?? [];
  const isThere = (row: LoadRow): boolean => rowsOf(row).length > 0;
  return {
    found: log.filter(isThere).length,
    missing: log.filter((row) => row.outcome === "acknowledged" && !isThere(row)),
    corrupted: log.filter((row) => rowsOf(row).some(([, n, sum]) => n !== row.n || sum !== checksum(row))),
    duplicated: log.filter((row) => rowsOf(row).length > 1),
    refusedPresent: log.filter((row) => row.outcome === "refused" && isThere(row)),
    unknownPresent: log.filter((row) => row.outcome === "unknown" && isThere(row)).length,
  };
}
