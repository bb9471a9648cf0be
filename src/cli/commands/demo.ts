import { Option } from "commander";
import { exitCodes } from "../../model/errors.ts";
import { modes, type Mode } from "../../model/goal.ts";
import { runDemo } from "../../usecases/demo.ts";
import { systems } from "../../usecases/registry.ts";
import { defineVerb } from "../context.ts";
import { exitOfReport } from "../live/end.ts";
import { clean, wrapTo } from "../render/text.ts";
import { count, duration } from "../render/time.ts";

interface Options {
  readonly killOrchestrator?: boolean;
  readonly keep?: boolean;
  readonly config?: boolean;
  readonly tutorial?: boolean;
  readonly mode?: Mode;
}
export const verb = defineVerb<Options>({
  configure: (command) =>
    command
      .argument("[system]", `one of: ${systems.map((each) => each.system).join(", ")}`)
      .option("--kill-orchestrator", "kill Stillwater in the middle of the run, then resume")
      .option("--keep", "leave the cluster up to play with")
      .option("--config", "change a setting that needs a restart, instead of the version")
      .option("--tutorial", "the very example of the vendor's page, where the system has one")
      .addOption(new Option("--mode <mode>", "how much users may feel").choices(modes)),
  examples: ["stillwater demo", "stillwater demo --kill-orchestrator"],
  exits: ["ok", "failed", "usage", "notMeasured"],
  async run(context, [system], { killOrchestrator, keep, config, tutorial, mode }) {
    const { io, style } = context;
    const result = await runDemo({
      system: system ?? null,
      killOrchestrator: killOrchestrator === true,
      keep: keep === true,
      config: config === true,
      tutorial: tutorial === true,
      mode: mode ?? null,
      quiet: context.json,
      say: ({ is, text }) => {
        if (context.json) return;
        // A command is there to be copied: nothing is broken in it.
        if (is === "command") io.out.write(`\n${style.strong(`$ ${clean(text)}`)}\n`);
        else io.out.write(`${(text.startsWith("  ") ? [text] : wrapTo(text, style.columns)).join("\n")}\n`);
      },
    });
    context.document({ reports: result.reports, application: result.application, killed: result.killed, directory: result.directory });
    const { acknowledged, failed, lost, longestGapMs, told } = result.application;
    const rows = `An application that ran beside it says: ${count(acknowledged)} writes acknowledged, ${count(lost)} lost, ${count(failed)} refused, longest gap ${duration(longestGapMs)}.`;
    context.print(["", ...wrapTo(told ?? rows, style.columns).map(lost === 0 ? style.proved : style.accent)]);
    if (lost > 0) return exitCodes.failed.code;
    return Math.max(exitCodes.ok.code, ...result.reports.map(exitOfReport));
  },
});
