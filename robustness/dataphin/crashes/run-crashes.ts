// Stillwater killed at every instant of one whole upgrade in each mode.
import { modes, type Mode } from "../../../src/model/goal.ts";
import { runCrashes, type CrashesRequest } from "../../harness/crash-trial.ts";
import { noFigures, type Figures } from "../../harness/figures.ts";
import { crashTrialOf } from "./crash-trial.ts";

export async function runCrashesOfAllModes(request: CrashesRequest): Promise<Figures> {
  const all = noFigures();
  for (const mode of modes) add(all, mode, await runCrashes(crashTrialOf(mode), { ...request, log: (line) => request.log(`${mode}: ${line}`) }));
  if (kills(all) === 0) all.broken.push("no kill is chosen: nothing is shown");
  return all;
}
const kills = ({ instants, boundaries }: Figures): number => instants + boundaries;

function add(all: Figures, mode: Mode, of: Figures): void {
  for (const key of ["runs", "steps", "instants", "boundaries", "lost", "leftovers", "extraRestarts", "doubleActions", "unclear"] as const)
    all[key] += of[key];
  for (const [kind, times] of Object.entries(of.faults)) all.faults[kind] = (all.faults[kind] ?? 0) + times;
  all.tables.push(...of.tables.map((line) => `${line}: ${mode}, ${String(kills(of))} kills`));
  // A pattern may choose kills of one mode alone.
  all.broken.push(...of.broken.filter((bar) => kills(of) > 0 || !bar.startsWith("no kill")).map((bar) => `${mode}: ${bar}`));
}
