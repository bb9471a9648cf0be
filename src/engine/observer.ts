// What the loop reads of the cluster: steps, the gate between turns, what an act would make worse. Nothing here decides or writes.
import type { Look, Reading } from "../model/driver.ts";
import { ClaimLost, StillwaterError } from "../model/errors.ts";
import type { Facts } from "../model/facts.ts";
import type { Json } from "../model/json.ts";
import type { Step } from "../model/step.ts";
import type { Decider } from "./decide.ts";
import type { Rule } from "./rules.ts";
import type { RunRequest } from "./run-request.ts";

/** Reading may fail; then nothing is known, and the loop looks again. */
export async function reach<T>(read: () => Promise<T>): Promise<T | StillwaterError> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ClaimLost) throw error;
    if (error instanceof StillwaterError) {
      if (error.code === "SW3010") throw new ClaimLost(error.message);
      return error;
    }
    throw error;
  }
}

export class Observer<F extends Facts> {
  readonly #driver: RunRequest<F>["driver"];
  readonly #decider: Decider<F>;
  readonly #without: ReadonlySet<Rule>;
  readonly reading: Reading;

  /** `now`: milliseconds since 1970. */
  constructor(driver: RunRequest<F>["driver"], decider: Decider<F>, without: ReadonlySet<Rule>, now: () => number) {
    this.#driver = driver;
    this.#decider = decider;
    this.#without = without;
    this.reading = {
      get now() {
        return now();
      },
    };
  }

  async look(step: Step, before: Json): Promise<Look> {
    const { receipt } = this.#decider.fold.of(step.id);
    const verdict = await reach(() => this.#decider.operation(step).look(step.params, { before, receipt }, this.reading));
    return verdict instanceof StillwaterError ? { is: "waiting", for: verdict.message } : verdict;
  }
  /** What must hold between turns and does not. */
  async gate(): Promise<readonly string[]> {
    const facts = await reach(() => this.#driver.inspect(this.reading));
    return facts instanceof StillwaterError ? [facts.message] : this.#broken("between turns", facts);
  }
  /** What the step would make worse, from facts that are fresh: asked immediately before the act. */
  async worse(step: Step): Promise<readonly string[]> {
    const operation = this.#decider.operation(step);
    if (!operation.predict || this.#without.has("no-worse")) return [];
    const facts = await reach(() => this.#driver.inspect(this.reading));
    if (facts instanceof StillwaterError) return [facts.message];
    const now = this.#broken("always", facts);
    return this.#broken("always", operation.predict(facts, step.params)).filter((finding) => !now.includes(finding));
  }
  #broken(holds: "always" | "between turns", facts: F): readonly string[] {
    const invariants = this.#driver.invariants.filter((each) => each.holds === holds);
    return invariants.flatMap((each) => each.broken(facts).map((finding) => `${each.name}: ${finding.object}: ${finding.what}`));
  }
}
