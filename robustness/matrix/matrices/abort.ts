// The operator aborts at every instant; then he may plan the way back; and the abort itself meets faults.
import type { Scenario } from "../scenario.ts";
import { RunFold } from "../../../src/engine/run-fold.ts";
import { faultsOf, type Fault, type Instant } from "../simulation/faults.ts";
import { drive, type Result } from "../trial.ts";
import { ended, labelOf, pairStep, Tally, type MatrixOptions } from "./tally.ts";

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

const didNotHappen: ReadonlySet<Fault> = new Set(["crash before", "no answer, did not happen"]);
const committingSteps = (base: Result): ReadonlySet<string> => {
  const fold = new RunFold(base.turns, base.events);
  return new Set([...fold.known.values()].filter((step) => step.commits).map((step) => step.id));
};
/** The point of no return was asked for and not passed: the abort must look before it goes forward. */
function wentOn(result: Result, instant: Instant | undefined, committing: ReadonlySet<string>): readonly string[] {
  if (instant?.kind !== "send" || instant.step === null || !committing.has(instant.step)) return [];
  const forward = result.events.some((event) => event.is === "aborting" && event.finish);
  return forward ? [`the abort went forward, although ${instant.step} never happened`] : [];
}

/** The request in flight when the abort comes is lost, late or unanswered. */
export async function abortsInFlight(scenario: Scenario, base: Result, options: MatrixOptions): Promise<Tally> {
  const tally = new Tally(options);
  const committing = committingSteps(base);
  for (const i of tally.sample(base.world.instants.length))
    for (const fault of faultsOf(base.world.instants[i])) {
      const label = `${labelOf(i, base.world.instants[i], "abort")} and ${fault}`;
      await tally.attempt(scenario, label, { abortAt: i, faults: new Map([[i, fault]]) }, (result) => [
        ...abortedOrDone(result),
        ...tally.held(result),
        ...(didNotHappen.has(fault) ? wentOn(result, base.world.instants[i], committing) : []),
      ]);
    }
  return tally;
}

/** The abort meets a fault at each of its own instants. */
export async function abortsUnderFire(scenario: Scenario, base: Result, options: MatrixOptions): Promise<Tally> {
  const tally = new Tally(options);
  const { without, timing } = options;
  for (const i of tally.sample(base.world.instants.length, 5 * pairStep(base))) {
    const wish = labelOf(i, base.world.instants[i], "abort");
    const calm = await drive(scenario, { abortAt: i, ...(without ? { without } : {}), ...(timing ? { timing } : {}) });
    const { instants } = calm.world;
    for (const offset of tally.sample(instants.length - i - 1, pairStep(base))) {
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
