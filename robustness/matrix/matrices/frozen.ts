// SIGSTOP just before each effect; somebody else takes over and finishes; then the frozen one wakes. Hosts refuse it; nobody can refuse what it sends over
// the network, so this matrix lists per operation what that can do.
import { Decider } from "../../../src/engine/decide.ts";
import { RunFold } from "../../../src/engine/run-fold.ts";
import type { Scenario } from "../scenario.ts";
import type { Result } from "../trial.ts";
import { ended, labelOf, Tally, type MatrixOptions } from "./tally.ts";

export interface LateEffect {
  readonly operation: string;
  readonly via: "host" | "network";
  sends: number;
  harmful: number;
  /** What one of them did. */
  example: string | null;
}
export class FrozenTally extends Tally {
  readonly operations = new Map<string, LateEffect>();
}

export async function frozen(scenario: Scenario, base: Result, options: MatrixOptions): Promise<FrozenTally> {
  const tally = new FrozenTally(options);
  const fold = new RunFold(base.turns, base.events);
  const decider = new Decider(fold, base.operations);
  for (const step of fold.known.values()) decider.undoing(step); // the steps that put back what was held are named by the driver, not by the journal
  for (const i of tally.sample(base.world.instants.length)) {
    const instant = base.world.instants[i];
    if (instant?.kind !== "send" || instant.step === null) continue;
    const via = instant.via === null ? "network" : "host";
    const late = of(tally, fold.step(instant.step).do, via);
    late.sends++;
    await tally.attempt(scenario, labelOf(i, instant, "frozen"), { faults: new Map([[i, "frozen"]]) }, (result) => {
      // The one who took over must have ended well on any account; what the late effect did comes on top.
      const outcome = ended(result, "succeeded");
      const harm = [...result.charges.map((charge) => charge.what), ...result.leftovers, ...tally.sameEnd(base, result)];
      if (harm.length > 0) {
        late.harmful++;
        late.example ??= `${instant.step}: ${harm.slice(0, 3).join("; ")}`;
      }
      return via === "host" ? [...outcome, ...harm] : outcome;
    });
  }
  return tally;
}

function of(tally: FrozenTally, operation: string, via: LateEffect["via"]): LateEffect {
  const known = tally.operations.get(operation);
  if (known) return known;
  const fresh: LateEffect = { operation, via, sends: 0, harmful: 0, example: null };
  tally.operations.set(operation, fresh);
  return fresh;
}
