import { exitCodes } from "../../model/errors.ts";
import { goalKind } from "../../model/goal.ts";
import { checkCluster } from "../../usecases/check.ts";
import { defineVerb } from "../context.ts";
import { goalFlags, goalRequest, type GoalFlags } from "../flags.ts";
import { checkLines, modeLines } from "../render/nodes.ts";
import { clean } from "../render/text.ts";
import { plural } from "../render/time.ts";

interface Options extends GoalFlags {
  readonly all?: boolean;
}
export const verb = defineVerb<Options>({
  configure: (command) => goalFlags(command).option("--all", "list what passed, too"),
  examples: ["stillwater check", "stillwater check --to 17.10 --artifact release-17.10.tar.gz"],
  strangeFlags: true,
  exits: ["ok", "usage", "refused"],
  async run(context, words, options) {
    const { style } = context;
    const checked = await checkCluster(context.workspace, goalRequest(options, words, "check"));
    context.document({ ...checked, at: new Date(checked.at).toISOString() });
    const wanted = checked.assumed
      ? "a restart (no goal was given)"
      : {
          version: `version ${checked.goal.version ?? ""}`,
          configuration: "the settings",
          both: `version ${checked.goal.version ?? ""} and the settings`,
          restart: "a restart",
          recover: "recovery",
          drain: "a drain",
          restore: "what a drain moved",
          "stop-programs": "the stop of programs",
          "start-programs": "the start of programs",
          backup: "a backup",
          "restore-backup": "what a backup has",
        }[goalKind(checked.goal)];
    const verdict =
      checked.blockers > 0 ? style.accent(`${plural(checked.blockers, "blocker")}: not now`) : style.proved("nothing stands against it");
    context.print([
      `${style.strong(clean(checked.cluster))} (${checked.system})  ${clean(wanted)}: ${verdict}`,
      ...checkLines(checked.checks, style, options.all === true),
      "",
      ...modeLines(checked.modes, style),
    ]);
    return checked.blockers > 0 ? exitCodes.refused.code : exitCodes.ok.code;
  },
});
