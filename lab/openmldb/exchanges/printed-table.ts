// Reads a table of the vendor's printer strictly: two spaces before each cell, padded to the width of its column, a line of dashes below the header.
import type { ExpectedTable } from "./exchange.ts";

/** What differs; empty: it is as expected. `lines` begin with the header. */
export function tableDifferences(expected: ExpectedTable, lines: readonly string[]): readonly string[] {
  const [header = "", ruler = "", ...rest] = lines;
  const columns = header.trim().split(/\s+/);
  if (columns.join(" ") !== expected.columns.join(" ")) return [`header: want ${expected.columns.join(" ")}, have ${JSON.stringify(header)}`];
  const starts = startsOf(header, columns);
  if (starts === null) return [`header: two spaces want to stand before each column: ${JSON.stringify(header)}`];
  const rows = rest.filter((line) => line.trim() !== "");
  const cells = rows.map((row) => cellsOf(row, starts));
  const wrong: string[] = [];
  const width = starts.reduce((sum, _, i) => {
    const values = [columns[i] ?? "", ...cells.map((row) => row[i] ?? "")];
    return sum + 2 + Math.max(...values.map((value) => value.length));
  }, 0);
  if (ruler !== "-".repeat(width + 2)) wrong.push(`ruler: want ${width + 2} dashes, have ${JSON.stringify(ruler)}`);
  const matches = (row: readonly string[], pattern: readonly string[]): boolean =>
    pattern.length === row.length && pattern.every((each, i) => new RegExp(`^(?:${each})$`).test(row[i] ?? ""));
  for (const pattern of expected.some ?? [])
    if (!cells.some((row) => matches(row, pattern))) wrong.push(`no row like ${pattern.join(" | ")} in ${JSON.stringify(cells)}`);
  const { every } = expected;
  if (every) for (const row of cells) if (!matches(row, every)) wrong.push(`row ${row.join(" | ")} is not like ${every.join(" | ")}`);
  if (cells.length < (expected.atLeast ?? 0)) wrong.push(`want ${expected.atLeast} rows or more, have ${cells.length}`);
  return wrong;
}

/** Where each column's cells begin; null: the header is not as the printer writes it. */
function startsOf(header: string, columns: readonly string[]): readonly number[] | null {
  const starts: number[] = [];
  let from = 0;
  for (const column of columns) {
    const at = header.indexOf(`  ${column}`, from);
    if (at < 0) return null;
    starts.push(at + 2);
    from = at + 2 + column.length;
  }
  return starts;
}
const cellsOf = (row: string, starts: readonly number[]): readonly string[] =>
  starts.map((start, i) => row.slice(start, starts[i + 1] === undefined ? undefined : (starts[i + 1] ?? 0) - 2).trimEnd());
