import { exitCodes } from "../../model/errors.ts";
import { historyOf } from "../../usecases/history.ts";
import { defineVerb } from "../context.ts";
import { historyLines, recordLines } from "../render/history.ts";
import { historyDocument } from "../render/json.ts";

export const verb = defineVerb<{ readonly records?: true }>({
  configure: (command) => command.option("--records", "as records of upgrades: versions, mode, status, upgrade and maintenance times"),
  examples: ["stillwater history", "stillwater history --records", "stillwater history --json"],
  exits: ["ok", "usage", "failed"],
  async run(context, _, { records }) {
    const history = await historyOf(context.workspace);
    context.document(historyDocument(history));
    context.print(records ? recordLines(history, context.style) : historyLines(history, context.style));
    return exitCodes.ok.code;
  },
});
