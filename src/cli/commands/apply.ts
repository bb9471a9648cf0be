import { loadPlan } from "../../usecases/plan-files.ts";
import { defineVerb } from "../context.ts";
import { carryOut } from "../live/carry-out.ts";

interface Options {
  readonly yes?: string;
  readonly probe: boolean;
}
export const verb = defineVerb<Options>({
  configure: (command) =>
    command
      .argument("<plan>", "the beginning of its hash, or its file")
      .option("--yes <hash>", "confirm without being asked: the plan's short hash")
      .option("--no-probe", "do not measure; the report will say `not measured`"),
  examples: ["stillwater apply 7f3a09c1", "stillwater apply 7f3a09c1 --yes 7f3a09c1 --json"],
  exits: ["ok", "failed", "usage", "refused", "needsOperator", "busy", "notMeasured", "aborted"],
  async run(context, [name = ""], { yes, probe }) {
    const plan = await loadPlan(context.workspace, name);
    return carryOut(context, plan, { probe, ...(yes === undefined ? {} : { yes }) });
  },
});
