// What drivers plan with. Pure.
import type { AnyOperation, Operation } from "../model/driver.ts";
import type { Facts } from "../model/facts.ts";
import type { Json } from "../model/json.ts";
import type { Item, OrphanPolicy, Phase, Step, Turn } from "../model/step.ts";

/** An operation with its name: builds steps whose parameters the compiler knows. */
export interface NamedOperation<F extends Facts, P extends Json> {
  readonly name: string;
  readonly operation: AnyOperation<F>;
  step(id: string, phase: Phase, params: P, more?: Partial<Omit<Step, "id" | "phase" | "do" | "params">>): Step;
}

export function operation<F extends Facts, P extends Json, B extends Json = null, R extends Json = null>(
  name: string,
  definition: Operation<F, P, B, R>,
): NamedOperation<F, P> {
  return {
    name,
    // Whatever the engine hands to an operation was made by its own `step`, `prepare` and `act`, so the types hold although they went through JSON.
    operation: definition,
    step: (id, phase, params, more = {}) => ({ id, phase, do: name, params, ...more }),
  };
}

export const operationTable = <F extends Facts>(...named: readonly NamedOperation<F, never>[]): Readonly<Record<string, AnyOperation<F>>> =>
  Object.fromEntries(named.map((each) => [each.name, each.operation]));

/** A lease: what is taken is put back, around the items between. */
export const holding = (step: Step, orphan: OrphanPolicy, ...between: readonly Item[]): readonly Item[] => [
  { ...step, held: orphan },
  ...between,
  { undo: step.id },
];

/** One turn for each unit, in order. */
export const rolling = <U>(units: readonly U[], turn: (unit: U, index: number) => Turn): readonly Turn[] => units.map(turn);
