import { exitCodes } from "../../model/errors.ts";
import { historyOf } from "../../usecases/history.ts";
import { defineVerb } from "../context.ts";
import { historyLines } from "../render/history.ts";
import { historyDocument } from "../render/json.ts";

export const verb = defineVerb<Readonly<Record<string, never>>>({
  configure: (command) => command,
  examples: ["stillwater history", "stillwater history --json"],
  exits: ["ok", "usage", "failed"],
  async run(context) {
    const history = await historyOf(context.workspace);
    context.document(historyDocument(history));
    context.print(historyLines(history, context.style));
    return exitCodes.ok.code;
  },
});
