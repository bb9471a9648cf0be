// node robustness/matrix/main.ts [--system NAME] [--kind KIND] [--every N] [--seed N] [--json]
import { parseArgs } from "node:util";
import type { Kind } from "./matrices/index.ts";
import { runMatrix, type MatrixFigures } from "./run-matrix.ts";
import { rowText, tables } from "./tables.ts";

export { runMatrix, type MatrixFigures };

/** True when something failed that is not known to be inherent, a step ended unclear, or a mutant was not caught. */
export const isBad = ({ failed, unclear, mutants }: MatrixFigures): boolean => failed > 0 || unclear > 0 || mutants.some((mutant) => !mutant.caught);

/** Prints what it saw; returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      system: { type: "string" },
      kind: { type: "string" },
      every: { type: "string" },
      seed: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const { system, kind, every, seed, json } = values;
  const figures = await runMatrix({
    ...(system === undefined ? {} : { system }),
    ...(kind === undefined ? {} : { kind: kind as Kind | "mutants" }),
    ...(every === undefined ? {} : { every: Number(every) }),
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(json ? {} : { progress: (row) => process.stdout.write(`${rowText(row)}\n`) }),
  });
  process.stdout.write(json ? `${JSON.stringify(figures)}\n` : `\n${tables(figures)}\n`);
  return isBad(figures) ? 1 : 0;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
