import { exitCodes } from "../../model/errors.ts";
import { statusOf } from "../../usecases/status.ts";
import { defineVerb } from "../context.ts";
import { runNumber } from "../flags.ts";
import { statusDocument } from "../render/json.ts";
import { statusLines } from "../render/status.ts";

interface Options {
  readonly run?: number;
}
export const verb = defineVerb<Options>({
  configure: (command) => command.argument("[cluster]", "its name, when there is more than one").option("--run <number>", "of this run", runNumber),
  examples: ["stillwater status", "stillwater status --run 12 --json"],
  exits: ["ok", "usage", "needsOperator"],
  async run(context, [cluster], { run }) {
    const status = await statusOf(context.workspace, { ...(cluster === undefined ? {} : { cluster }), ...(run === undefined ? {} : { run }) });
    context.document(statusDocument(status));
    context.print(statusLines(status, context.style, context.io.now()));
    return status.open ? exitCodes.needsOperator.code : exitCodes.ok.code;
  },
});
