import { exitCodes } from "../../model/errors.ts";
import { planCluster } from "../../usecases/plan.ts";
import { shortHash } from "../../planner/plan.ts";
import { defineVerb } from "../context.ts";
import { goalFlags, goalRequest, overridesOf, repeated, type GoalFlags } from "../flags.ts";
import { planLines } from "../render/plan.ts";

interface Options extends GoalFlags {
  readonly override?: readonly string[];
  readonly reason?: string;
}
export const verb = defineVerb<Options>({
  configure: (command) =>
    goalFlags(command)
      .option("--override <code>", "accept a blocker by its code (repeat for more)", repeated)
      .option("--reason <text>", "why the override is right; kept with your name"),
  examples: [
    "stillwater plan --to 17.10 --artifact release-17.10.tar.gz",
    "stillwater plan --set max_connections=300 --mode zero-downtime",
    "stillwater plan --restart --only n2,n3",
  ],
  strangeFlags: true,
  exits: ["ok", "usage", "refused"],
  async run(context, words, options) {
    const { plan, file } = await planCluster(context.workspace, {
      ...goalRequest(options, words, "plan"),
      overrides: overridesOf(options.override, options.reason),
    });
    context.document({ name: shortHash(plan), hash: plan.hash, file, plan });
    context.print(planLines(plan, context.style));
    return exitCodes.ok.code;
  },
});
