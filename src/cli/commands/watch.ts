import { defineVerb } from "../context.ts";
import { runNumber } from "../flags.ts";
import { watching } from "../live/watching.ts";

interface Options {
  readonly run?: number;
}
export const verb = defineVerb<Options>({
  configure: (command) => command.argument("[cluster]", "its name, when there is more than one").option("--run <number>", "this run", runNumber),
  examples: ["stillwater watch", "stillwater watch | tee run.log"],
  exits: ["ok", "failed", "usage", "needsOperator", "aborted"],
  run: (context, [cluster], { run }) => watching(context, { ...(cluster === undefined ? {} : { cluster }), ...(run === undefined ? {} : { run }) }),
});
