// Plays the fault table: the driver's own tests where they play a row, seeds where these do.
import type { Figures } from "../../harness/figures.ts";
import { playFaultTable, type FaultsRequest } from "../../harness/play-fault-table.ts";
import { overWorkers } from "../../harness/pool.ts";
import { faultKinds, type FaultKind } from "../seeds/faults.ts";
import { endless, type SeedOutcome, type SeedTask } from "../seeds/outcome.ts";
import { cells } from "../seeds/verdict.ts";
import { faultTable } from "./fault-table.ts";

export const playFaults = (request: FaultsRequest): Promise<Figures> =>
  playFaultTable({ table: faultTable, seeds: playSeeds, seedWords: "a fault at each step of an upgrade" }, request);

/** One seed of each step. */
async function playSeeds(kinds: readonly FaultKind[], workers: number, log: (line: string) => void): Promise<readonly SeedOutcome[]> {
  const numbers = Array.from({ length: cells }, (_, index) => index + 1);
  const wanted = numbers.filter((seed) => kinds.includes(faultKinds[(seed - 1) % faultKinds.length] ?? "reply lost"));
  log(`${String(wanted.length)} seeds`);
  return overWorkers<SeedTask, SeedOutcome>(
    wanted.map((seed) => ({ seed })),
    { program: new URL("../seeds/worker.ts", import.meta.url), workers, withinMs: 300_000, failed: endless },
  );
}
