import { abortRun } from "../../usecases/resume.ts";
import { clusterName } from "../../usecases/runs.ts";
import { defineVerb } from "../context.ts";
import { reasonOf } from "../flags.ts";
import { tellEnd } from "../live/end.ts";
import { Left, showWork } from "../live/work.ts";
import { watching } from "../live/watching.ts";
import { exitCodes } from "../../model/errors.ts";

interface Options {
  readonly reason?: string;
}
export const verb = defineVerb<Options>({
  configure: (command) =>
    command.argument("[cluster]", "its name, when there is more than one").option("--reason <text>", "why; kept in the journal with your name"),
  examples: ['stillwater abort --reason "the change was called off"'],
  exits: ["usage", "refused", "needsOperator", "busy", "aborted"],
  async run(context, [cluster], { reason }) {
    const why = reasonOf(reason, "An abort");
    const name = await clusterName(context.workspace, cluster ?? null);
    let signalled = false;
    try {
      const result = await showWork(context, name, async (observer) => {
        const own = await abortRun(context.workspace, { reason: why }, observer);
        if (own !== null) return own;
        signalled = true;
        throw new Left();
      });
      return await tellEnd(context, result);
    } catch (thrown) {
      if (!(thrown instanceof Left)) throw thrown;
      // A worker that lives does it itself: look on until it is through.
      if (signalled) return await watching(context, {});
      context.leaveAtOnce();
      return exitCodes.needsOperator.code;
    }
  },
});
