import { exitCodes } from "../../model/errors.ts";
import { verifyRun } from "../../usecases/verify.ts";
import { defineVerb } from "../context.ts";
import { runNumber } from "../flags.ts";
import { verificationLines } from "../render/verify.ts";

export const verb = defineVerb<Readonly<Record<string, never>>>({
  configure: (command) => command.argument("[run]", "its number (default: the newest)"),
  examples: ["stillwater verify", "stillwater verify 12 --json"],
  exits: ["ok", "failed", "usage", "refused", "notMeasured"],
  async run(context, [run]) {
    const result = await verifyRun(context.workspace, { run: run === undefined ? null : runNumber(run) });
    context.document(result);
    context.print(verificationLines(result, context.style));
    return { passed: exitCodes.ok, failed: exitCodes.failed, "not-measured": exitCodes.notMeasured }[result.verdict].code;
  },
});
