// What `apply` and `rollback` share: the plan is shown, confirmed by its hash, carried out, and its end told.
import { StillwaterError } from "../../model/errors.ts";
import type { Plan } from "../../model/plan.ts";
import { shortHash } from "../../planner/plan.ts";
import { applyPlan } from "../../usecases/apply.ts";
import { loadPlan } from "../../usecases/plan-files.ts";
import { changeOf } from "../../usecases/plan-words.ts";
import type { Context } from "../context.ts";
import { planLines } from "../render/plan.ts";
import { tellEnd } from "./end.ts";
import { Left, showWork } from "./work.ts";
import { exitCodes } from "../../model/errors.ts";

export interface CarryOut {
  readonly yes?: string;
  readonly probe: boolean;
}

/** Error SW1003 when nobody confirmed exactly this plan. */
export async function carryOut(context: Context, plan: Plan, options: CarryOut): Promise<number> {
  await confirm(context, plan, options.yes);
  return showing(context, plan.cluster, (observer) => applyPlan(context.workspace, { plan, probe: options.probe }, observer));
}

/** A plan that an earlier call of the same verb has printed. Error SW1001 for another verb's, which would be carried out without the probe that it needs. */
export async function carryOutEarlier(
  context: Context,
  name: string,
  verb: { readonly name: string; readonly makes: (plan: Plan) => boolean; readonly probe: (plan: Plan) => boolean },
): Promise<number> {
  const plan = await loadPlan(context.workspace, name);
  if (!verb.makes(plan))
    throw new StillwaterError("SW1001", `Plan ${shortHash(plan)} was not made by \`stillwater ${verb.name}\`: ${changeOf(plan)}.`, {
      object: shortHash(plan),
      remedy: `stillwater show ${shortHash(plan)} shows it, stillwater apply ${shortHash(plan)} carries it out.`,
    });
  return carryOut(context, plan, { probe: verb.probe(plan), yes: name });
}

/** Shows the work and its end; returns the exit code. */
export async function showing(context: Context, cluster: string, work: Parameters<typeof showWork>[2]): Promise<number> {
  try {
    const result = await showWork(context, cluster, work);
    return await tellEnd(context, result);
  } catch (thrown) {
    if (!(thrown instanceof Left)) throw thrown;
    context.leaveAtOnce();
    context.document({ left: true, cluster });
    context.io.err.write(
      "Left at once. What was under way may still finish by itself; the watchdog puts back what is safe to put back.\nContinue with: stillwater resume\n",
    );
    return exitCodes.needsOperator.code;
  }
}

const fewestDigits = 4;

async function confirm(context: Context, plan: Plan, yes: string | undefined): Promise<void> {
  const name = shortHash(plan);
  if (yes !== undefined) {
    if (!matches(plan, yes))
      throw new StillwaterError("SW1003", `${JSON.stringify(yes)} is not the hash of this plan.`, {
        object: name,
        remedy: `This plan is ${name}: look at it with stillwater show ${name}.`,
      });
    return;
  }
  if (!context.io.canAsk || context.json)
    throw new StillwaterError("SW1003", "Nobody can be asked here: standard input or output is not a terminal.", {
      object: name,
      remedy: `Look at the plan with stillwater show ${name}, then add --yes ${name}.`,
    });
  context.print(planLines(plan, context.style, { next: false }));
  const answer = await context.io.ask(`\nApply it? Type ${name}; anything else changes nothing: `);
  context.print([""]);
  if (answer === null || !matches(plan, answer.trim()))
    throw new StillwaterError(
      "SW1003",
      answer === null || answer.trim() === "" ? "The plan was not confirmed." : `${JSON.stringify(answer.trim())} is not the hash of this plan.`,
      { object: name },
    );
}

const matches = (plan: Plan, answer: string): boolean => answer.length >= fewestDigits && plan.hash.startsWith(answer.toLowerCase());
