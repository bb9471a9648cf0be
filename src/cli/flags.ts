// Values of flags that more than one verb has.
import { InvalidArgumentError, Option, type Command } from "commander";
import { StillwaterError } from "../model/errors.ts";
import { modes, type Mode } from "../model/goal.ts";
import type { GoalRequest } from "../usecases/goal.ts";
import { ownFlags } from "./own-flags.ts";

/** `key=value`, repeated. A key that is given twice is a slip of the pen. */
export function keyValue(text: string, earlier: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const cut = text.indexOf("=");
  if (cut <= 0) throw new InvalidArgumentError(`It must be KEY=VALUE.`);
  const key = text.slice(0, cut).trim();
  if (Object.hasOwn(earlier, key)) throw new InvalidArgumentError(`${key} is given twice.`);
  return { ...earlier, [key]: text.slice(cut + 1) };
}
export const repeated = (text: string, earlier: readonly string[] = []): readonly string[] => [...earlier, text];
export const list = (text: string, earlier: readonly string[] = []): readonly string[] => [
  ...earlier,
  ...text
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== ""),
];
export function runNumber(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError("It must be the number of a run.");
  return Number(text);
}
/** A reason that says something; error SW1006. */
export function reasonOf(reason: string | undefined, what: string): string {
  if (reason === undefined || reason.trim() === "") throw new StillwaterError("SW1006", `${what} needs a reason.`);
  return reason.trim();
}

/** Each override with the one reason of the call; error SW1006 without it. */
export function overridesOf(
  codes: readonly string[] | undefined,
  reason: string | undefined,
): readonly { readonly code: string; readonly reason: string }[] {
  const named = [...new Set(codes)];
  if (named.length === 0) return [];
  const why = reasonOf(reason, `An override of ${named.join(", ")}`);
  return named.map((code) => ({ code, reason: why }));
}

/** The flags of a goal, as `plan` and `check` have them. */
export interface GoalFlags {
  readonly to?: string;
  readonly artifact?: string;
  readonly package?: string;
  readonly mode?: Mode | "auto";
  readonly set?: Readonly<Record<string, string>>;
  readonly unset?: readonly string[];
  readonly restart?: boolean;
  readonly only?: readonly string[];
  readonly option?: Readonly<Record<string, string>>;
}
export const goalFlags = (command: Command): Command =>
  command
    .option("--to <version>", "the version to reach")
    .argument("[flags...]", "options of the system's own may be written as flags, e.g. --jobs wait")
    .option("--artifact <path>", "the release to install (a local file)")
    .option("--package <path>", "the same, as other vendors call it")
    .addOption(new Option("--mode <mode>", "how much users may feel; auto takes the least that is eligible").choices([...modes, "auto"]))
    .option("--set <key=value>", "change a setting (repeat for more)", keyValue)
    .option("--unset <key>", "take a setting back to its default (repeat for more)", repeated)
    .option("--restart", "restart the nodes one after the other")
    .option("--only <node,...>", "only these nodes, or the nodes of these roles", list)
    .option("-o, --option <key=value>", "an option of the system's own (repeat for more)", keyValue);

/** `words`: what the parser left, flags of the system's own; `verb` names whose help to read. Error SW1001. */
export function goalRequest(flags: GoalFlags, words: readonly string[], verb: string): GoalRequest {
  const own = ownFlags(words, verb);
  if (own.target !== "")
    throw new StillwaterError("SW1001", `${JSON.stringify(own.target)} is one word too many.`, {
      object: own.target,
      remedy: `See stillwater ${verb} --help.`,
    });
  if (flags.artifact !== undefined && flags.package !== undefined)
    throw new StillwaterError("SW1001", "--package and --artifact are the same.", { object: "--package", remedy: "Give one of them." });
  const twice = Object.keys(own.flags).find((key) => flags.option !== undefined && Object.hasOwn(flags.option, key));
  if (twice !== undefined) throw new StillwaterError("SW1001", `${twice} is given twice.`, { object: twice });
  const artefact = flags.artifact ?? flags.package;
  const options = { ...flags.option, ...own.flags };
  const both = (flags.unset ?? []).find((key) => flags.set !== undefined && Object.hasOwn(flags.set, key));
  if (both !== undefined) throw new StillwaterError("SW1001", `${both} is both set and unset.`, { object: both });
  const settings = { ...flags.set, ...Object.fromEntries((flags.unset ?? []).map((key) => [key, null])) };
  return {
    ...(flags.to === undefined ? {} : { version: flags.to }),
    ...(artefact === undefined ? {} : { artefact }),
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
    ...(flags.restart === undefined ? {} : { restart: flags.restart }),
    ...(flags.mode === undefined ? {} : { mode: flags.mode }),
    ...(flags.only === undefined ? {} : { only: flags.only }),
    ...(Object.keys(options).length === 0 ? {} : { options }),
  };
}
