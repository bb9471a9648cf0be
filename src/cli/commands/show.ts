import { exitCodes } from "../../model/errors.ts";
import { shortHash } from "../../planner/plan.ts";
import { loadPlan } from "../../usecases/plan-files.ts";
import { defineVerb } from "../context.ts";
import { planLines } from "../render/plan.ts";
import { stepLines } from "../render/plan-steps.ts";

interface Options {
  readonly steps?: boolean;
}
export const verb = defineVerb<Options>({
  configure: (command) => command.argument("<plan>", "the beginning of its hash, or its file").option("--steps", "every step of every turn"),
  examples: ["stillwater show 7f3a09c1", "stillwater show 7f3a09c1 --steps"],
  exits: ["ok", "usage"],
  async run(context, [name = ""], { steps }) {
    const plan = await loadPlan(context.workspace, name);
    context.document({ name: shortHash(plan), hash: plan.hash, plan });
    context.print(planLines(plan, context.style, { next: steps !== true }));
    if (steps === true) context.print(["", ...stepLines(plan, context.style)]);
    return exitCodes.ok.code;
  },
});
