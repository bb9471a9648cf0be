// What the cluster holds beside nodes, as `inspect` shows it: chunks and the recovery queue.
import type { FactTable } from "../../model/driver.ts";
import type { DdFacts } from "./facts.ts";

export const factTables = (facts: DdFacts): readonly FactTable[] => [chunks(facts), recovery(facts)];

function chunks({ now: { chunks: seen } }: DdFacts): FactTable {
  const columns = ["what", "chunks"];
  if (seen === null) return { name: "chunks", columns, rows: [{ cells: ["no leader could be asked", "-"], sick: true }] };
  const row = (what: string, count: number, sick: boolean): FactTable["rows"][number] => ({ cells: [what, String(count)], sick: sick && count > 0 });
  return {
    name: "chunks",
    columns,
    rows: [
      row("all", seen.total, false),
      row("CONSTRUCTING", seen.constructing, false),
      row("RECOVERING", seen.recovering, true),
      row("fewer replicas than dfsReplicationFactor", seen.underReplicated, true),
      row("more replicas than dfsReplicationFactor", seen.overReplicated, true),
      row("unequal or corrupted replicas", seen.unequal, true),
      ...Object.entries(seen.onOneHost).map(([host, count]) => row(`all replicas on ${host}`, count, true)),
      ...seen.examples.map(({ chunkId, file, what }) => ({ cells: [`${chunkId} ${file}`, what], sick: true })),
    ],
  };
}
function recovery({ now: { recovery: seen } }: DdFacts): FactTable {
  const columns = ["status", "tasks"];
  if (seen === null) return { name: "recovery", columns, rows: [{ cells: ["no leader could be asked", "-"], sick: true }] };
  const rows = [
    ["Waiting", seen.waiting],
    ["In-Progress", seen.inProgress],
    ["Aborted", seen.aborted],
    ["LoadRebalance", seen.loadRebalance],
  ] as const;
  return { name: "recovery", columns, rows: rows.map(([status, count]) => ({ cells: [status, String(count)], sick: count > 0 })) };
}
