// The vendor's procedure over many seeds: every cause occurs, and the validator's figure is the client's.
import { noFigures, type Figures } from "../../harness/figures.ts";
import { overWorkers } from "../../harness/pool.ts";
import type { LossOutcome, LossTask } from "./loss-outcome.ts";
import { causes, causeWords, type Cause } from "./play.ts";

export interface LossesRequest {
  readonly seeds: number;
  readonly first: number;
  readonly workers: number;
  readonly log: (line: string) => void;
}
const WITHIN_MS = 180_000;

/** Each seed with one cause, in turn. */
export async function runLosses({ seeds, first, workers, log }: LossesRequest): Promise<Figures> {
  const figures = noFigures();
  const rows: Record<Cause, number> = { A: 0, B: 0, C: 0, D: 0, E: 0, F: 0 };
  const seen: Record<Cause, number> = { A: 0, B: 0, C: 0, D: 0, E: 0, F: 0 };
  const tasks = Array.from({ length: seeds }, (_, index): LossTask => {
    const seed = first + index;
    return { seed, cause: causes[seed % causes.length] ?? "A" };
  });
  let done = 0;
  const outcomes = await overWorkers<LossTask, LossOutcome>(tasks, {
    program: new URL("./worker.ts", import.meta.url),
    workers,
    withinMs: WITHIN_MS,
    failed: (_, why) => ({ changes: 0, compared: 0, lost: {}, wrong: [why] }),
    done: () => {
      if (++done % 25 === 0) log(`${String(done)} of ${String(seeds)} seeds of the vendor's procedure`);
    },
  });
  let [compared, moved] = [0, 0];
  outcomes.forEach(({ lost, wrong, changes, ...outcome }, index) => {
    const { seed, cause: scenario } = tasks[index] ?? { seed: 0, cause: "A" };
    figures.runs++;
    moved += changes;
    compared += outcome.compared;
    for (const cause of causes) {
      rows[cause] += lost[cause] ?? 0;
      if ((lost[cause] ?? 0) > 0) seen[cause]++;
    }
    figures.broken.push(
      ...wrong.map(
        (each) =>
          `seed ${String(seed)} (cause ${scenario}): ${each}; again: npm run robustness -- openmldb --fence none --seeds 1 --first ${String(seed)}`,
      ),
    );
  });
  for (const cause of causes) {
    figures.lost += cause === "E" ? 0 : rows[cause];
    figures.faults[`cause ${cause}`] = seen[cause];
    if (seen[cause] === 0 && seeds >= causes.length * 2) figures.broken.push(`cause ${cause} never occurred: ${causeWords[cause]}`);
  }
  if (figures.lost === 0 && seeds >= causes.length) figures.broken.push("nothing was lost: a lab that cannot lose data proves nothing");
  figures.tables.push(
    `  the vendor's procedure under load, without a fence: ${String(moved)} changes of leader, ${String(figures.lost)} acknowledged rows lost`,
    `  computed from ShowTable and GetTableStatus alone, compared with the clients' own log: ${String(compared)} partitions, ${String(figures.broken.length)} disagreements`,
    ...causes.map((cause) => `  ${cause}  ${String(rows[cause]).padStart(6)} rows in ${String(seen[cause]).padStart(4)} seeds  ${causeWords[cause]}`),
  );
  return figures;
}
