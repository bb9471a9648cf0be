// The orchestrator is killed, or an answer is lost, late or missing, at every instant; then an operator resumes.
import type { Scenario } from "../scenario.ts";
import { faultsOf, type Fault } from "../simulation/faults.ts";
import { drive, type Result } from "../trial.ts";
import { ended, labelOf, pairStep, Tally, type MatrixOptions } from "./tally.ts";

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
  for (const i of tally.sample(base.world.instants.length, 7 * pairStep(base)))
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

const releasedLease = "the watchdog had put the lease back, and nobody was there to finish the turn";

/** Nobody resumes at once: the watchdog of the run puts back what it may, and meets a fault of its own; then an operator resumes. */
export async function watchdogs(scenario: Scenario, base: Result, options: MatrixOptions): Promise<Tally> {
  const tally = new Tally(options);
  const { without, timing } = options;
  const settings = { watchdog: true, ...(without ? { without } : {}), ...(timing ? { timing } : {}) };
  const judge = (result: Result): readonly string[] => {
    const released = result.events.some((event) => event.is === "released");
    const charges = result.charges.filter((charge) => !released || charge.kind !== "unguarded");
    if (charges.length < result.charges.length) tally.inherent.set(releasedLease, (tally.inherent.get(releasedLease) ?? 0) + 1);
    return [...ended(result, "succeeded"), ...tally.held({ ...result, charges }), ...tally.sameEnd(base, result)];
  };
  for (const i of tally.sample(base.world.instants.length, pairStep(base))) {
    const first: readonly [number, Fault] = [i, "crash after"];
    const label = labelOf(i, base.world.instants[i], "crash after, watchdog");
    await tally.attempt(scenario, label, { faults: new Map([first]), ...settings }, judge);
    const once = await drive(scenario, { faults: new Map([first]), ...settings });
    const { instants } = once.world;
    for (let j = i + 1; j < Math.min(i + recoveryInstants, instants.length) && !tally.enough; j++)
      for (const second of faultsOf(instants[j]))
        await tally.attempt(
          scenario,
          `${label} then ${labelOf(j, instants[j], second)}`,
          { faults: new Map([first, [j, second]]), ...settings },
          judge,
        );
  }
  return tally;
}
