import { loadPlan } from "../../usecases/plan-files.ts";
import { runUnderWay } from "../../usecases/watch.ts";
import { shortHash } from "../../planner/plan.ts";
import { watching } from "../live/watching.ts";
import { defineVerb } from "../context.ts";
import { carryOut } from "../live/carry-out.ts";

interface Options {
  readonly yes?: string;
  readonly probe: boolean;
  readonly attach?: boolean;
}
export const verb = defineVerb<Options>({
  configure: (command) =>
    command
      .argument("<plan>", "the beginning of its hash, or its file")
      .option("--yes <hash>", "confirm without being asked: the plan's short hash")
      .option("--attach", "look on when this plan is being applied already (default at a terminal; else it is refused)")
      .option("--no-probe", "do not measure; the report will say `not measured`"),
  examples: ["stillwater apply 7f3a09c1", "stillwater apply 7f3a09c1 --yes 7f3a09c1 --json"],
  exits: ["ok", "failed", "usage", "refused", "needsOperator", "busy", "notMeasured", "aborted"],
  async run(context, [name = ""], { yes, probe, attach }) {
    const plan = await loadPlan(context.workspace, name);
    // A second start attaches to the first where a person looks at it; a script is refused by the holder's name, unless it asks to look on.
    const run = attach === true || (context.io.canAsk && !context.json) ? await runUnderWay(context.workspace, plan) : null;
    if (run !== null) {
      if (!context.json) context.print([`Plan ${shortHash(plan)} is being applied already (run ${String(run)}): looking on.`]);
      return watching(context, { run, judged: true });
    }
    return carryOut(context, plan, { probe, ...(yes === undefined ? {} : { yes }) });
  },
});
