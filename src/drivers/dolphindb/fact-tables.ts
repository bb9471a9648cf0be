// What the cluster holds beside nodes, as `inspect` shows it: chunks, the recovery queue, and what lives on one node alone: jobs and tables in memory.
import type { FactTable } from "../../model/driver.ts";
import type { DdFacts } from "./facts.ts";

export const factTables = (facts: DdFacts): readonly FactTable[] => [chunks(facts), recovery(facts), jobs(facts), streams(facts)];

function chunks({ now: { chunks: seen } }: DdFacts): FactTable {
  const columns = ["chunks", "count"];
  if (seen === null) return { name: "chunks", columns, rows: [{ cells: ["no controller leads: not known", "-"], sick: true }] };
  const counts: readonly (readonly [what: string, count: number, sick: boolean])[] = [
    ["all", seen.total, false],
    ["CONSTRUCTING", seen.constructing, false],
    ["RECOVERING", seen.recovering, true],
    ["not COMPLETE for an hour", seen.stuck ?? 0, true],
    ["fewer replicas than dfsReplicationFactor", seen.underReplicated, true],
    ["more replicas than dfsReplicationFactor", seen.overReplicated, true],
    ["unequal or corrupted replicas", seen.unequal, true],
    ...Object.entries(seen.onOneHost).map(([host, count]) => [`all replicas on ${host}`, count, true] as const),
  ];
  return {
    name: "chunks",
    columns,
    rows: [
      ...counts.filter(([what, count]) => what === "all" || count > 0).map(([what, count, sick]) => ({ cells: [what, String(count)], sick })),
      ...seen.examples.map(({ chunkId, file, what }) => ({ cells: [`${file} (${chunkId}): ${what}`, "1"], sick: true })),
    ],
  };
}
function recovery({ now: { recovery: seen } }: DdFacts): FactTable {
  const columns = ["tasks", "count"];
  if (seen === null) return { name: "recovery", columns, rows: [{ cells: ["no controller leads: not known", "-"], sick: true }] };
  const counts = [
    ["Waiting", seen.waiting],
    ["In-Progress", seen.inProgress],
    ["Aborted", seen.aborted],
    ["LoadRebalance", seen.loadRebalance],
  ] as const;
  return {
    name: "recovery",
    columns,
    rows: counts.flatMap(([status, count]) => (count === 0 ? [] : [{ cells: [status, String(count)], sick: true }])),
  };
}

/** Jobs run only on the node that has them: one that runs is lost with it, one that is due meanwhile is missed (facts 5.3). */
function jobs({ now }: DdFacts): FactTable {
  const rows = Object.entries(now.nodes).flatMap(([node, { felt }]) => {
    if (felt === undefined) return [];
    if (felt === null) return [{ cells: [node, "?", "?", "it could not tell"], sick: false }];
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
    felt === null
      ? [{ cells: [node, "?", "it could not tell", "?"], sick: false }]
      : (felt?.volatileTables ?? []).map(({ name, kind, rows: count }) => ({
          cells: [node, name, kind === "stream" ? "stream, not persisted" : "shared, in memory", String(count)],
          sick: false,
        })),
  );
  return { name: "streams", columns: ["node", "table", "kind", "rows"], rows };
}
