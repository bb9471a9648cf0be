import { exitCodes } from "../../model/errors.ts";
import { shortHash } from "../../planner/plan.ts";
import { rollbackPlan } from "../../usecases/rollback.ts";
import { defineVerb } from "../context.ts";
import { overridesOf, repeated } from "../flags.ts";
import { carryOut, carryOutEarlier } from "../live/carry-out.ts";
import { planLines } from "../render/plan.ts";

interface Options {
  readonly yes?: string;
  readonly probe: boolean;
  readonly override?: readonly string[];
  readonly reason?: string;
}
export const verb = defineVerb<Options>({
  configure: (command) =>
    command
      .option("--yes <hash>", "confirm without being asked: the short hash of the plan back, as an earlier `rollback` printed it")
      .option("--override <code>", "accept a blocker by its code (repeat for more)", repeated)
      .option("--reason <text>", "why the override is right; kept with your name")
      .option("--no-probe", "do not measure; the report will say `not measured`"),
  examples: ["stillwater rollback", "stillwater rollback --json"],
  exits: ["ok", "failed", "usage", "refused", "needsOperator", "busy", "notMeasured", "aborted"],
  async run(context, _, { yes, probe, override, reason }) {
    // The plan that was looked at, not a new one: its hash holds the time at which it was made.
    if (yes !== undefined)
      return carryOutEarlier(context, yes, { name: "rollback", makes: ({ rollsBack }) => rollsBack !== null, probe: () => probe });
    const plan = await rollbackPlan(context.workspace, { overrides: overridesOf(override, reason) });
    if (context.io.canAsk && !context.json) return carryOut(context, plan, { probe });
    context.document({ name: shortHash(plan), hash: plan.hash, plan });
    context.print(planLines(plan, context.style));
    return exitCodes.ok.code;
  },
});
