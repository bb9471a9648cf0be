// Stillwater killed at every instant of one whole upgrade in virtual time, and resumed.
import type { Figures } from "../../harness/figures.ts";
import { runCrashPoints, type CrashesRequest } from "../../harness/run-crash-points.ts";
import { brokenBars } from "../seeds/verdict.ts";
import { baseRun } from "./crash-outcome.ts";

export function runCrashes(request: CrashesRequest): Promise<Figures> {
  const program = new URL("./worker.ts", import.meta.url);
  const base = async () => {
    const result = await baseRun();
    return { reached: result.reached, broken: brokenBars(result) };
  };
  return runCrashPoints({ base, program }, request);
}
