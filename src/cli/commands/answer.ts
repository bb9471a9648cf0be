import { exitCodes } from "../../model/errors.ts";
import type { Answer } from "../../model/event.ts";
import { answerStep } from "../../usecases/resume.ts";
import { defineVerb, type AnyVerb } from "../context.ts";
import { reasonOf } from "../flags.ts";
import { clean } from "../render/text.ts";

interface Options {
  readonly reason?: string;
}
const answering = (name: string, answer: Answer, said: string): AnyVerb =>
  defineVerb<Options>({
    configure: (command) =>
      command
        .argument("<step>", "the step that waits, as `stillwater status` names it")
        .option("--reason <text>", "why; kept in the journal with your name"),
    examples: [`stillwater ${name} n1/start --reason "looked at its log"`],
    exits: ["ok", "usage", "refused", "busy"],
    async run(context, [step = ""], { reason }) {
      const why = reasonOf(reason, "An answer");
      await answerStep(context.workspace, { step, answer, reason: why });
      context.document({ step, answer, by: context.workspace.who, reason: why });
      context.print([`Kept: ${clean(step)} ${said}.`, "Continue with: stillwater resume"]);
      return exitCodes.ok.code;
    },
  });

export const retry = answering("retry", "again", "is looked at again, and done if it is not");
export const skip = answering("skip", "skip", "is left out");
export const markDone = answering("mark-done", "done", "counts as happened unless a look sees the contrary");
export const approve = answering("approve", "approve", "is approved");
