import { exitCodes } from "../../model/errors.ts";
import { pauseRun } from "../../usecases/pause.ts";
import { defineVerb } from "../context.ts";
import { clean } from "../render/text.ts";

interface Options {
  readonly reason?: string;
}
export const verb = defineVerb<Options>({
  configure: (command) =>
    command.argument("[cluster]", "its name, when there is more than one").option("--reason <text>", "why; kept in the journal with your name"),
  examples: ['stillwater pause --reason "backup window"'],
  exits: ["ok", "usage", "refused"],
  async run(context, [cluster], { reason }) {
    const paused = await pauseRun(context.workspace, { ...(cluster === undefined ? {} : { cluster }), ...(reason === undefined ? {} : { reason }) });
    context.document(paused);
    const after = paused.after === null ? "" : `; under way: ${clean(paused.after)}`;
    context.print([`Run ${paused.run} of ${clean(paused.cluster)} will stand still${after}.`, "Continue with: stillwater resume"]);
    return exitCodes.ok.code;
  },
});
