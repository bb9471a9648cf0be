// The vendor's procedure over many seeds: every cause occurs, and the validator's figure is the client's.
import type { Figures } from "../../harness/figures.ts";
import { noFigures } from "../../harness/figures.ts";
import { causes, causeWords, playLoss, type Cause } from "./play.ts";

export interface Losses {
  readonly figures: Figures;
  /** For people: one line for each cause. */
  readonly lines: readonly string[];
}

/** Seeds 1 to `seeds`, each with every cause in turn. */
export async function runLosses({ seeds, log }: { readonly seeds: number; readonly log: (line: string) => void }): Promise<Losses> {
  const figures = noFigures();
  const rows: Record<Cause, number> = { A: 0, B: 0, C: 0, D: 0, E: 0, F: 0 };
  const seen: Record<Cause, number> = { A: 0, B: 0, C: 0, D: 0, E: 0, F: 0 };
  for (let seed = 1; seed <= seeds; seed++) {
    const scenario = causes[seed % causes.length] ?? "A";
    const { lost, wrong, changes } = await playLoss(scenario, seed);
    figures.runs++;
    figures.steps += changes.length;
    for (const cause of causes) {
      rows[cause] += lost[cause] ?? 0;
      if ((lost[cause] ?? 0) > 0) seen[cause]++;
    }
    figures.lost += Object.entries(lost).reduce((sum, [cause, count]) => sum + (cause === "E" ? 0 : count), 0);
    for (const each of wrong) figures.broken.push(`seed ${seed} (${scenario}): ${each}`);
    if (seed % 25 === 0) log(`${seed} of ${seeds} seeds, ${figures.lost} rows lost, ${figures.broken.length} disagreements`);
  }
  for (const cause of causes) {
    figures.faults[`cause ${cause}`] = seen[cause];
    if (seen[cause] === 0 && seeds >= causes.length * 2) figures.broken.push(`cause ${cause} never occurred: ${causeWords[cause]}`);
  }
  const lines = causes.map(
    (cause) => `  ${cause}  ${String(rows[cause]).padStart(6)} rows in ${String(seen[cause]).padStart(4)} seeds  ${causeWords[cause]}`,
  );
  return { figures, lines };
}
