// `finish`, `terminate`, `force-stop`: how an operator ends a run by himself.
import { Option } from "commander";
import { exitCodes } from "../../model/errors.ts";
import type { ForcedEnd } from "../../model/event.ts";
import { finishRun, forceStopRun, terminateRun } from "../../usecases/end-run.ts";
import { clusterName } from "../../usecases/runs.ts";
import { defineVerb } from "../context.ts";
import { reasonOf } from "../flags.ts";
import { showing } from "../live/carry-out.ts";
import { clean } from "../render/text.ts";
import { abortVerb } from "./abort.ts";
import { runExits } from "./maintenance.ts";

interface Options {
  readonly reason?: string;
}
const why = ["--reason <text>", "why; kept in the journal with your name"] as const;

export const finish = defineVerb<Options>({
  configure: (command) => command.argument("[cluster]", "its name, when there is more than one").option(...why),
  examples: ['stillwater finish --reason "logon and the nightly jobs were tried"'],
  exits: runExits,
  async run(context, [cluster], { reason }) {
    const name = await clusterName(context.workspace, cluster ?? null);
    const said = reasonOf(reason, "A verified result");
    return showing(context, name, (observer) => finishRun(context.workspace, { reason: said }, observer));
  },
});

export const terminate = abortVerb('stillwater terminate --reason "the window was withdrawn"', "A termination", terminateRun);

export const forceStop = defineVerb<Options & { readonly mark: ForcedEnd["mark"] }>({
  configure: (command) =>
    command
      .argument("[cluster]", "its name, when there is more than one")
      .addOption(new Option("--mark <result>", "what came of it").choices(["succeeded", "failed"]).makeOptionMandatory())
      .option(...why),
  examples: ['stillwater force-stop --mark failed --reason "the vendor takes it from here"'],
  exits: ["aborted", "usage", "refused", "busy"],
  async run(context, [cluster], { reason, mark }) {
    await clusterName(context.workspace, cluster ?? null);
    const ended = await forceStopRun(context.workspace, { mark, reason: reasonOf(reason, "A forced end") }, (holder) => {
      context.io.err.write(`Asked ${clean(holder)} to stand still: waiting until the step under way is over, at most two minutes.\n`);
    });
    context.document({ ...ended, at: ended.at.toISOString() });
    const left =
      ended.left.length === 0
        ? ["Nothing temporary is left set."]
        : ["Still set in the cluster, for you to put back:", ...ended.left.map((each) => `  ${each}`)];
    context.print(
      [
        `Run ${String(ended.run)} of ${ended.cluster} was stopped where it was, and marked ${mark}.`,
        ...left,
        `Report: stillwater report ${String(ended.run)}`,
      ].map(clean),
    );
    return exitCodes.aborted.code;
  },
});
