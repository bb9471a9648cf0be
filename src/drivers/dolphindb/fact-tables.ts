// What the cluster holds beside nodes, as `inspect` shows it: chunks, the recovery queue, and what lives on one node alone: jobs and tables in memory.
import type { FactTable } from "../../model/driver.ts";
import type { DdFacts } from "./facts.ts";

export const factTables = (facts: DdFacts): readonly FactTable[] => [chunks(facts), recovery(facts), jobs(facts), streams(facts)];

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

/** Jobs run only on the node that has them: one that runs is lost with it, one that is due meanwhile is missed (facts 5.3). */
function jobs({ now }: DdFacts): FactTable {
  const rows = Object.entries(now.nodes).flatMap(([node, { felt }]) => {
    if (felt === undefined || felt === null) return [];
    return [
      ...felt.batchJobs.map((job) => ({ cells: [node, job, "batch", "runs now"], sick: false })),
      ...felt.scheduledJobs.map(({ id, frequency, minutes }) => ({
        cells: [node, id, "scheduled", [frequency, ...minutes.map(clock)].join(" ")],
        sick: false,
      })),
    ];
  });
  return { name: "jobs", columns: ["node", "job", "kind", "when"], rows };
}
/** Minutes after midnight, by the server's clock. */
const clock = (minutes: number): string => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

/** Tables that are gone with the process: streams that are not persisted, and shared tables in memory. */
function streams({ now }: DdFacts): FactTable {
  const rows = Object.entries(now.nodes).flatMap(([node, { felt }]) =>
    (felt?.volatileTables ?? []).map(({ name, kind, rows: count }) => ({
      cells: [node, name, kind === "stream" ? "stream, not persisted" : "shared, in memory", String(count)],
      sick: false,
    })),
  );
  return { name: "streams", columns: ["node", "table", "kind", "rows"], rows };
}
