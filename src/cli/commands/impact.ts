import { exitCodes } from "../../model/errors.ts";
import { forecastImpact } from "../../usecases/impact.ts";
import { defineVerb } from "../context.ts";
import { goalFlags, goalRequest, type GoalFlags } from "../flags.ts";
import { impactLines } from "../render/impact.ts";

export const verb = defineVerb<GoalFlags>({
  configure: goalFlags,
  examples: ["stillwater impact --to 17.10", "stillwater impact --to 17.10 --mode downtime --json"],
  strangeFlags: true,
  exits: ["ok", "usage", "refused"],
  async run(context, words, options) {
    const forecasts = await forecastImpact(context.workspace, goalRequest(options, words, "impact"));
    context.document(forecasts);
    context.print(impactLines(forecasts, context.style));
    return exitCodes.ok.code;
  },
});
