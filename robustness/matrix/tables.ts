// What the matrices saw, for people.
import { coincidences } from "./matrices/outage.ts";
import type { MatrixFigures, MatrixRow } from "./run-matrix.ts";

export const rowText = (row: MatrixRow): string =>
  `${row.system.padEnd(13)}${row.kind.padEnd(16)}${cell(row.tried)} tried ${cell(row.failed)} failed ${cell(row.unclear)} unclear ${cell(row.pauses)} pauses ${row.seconds.toFixed(1).padStart(7)} s`;
const cell = (value: number): string => String(value).padStart(6);

const short = (text: string, length = 300): string => (text.length > length ? `${text.slice(0, length)}...` : text);

export function tables(figures: MatrixFigures): string {
  const failures = figures.rows.flatMap((row) =>
    row.failures.slice(0, 5).map((failure) => `${row.system} ${row.kind} ${failure.label}\n    ${short(failure.why.join("; "))}`),
  );
  return [
    section("Failed", failures),
    section("A frozen orchestrator that wakes up late, per operation", lateLines(figures)),
    section("Endings that nobody can prevent, and why", inherentLines(figures)),
    section("Safety rules switched off", mutantLines(figures)),
    sumLine(figures),
  ]
    .filter((text) => text !== "")
    .join("\n\n");
}
const section = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? "" : [title, ...lines.map((line) => `  ${line}`)].join("\n");

function lateLines({ rows }: MatrixFigures): readonly string[] {
  return rows.flatMap((row) =>
    row.late.map((late) => {
      const harm = late.harmful === 0 ? "no harm" : `${late.harmful} did harm: ${short(late.example ?? "", 90)}`;
      return `${row.system.padEnd(13)}${late.operation.padEnd(14)}${late.via.padEnd(8)}${cell(late.sends)} sent late, ${harm}`;
    }),
  );
}
function inherentLines({ rows }: MatrixFigures): readonly string[] {
  const counts = new Map<string, string[]>();
  for (const row of rows)
    for (const [reason, count] of Object.entries(row.inherent))
      counts.set(reason, [...(counts.get(reason) ?? []), `${row.system}/${row.kind} ${count}`]);
  return [...counts].map(([reason, where]) => {
    const why = coincidences.find((each) => each.reason === reason)?.why;
    return `${reason}${why === undefined ? "" : ` (${why})`}: ${where.join(", ")}`;
  });
}
function mutantLines({ mutants }: MatrixFigures): readonly string[] {
  return mutants.map(({ name, caught, by, failures, tried }) =>
    caught ? `${name.padEnd(25)}caught by ${(by ?? "").padEnd(28)}${failures} of ${tried}` : `${name.padEnd(25)}NOT CAUGHT in ${tried}`,
  );
}
function sumLine(figures: MatrixFigures): string {
  const { runs, steps, instants, boundaries, failed, unclear, lost, leftovers, extraRestarts, doubleActions } = figures;
  return (
    `${runs} runs; ${steps} steps, ${instants} instants, ${boundaries} boundaries; ${failed} failed, ${unclear} unclear; ` +
    `lost ${lost}, leftovers ${leftovers}, extra restarts ${extraRestarts}, double actions ${doubleActions}`
  );
}
