// What the nameserver that leads tells of the whole cluster, and each tablet of its own partitions.
import { Unreachable } from "../../model/errors.ts";
import type { OmCluster } from "./cluster.ts";
import type { OpStatus, TableInfo, TableStatus, TabletRow } from "./rpc.ts";

export interface Metadata {
  /** Endpoint. */
  readonly leader: string;
  readonly tablets: readonly TabletRow[];
  /** Without those of the probe. */
  readonly tables: readonly TableInfo[];
  readonly operations: readonly OpStatus[];
  readonly autoFailover: boolean;
}

/** Null: no nameserver leads. Throws Unreachable when that is not certain. */
export async function observeMetadata(cluster: OmCluster): Promise<Metadata | null> {
  const leader = await cluster.rpc.leader();
  if (leader === null) return null;
  const { nameserver } = cluster.rpc;
  const [tablets, tables, operations, autoFailover] = await Promise.all([
    nameserver.showTablet(),
    nameserver.showTables(),
    nameserver.showOpStatus(),
    nameserver.autoFailover(),
  ]);
  return { leader, tablets, tables: tables.filter(({ db }) => db !== cluster.probeDatabase), operations, autoFailover };
}

/** By endpoint; null: it does not answer. */
export async function observeTablets(cluster: OmCluster, endpoints: readonly string[]): Promise<ReadonlyMap<string, readonly TableStatus[] | null>> {
  const asked = await Promise.all(
    endpoints.map(async (endpoint) => {
      try {
        return [endpoint, await cluster.rpc.tablet(endpoint).tableStatus()] as const;
      } catch (error) {
        if (error instanceof Unreachable) return [endpoint, null] as const;
        throw error;
      }
    }),
  );
  return new Map(asked);
}

/** Columns of SHOW TABLE STATUS (facts 2.9): the last one of every release is Warnings. */
const column = { table: 1, database: 2, unalive: 8 } as const;

/** One text for each table with a warning; null: no APIServer answers, so nobody was asked. */
export async function observeWarnings(cluster: OmCluster): Promise<readonly string[] | null> {
  if (!cluster.nodes.some(({ role }) => role === "apiserver")) return null;
  try {
    const rows = await cluster.rpc.sql("__INTERNAL_DB", "show table status like '%';");
    return rows.flatMap((row) => {
      const database = String(row[column.database] ?? "");
      if (database === cluster.probeDatabase) return [];
      const unalive = Number(row[column.unalive] ?? 0);
      const warnings = String(row.at(-1) ?? "").trim();
      if (warnings === "" && unalive === 0) return [];
      const said = [...(unalive > 0 ? [`Partition_unalive ${String(unalive)}`] : []), ...(warnings === "" ? [] : [warnings.replaceAll("\n", "; ")])];
      return [`${database}.${String(row[column.table] ?? "")}: ${said.join("; ")}`];
    });
  } catch (error) {
    if (error instanceof Unreachable) return null;
    throw error;
  }
}
