// Values of flags that more than one verb has.
import { InvalidArgumentError, Option, type Command } from "commander";
import { StillwaterError } from "../model/errors.ts";
import { modes, type Mode } from "../model/goal.ts";
import type { GoalRequest } from "../usecases/goal.ts";

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
    .option("--artifact <path>", "the release to install (a local file)")
    .addOption(new Option("--mode <mode>", "how much users may feel; auto takes the least that is eligible").choices([...modes, "auto"]))
    .option("--set <key=value>", "change a setting (repeat for more)", keyValue)
    .option("--unset <key>", "take a setting back to its default (repeat for more)", repeated)
    .option("--restart", "restart the nodes one after the other")
    .option("--only <node,...>", "only these nodes, or the nodes of these roles", list)
    .option("-o, --option <key=value>", "an option of the system's own (repeat for more)", keyValue);

export function goalRequest(flags: GoalFlags): GoalRequest {
  const both = (flags.unset ?? []).find((key) => flags.set !== undefined && Object.hasOwn(flags.set, key));
  if (both !== undefined) throw new StillwaterError("SW1001", `${both} is both set and unset.`, { object: both });
  const settings = { ...flags.set, ...Object.fromEntries((flags.unset ?? []).map((key) => [key, null])) };
  return {
    ...(flags.to === undefined ? {} : { version: flags.to }),
    ...(flags.artifact === undefined ? {} : { artefact: flags.artifact }),
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
    ...(flags.restart === undefined ? {} : { restart: flags.restart }),
    ...(flags.mode === undefined ? {} : { mode: flags.mode }),
    ...(flags.only === undefined ? {} : { only: flags.only }),
    ...(flags.option === undefined ? {} : { options: flags.option }),
  };
}
