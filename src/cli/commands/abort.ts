import { abortRun } from "../../usecases/resume.ts";
import { clusterName } from "../../usecases/runs.ts";
import { defineVerb, type AnyVerb } from "../context.ts";
import { reasonOf } from "../flags.ts";
import { tellEnd } from "../live/end.ts";
import { Left, showWork } from "../live/work.ts";
import { watching } from "../live/watching.ts";
import { exitCodes } from "../../model/errors.ts";
import { runExits } from "./maintenance.ts";

interface Options {
  readonly reason?: string;
}
/** An abort by either of its names. `end` gives null when a worker that lives does it itself. */
export const abortVerb = (example: string, what: string, end: typeof abortRun): AnyVerb =>
  defineVerb<Options>({
    configure: (command) =>
      command.argument("[cluster]", "its name, when there is more than one").option("--reason <text>", "why; kept in the journal with your name"),
    examples: [example],
    exits: runExits,
    async run(context, [cluster], { reason }) {
      const why = reasonOf(reason, what);
      const name = await clusterName(context.workspace, cluster ?? null);
      let signalled = false;
      try {
        const result = await showWork(context, name, async (observer) => {
          const own = await end(context.workspace, { reason: why }, observer);
          if (own !== null) return own;
          signalled = true;
          throw new Left();
        });
        return await tellEnd(context, result);
      } catch (thrown) {
        if (!(thrown instanceof Left)) throw thrown;
        // Look on until the worker is through; it may also have finished the run first.
        if (signalled) return await watching(context, { judged: true });
        context.leaveAtOnce();
        return exitCodes.needsOperator.code;
      }
    },
  });
export const verb = abortVerb('stillwater abort --reason "the change was called off"', "An abort", abortRun);
