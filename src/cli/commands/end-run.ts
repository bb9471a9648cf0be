// `finish`, `terminate`, `force-stop`: how an operator ends a run by himself.
import { Option } from "commander";
import { exitCodes } from "../../model/errors.ts";
import type { ForcedEnd } from "../../model/event.ts";
import { finishRun, forceStopRun, terminateRun } from "../../usecases/end-run.ts";
import { clusterName } from "../../usecases/runs.ts";
import { defineVerb } from "../context.ts";
import { reasonOf } from "../flags.ts";
import { showing } from "../live/carry-out.ts";
import { tellEnd } from "../live/end.ts";
import { Left, showWork } from "../live/work.ts";
import { watching } from "../live/watching.ts";
import { clean } from "../render/text.ts";
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

export const terminate = defineVerb<Options>({
  configure: (command) => command.argument("[cluster]", "its name, when there is more than one").option(...why),
  examples: ['stillwater terminate --reason "the window was withdrawn"'],
  exits: ["usage", "refused", "needsOperator", "busy", "aborted"],
  async run(context, [cluster], { reason }) {
    const name = await clusterName(context.workspace, cluster ?? null);
    const said = reasonOf(reason, "A termination");
    try {
      const result = await showWork(context, name, async (observer) => {
        const own = await terminateRun(context.workspace, { reason: said }, observer);
        if (own !== null) return own;
        throw new Signalled();
      });
      return await tellEnd(context, result);
    } catch (thrown) {
      // A worker that lives does it itself: look on until it is through.
      if (thrown instanceof Signalled) return await watching(context, {});
      if (!(thrown instanceof Left)) throw thrown;
      context.leaveAtOnce();
      return exitCodes.needsOperator.code;
    }
  },
});
class Signalled extends Error {}

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
    const ended = await forceStopRun(context.workspace, { mark, reason: reasonOf(reason, "A forced end") });
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
