// The two ways in which the vendor's command prints tables (facts 6.1).

const WIDEST = 256;

/** Header, a line of dashes, rows. Each cell is two spaces and the value, filled up to the width of its column; an empty value is "-". */
export function printed(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => columns.map((_, i) => (row[i] === undefined || row[i] === "" ? "-" : row[i])));
  const widths = columns.map((column, i) => Math.min(WIDEST, Math.max(column.length, ...cells.map((row) => (row[i] ?? "").length))));
  const line = (values: readonly string[]): string => values.map((value, i) => `  ${value.slice(0, WIDEST).padEnd(widths[i] ?? 0)}`).join("");
  const ruler = "-".repeat(widths.reduce((sum, width) => sum + 2 + width, 2));
  return [line(columns), ruler, ...cells.map(line), ""].join("\n");
}

/** As sql_client prints a result set: rulers of dashes before and after the header and at the end; a cell of several lines makes a row of several lines. */
export function textTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = (cell: string): readonly string[] => cell.split("\n");
  const widths = columns.map((column, i) => Math.max(column.length, ...rows.flatMap((row) => lines(row[i] ?? "").map((line) => line.length))));
  const ruler = ` ${widths.map((width) => `${"-".repeat(width + 2)} `).join("")}`;
  const printedRow = (row: readonly string[]): readonly string[] => {
    const height = Math.max(1, ...row.map((cell) => lines(cell).length));
    return Array.from({ length: height }, (_, at) => ` ${widths.map((width, i) => ` ${(lines(row[i] ?? "")[at] ?? "").padEnd(width)}  `).join("")}`);
  };
  const body = [ruler, ...printedRow(columns), ruler, ...rows.flatMap(printedRow), ...(rows.length > 0 ? [ruler] : [])];
  return `${body.join("\n")}\n\n${rows.length} rows in set\n`;
}

const UNITS = ["", " K", " M", " G"] as const;
/** `1.313 K`: powers of 1024, three digits. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value.toFixed(3)}${UNITS[unit] ?? ""}`;
}

/** `15d`, `3h`, `200ms`: the largest unit alone. */
export function age(ms: number): string {
  const steps: readonly (readonly [unit: string, ms: number])[] = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1_000],
  ];
  const [unit, length] = steps.find(([, one]) => ms >= one) ?? ["ms", 1];
  return `${Math.floor(ms / length)}${unit}`;
}

/** %Y%m%d%H%M%S, local time. */
export function timestamp(seconds: number): string {
  const at = new Date(seconds * 1_000);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
}
