// Tables, partitions and operations as `inspect` shows them: what the vendor's tool calls showtablestatus and showopstatus, with nothing left out.
import type { FactTable } from "../../model/driver.ts";
import { leaderOf, type OmFacts, type OmPartition } from "./facts.ts";
import { behind, partitionName, sicknesses } from "./partition-health.ts";

export const factTables = (facts: OmFacts): readonly FactTable[] => [tables(facts), partitions(facts), operations(facts)];

function tables({ structure, now }: OmFacts): FactTable {
  const all = Object.values(now.partitions);
  const named = new Set<string>();
  const rows = Object.entries(structure.tables).map(([name, table]) => {
    const own = all.filter((partition) => partition.table === name);
    const sum = (of: (partition: OmPartition) => number): string => String(own.reduce((total, partition) => total + of(partition), 0));
    const warning = now.warnings?.find((text) => text.startsWith(`${name}: `));
    if (warning !== undefined) named.add(warning);
    const missing = own.filter(({ replicas }) => replicas.length !== table.replicas);
    const wrong = [
      ...own.flatMap((partition) => sicknesses(partition).map((text) => `pid ${String(partition.pid)}: ${text}`)),
      ...missing.map(({ pid, replicas }) => `pid ${String(pid)}: ${String(replicas.length)} replicas, not ${String(table.replicas)}`),
      ...(warning === undefined ? [] : [warning.slice(name.length + 2)]),
    ];
    const cells = [
      table.db,
      table.name,
      String(table.tid),
      table.storage,
      String(own.length),
      String(table.replicas),
      sum(({ rows: count }) => count),
      sum(({ bytes }) => bytes),
      wrong.join("; "),
    ];
    return { cells, sick: wrong.length > 0 };
  });
  const strange = (now.warnings ?? [])
    .filter((text) => !named.has(text))
    .map((text) => ({ cells: ["", "", "", "", "", "", "", "", text], sick: true }));
  return {
    name: "tables",
    columns: ["db", "table", "tid", "storage", "partitions", "replicas", "rows", "bytes", "wrong"],
    rows: [...rows, ...strange],
  };
}

function partitions({ now }: OmFacts): FactTable {
  const rows = Object.values(now.partitions).map((partition) => {
    const leader = leaderOf(partition);
    const followers = partition.replicas
      .filter((replica) => replica !== leader)
      .map((replica) => {
        const lag = behind(partition, replica);
        return `${replica.endpoint} ${replica.alive ? "" : "not alive, "}${lag === null ? "not loaded" : `${String(lag)} behind`}`;
      });
    const wrong = sicknesses(partition);
    const term = partition.term === null ? "-" : `${String(partition.term.term)} from ${String(partition.term.offset)}`;
    const cells = [
      partitionName(partition),
      String(partition.tid),
      leader?.endpoint ?? "-",
      leader?.own ? String(leader.own.offset) : "-",
      term,
      followers.join(", "),
      wrong.join("; "),
    ];
    return { cells, sick: wrong.length > 0 };
  });
  return { name: "partitions", columns: ["partition", "tid", "leader", "offset", "term", "followers", "wrong"], rows };
}

function operations({ now }: OmFacts): FactTable {
  const rows = now.operations.map(({ id, type, db, name, pid, status, task }) => ({
    cells: [String(id), type, db, name, pid === null ? "-" : String(pid), status, task],
    sick: status === "kFailed",
  }));
  return { name: "operations", columns: ["op_id", "op_type", "db", "name", "pid", "status", "cur_task"], rows };
}
