// `stillwater probe start|stop|verdict`: the continuity probe without a plan.
import { InvalidArgumentError } from "commander";
import { exitCodes, StillwaterError } from "../../model/errors.ts";
import { startProbe, stopProbe } from "../../usecases/probe-start.ts";
import { judgeProbe } from "../../usecases/probe-verdict.ts";
import { defineVerb, type Context } from "../context.ts";
import { startedLines, stoppedLines, verdictDocument, probeVerdictLines } from "../render/probe-verdict.ts";

interface Options {
  readonly rate?: number;
  readonly probe?: number;
  readonly discard?: boolean;
}
/** As the cluster file's schema has it. */
const fastest = 10_000;
function rateOf(text: string): number {
  const rate = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || rate <= 0 || rate > fastest)
    throw new InvalidArgumentError(`It must be a number of attempts per second, up to ${fastest}.`);
  return rate;
}
function probeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("It must be the number of a probe.");
  return Number(text);
}

export const verb = defineVerb<Options>({
  configure: (command) =>
    command
      .argument("<action>", "start, stop or verdict")
      .argument("[cluster]", "its name, to be sure that it is the cluster file's")
      .option("--rate <n>", "start: attempts per second (default: continuity.rate of the cluster file)", rateOf)
      .option("--probe <n>", "stop, verdict: its number (default: the newest)", probeNumber)
      .option("--discard", "stop: also remove its records from the cluster, without a verdict"),
  examples: [
    "stillwater probe start --rate 100",
    "stillwater probe verdict",
    "stillwater probe stop orders",
    "stillwater probe verdict orders --json",
  ],
  exits: ["ok", "failed", "usage", "refused", "notMeasured"],
  async run(context, [action = "", cluster], options) {
    const of = cluster === undefined ? {} : { cluster };
    const probe = options.probe === undefined ? {} : { probe: options.probe };
    refuseStrangers(action, options);
    switch (action) {
      case "start": {
        const started = await startProbe(context.workspace, { ...of, ...(options.rate === undefined ? {} : { rate: options.rate }) });
        return tell(context, started, startedLines(started));
      }
      case "stop": {
        const stopped = await stopProbe(context.workspace, {
          ...of,
          ...probe,
          ...(options.discard === undefined ? {} : { discard: options.discard }),
        });
        return tell(context, stopped, stoppedLines(stopped, options.discard === true));
      }
      case "verdict": {
        const verdict = await judgeProbe(context.workspace, { ...of, ...probe });
        tell(context, verdictDocument(verdict), probeVerdictLines(verdict, context.style, context.io.now()));
        return { pass: exitCodes.ok, fail: exitCodes.failed, "not-measured": exitCodes.notMeasured }[verdict.continuity.verdict].code;
      }
      default:
        throw new StillwaterError("SW1001", `probe has no ${JSON.stringify(action)}.`, { object: action, remedy: "It has: start, stop, verdict." });
    }
  },
});

function tell(context: Context, document: unknown, lines: readonly string[]): number {
  context.document(document);
  context.print(lines);
  return exitCodes.ok.code;
}

const belongs: Readonly<Record<keyof Options, readonly string[]>> = { rate: ["start"], probe: ["stop", "verdict"], discard: ["stop"] };

/** A flag of another action would be passed over in silence. */
function refuseStrangers(action: string, options: Options): void {
  for (const [flag, actions] of Object.entries(belongs))
    if (flag in options && ["start", "stop", "verdict"].includes(action) && !actions.includes(action))
      throw new StillwaterError("SW1001", `--${flag} does not belong to probe ${action}.`, {
        object: `--${flag}`,
        remedy: `It belongs to: ${actions.join(", ")}.`,
      });
}
