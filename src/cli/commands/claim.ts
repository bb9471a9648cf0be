import { exitCodes, StillwaterError } from "../../model/errors.ts";
import { takeOver } from "../../usecases/take-over.ts";
import { defineVerb } from "../context.ts";
import { reasonOf } from "../flags.ts";
import { clean } from "../render/text.ts";

interface Options {
  readonly takeOver?: boolean;
  readonly reason?: string;
}
export const verb = defineVerb<Options>({
  configure: (command) =>
    command
      .option("--take-over", "free the cluster from a holder with another journal who is gone for good")
      .option("--reason <text>", "how you know that he is gone; kept with your name"),
  examples: ['stillwater claim --take-over --reason "jump1 was reinstalled"'],
  exits: ["ok", "usage", "refused", "busy"],
  async run(context, _, options) {
    if (options.takeOver !== true)
      throw new StillwaterError("SW1001", "Every verb claims the cluster by itself; only a take-over is asked for.", {
        remedy: 'Give --take-over --reason "...".',
      });
    const taken = await takeOver(context.workspace, { reason: reasonOf(options.reason, "A take-over") });
    context.document(taken);
    context.print([
      `${clean(taken.cluster)} is free, with epoch ${taken.epoch}: whatever an older holder still sends to its hosts is refused.`,
      ...taken.from.map((line) => `  before: ${clean(line)}`),
    ]);
    return exitCodes.ok.code;
  },
});
