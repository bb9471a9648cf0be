// One step by itself, with what it expands into: no gate before it. For situations in which no run would begin.
import { setTimeout as pause } from "node:timers/promises";
import { Unreachable } from "../../../model/errors.ts";
import type { Json } from "../../../model/json.ts";
import { isUndo, type Step } from "../../../model/step.ts";
import type { Trial } from "./try-run.ts";

/** The steps that were done, in order, with their proofs. Throws when a step asks a person, or is not done within 30 s. */
export async function driveStep(trial: Trial, step: Step): Promise<readonly { readonly step: string; readonly proof: Json }[]> {
  const epoch = Date.now();
  for (const host of trial.hosts.values())
    await host.claim({ store: "trial", run: "1", epoch, holder: "test", verb: "apply", expires: Date.now() + 600_000 });
  const signal = AbortSignal.timeout(60_000);
  const done: { step: string; proof: Json }[] = [];
  const drive = async (each: Step): Promise<void> => {
    const operation = trial.driver.operations[each.do];
    if (operation === undefined) throw new RangeError(each.do);
    const before = (await operation.prepare?.(each.params, { now: Date.now() })) ?? null;
    let receipt: Json | null = null;
    for (const end = Date.now() + 30_000; Date.now() < end; await pause(5)) {
      let look;
      try {
        look = await operation.look(each.params, { before, receipt }, { now: Date.now() });
      } catch (error) {
        if (error instanceof Unreachable) continue;
        throw error;
      }
      if (look.is === "done") return void done.push({ step: each.id, proof: look.proof ?? null });
      if (look.is === "unclear") throw new Error(`${each.id}: ${[...look.known, ...look.unknown].join("; ")}`);
      if (look.is === "expand") for (const item of look.into) if (!isUndo(item)) await drive(item);
      if (look.is === "open" && operation.act)
        receipt = await operation.act(
          each.params,
          { before, receipt },
          { now: Date.now(), token: each.id, send: async (_, effect) => effect({ run: "1", epoch, connection: 1, signal }) },
        );
    }
    throw new Error(`${each.id}: not done`);
  };
  await drive(step);
  return done;
}
