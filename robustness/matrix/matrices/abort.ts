// The operator aborts at every instant; then he may plan the way back; and the abort itself meets faults.
import type { Scenario } from "../scenario.ts";
import { faultsOf } from "../simulation/faults.ts";
import { drive, type Result } from "../trial.ts";
import { ended, labelOf, Tally, type MatrixOptions } from "./tally.ts";

/** An abort that came past the last point of no return finds nothing to undo: the run succeeds. */
const abortedOrDone = (result: Result): readonly string[] => (result.outcome?.is === "succeeded" ? [] : ended(result, "aborted"));

export async function aborts(scenario: Scenario, base: Result, options: MatrixOptions): Promise<Tally> {
  const tally = new Tally(options);
  for (const i of tally.sample(base.world.instants.length))
    await tally.attempt(scenario, labelOf(i, base.world.instants[i], "abort"), { abortAt: i }, (result) => [
      ...abortedOrDone(result),
      ...tally.held(result),
    ]);
  return tally;
}

export async function rollbacks(scenario: Scenario, base: Result, options: MatrixOptions): Promise<Tally> {
  const tally = new Tally(options);
  const untouched = await drive(scenario, { abortAt: 0 });
  for (const i of tally.sample(base.world.instants.length))
    await tally.attempt(scenario, labelOf(i, base.world.instants[i], "abort, roll back"), { abortAt: i, rollback: true }, (result) => {
      const { outcome, aborted, versions } = result;
      const noWayBack = outcome === null || !aborted;
      return [
        ...(outcome === null || outcome.is === "succeeded" || outcome.is === "aborted" ? [] : ended(result, "succeeded")),
        ...tally.held(result),
        ...(noWayBack || versions === untouched.versions ? [] : [`versions ${versions}`]),
      ];
    });
  return tally;
}

/** The request in flight when the abort comes is lost or late, or the abort meets a fault at each of its own instants. */
export async function abortsUnderFire(scenario: Scenario, base: Result, options: MatrixOptions): Promise<Tally> {
  const tally = new Tally(options);
  const { without, timing } = options;
  for (const i of tally.sample(base.world.instants.length, 5)) {
    const wish = labelOf(i, base.world.instants[i], "abort");
    for (const fault of faultsOf(base.world.instants[i]))
      await tally.attempt(scenario, `${wish} and ${fault}`, { abortAt: i, faults: new Map([[i, fault]]) }, (result) => [
        ...abortedOrDone(result),
        ...tally.held(result),
      ]);
    const calm = await drive(scenario, { abortAt: i, ...(without ? { without } : {}), ...(timing ? { timing } : {}) });
    const { instants } = calm.world;
    for (const offset of tally.sample(instants.length - i - 1)) {
      const j = i + 1 + offset;
      for (const fault of faultsOf(instants[j]))
        await tally.attempt(scenario, `${wish} then ${labelOf(j, instants[j], fault)}`, { abortAt: i, faults: new Map([[j, fault]]) }, (result) => [
          ...abortedOrDone(result),
          ...tally.held(result),
        ]);
    }
  }
  return tally;
}
