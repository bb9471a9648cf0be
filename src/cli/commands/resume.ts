import { clusterName } from "../../usecases/runs.ts";
import { resumeRun } from "../../usecases/resume.ts";
import { defineVerb } from "../context.ts";
import { showing } from "../live/carry-out.ts";

export const verb = defineVerb<Readonly<Record<string, never>>>({
  configure: (command) => command.argument("[cluster]", "its name, when there is more than one"),
  examples: ["stillwater resume"],
  exits: ["ok", "failed", "usage", "refused", "needsOperator", "busy", "notMeasured", "aborted"],
  async run(context, [cluster]) {
    const name = await clusterName(context.workspace, cluster ?? null);
    return showing(context, name, (observer) => resumeRun(context.workspace, {}, observer));
  },
});
