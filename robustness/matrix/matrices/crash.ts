// The orchestrator is killed, or an answer is lost, late or missing, at every instant; then an operator resumes.
import type { Scenario } from "../scenario.ts";
import { faultsOf, type Fault } from "../simulation/faults.ts";
import { drive, type Result } from "../trial.ts";
import { ended, labelOf, Tally, type MatrixOptions } from "./tally.ts";

const after: ReadonlySet<Fault> = new Set(["crash after", "no answer, happened"]);

/** `gapMs`: how long nobody is there. */
export async function crashes(scenario: Scenario, base: Result, options: MatrixOptions, gapMs = 20): Promise<Tally> {
  const tally = new Tally(options);
  for (const i of tally.sample(base.world.instants.length))
    for (const fault of faultsOf(base.world.instants[i])) {
      if (fault.startsWith("crash")) tally.boundaries.add(`${i} ${after.has(fault) ? "after" : "before"}`);
      await tally.attempt(scenario, labelOf(i, base.world.instants[i], fault), { faults: new Map([[i, fault]]), gapMs }, (result) => [
        ...ended(result, "succeeded"),
        ...tally.held(result),
        ...tally.sameEnd(base, result),
      ]);
    }
  return tally;
}

/** How far behind the first fault the second one falls, in instants: inside the recovery from the first. */
const recoveryInstants = 8;

export async function twoFaults(scenario: Scenario, base: Result, options: MatrixOptions): Promise<Tally> {
  const tally = new Tally(options);
  const { without, timing } = options;
  for (const i of tally.sample(base.world.instants.length, 7))
    for (const first of faultsOf(base.world.instants[i])) {
      const once = await drive(scenario, { faults: new Map([[i, first]]), ...(without ? { without } : {}), ...(timing ? { timing } : {}) });
      const { instants } = once.world;
      for (let j = i + 1; j < Math.min(i + recoveryInstants, instants.length) && !tally.enough; j++)
        for (const second of faultsOf(instants[j])) {
          const label = `${labelOf(i, base.world.instants[i], first)} then ${labelOf(j, instants[j], second)}`;
          const faults = new Map([
            [i, first],
            [j, second],
          ]);
          await tally.attempt(scenario, label, { faults }, (result) => [
            ...ended(result, "succeeded"),
            ...tally.held(result),
            ...tally.sameEnd(base, result),
          ]);
        }
    }
  return tally;
}
