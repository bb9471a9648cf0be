// For each mode of Dataphin the whole impact table, forecast and measured, over five runs on a lab in memory: every documented row must match, the bad
// effects among them; what the vendor is silent about is told and not judged.
import { modes } from "../src/model/goal.ts";
import { absolute, median } from "./figures.ts";
import { measureTable, type MeasuredRow, type MeasuredTable } from "./dataphin-table.ts";
import type { Metric } from "./metric.ts";

const runs = [1, 2, 3, 4, 5] as const;

export async function benchDataphin(say: (text: string) => void): Promise<readonly Metric[]> {
  const metrics: Metric[] = [];
  for (const mode of modes) {
    const tables: MeasuredTable[] = [];
    for (const seed of runs) {
      const table = await measureTable(mode, seed);
      tables.push(table);
      for (const { row, verdict } of table.rows)
        if (verdict === "miss" || verdict === "not measured") say(`${mode}, run ${String(seed)}: ${verdict}: ${words(row)}`);
    }
    for (const { row, verdict } of tables[0]?.rows ?? []) if (verdict === "undocumented") say(`${mode}: ${words(row)}`);
    metrics.push(...metricsOf(mode, tables));
  }
  return metrics;
}

function metricsOf(mode: string, tables: readonly MeasuredTable[]): readonly Metric[] {
  const all = tables.flatMap(({ rows }) => rows);
  const count = (verdict: MeasuredRow["verdict"]): number => all.filter((each) => each.verdict === verdict).length;
  const kind = `${mode}, ${String(tables.length)} runs, lab, virtual time`;
  const felt = all.filter(({ row, verdict }) => verdict === "match" && (row.measured?.amount?.value ?? row.measured?.ms ?? 0) > 0).length;
  return [
    absolute(`${kind}: documented rows that match`, count("match"), "rows"),
    absolute(`${kind}: of them felt, as was said`, felt, "rows"),
    absolute(`${kind}: documented rows that miss (bar 0)`, count("miss"), "rows"),
    absolute(`${kind}: rows that were not measured (bar 0)`, count("not measured"), "rows"),
    absolute(`${kind}: undocumented rows, measured and not judged`, count("undocumented"), "rows"),
    absolute(`${kind}: the upgrade took, median`, median(tables.map(({ virtualMs }) => virtualMs / 60_000)), "min"),
  ];
}

function words({ feature, forecast, measured }: MeasuredRow["row"]): string {
  const expected =
    forecast.amount === undefined
      ? `${String(Math.round(forecast.expectedMs / 1_000))} s`
      : `${String(forecast.amount.value)} ${forecast.amount.unit}`;
  const was =
    measured === null
      ? "-"
      : measured.amount === undefined
        ? `${String(Math.round(measured.ms / 100) / 10)} s`
        : `${String(measured.amount.value)} ${measured.amount.unit}`;
  return `${feature}: forecast ${forecast.effect} ${expected}, measured ${was} (${forecast.source}); ${measured?.evidence ?? "nobody tried"}`;
}
