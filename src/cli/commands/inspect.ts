import { exitCodes } from "../../model/errors.ts";
import { inspectCluster } from "../../usecases/inspect.ts";
import { defineVerb } from "../context.ts";
import { list } from "../flags.ts";
import { nodeLines, settingLines } from "../render/nodes.ts";
import { clean } from "../render/text.ts";
import { full, plural, zone } from "../render/time.ts";

interface Options {
  readonly setting?: readonly string[];
}
export const verb = defineVerb<Options>({
  configure: (command) => command.option("--setting <key,...>", "show these settings too", list),
  examples: ["stillwater inspect", "stillwater inspect --setting max_connections --json"],
  exits: ["ok", "usage", "refused"],
  async run(context, _, { setting }) {
    const { style } = context;
    const seen = await inspectCluster(context.workspace, { settings: setting ?? [] });
    context.document({ ...seen, at: new Date(seen.at).toISOString() });
    const down = seen.nodes.filter((node) => node.state !== "serving").length;
    const state = down === 0 ? "all serving" : style.accent(`${down} not serving`);
    context.print([
      `${style.strong(clean(seen.cluster))} (${seen.system})  ${plural(seen.nodes.length, "node")}, ${state}  ${style.quiet(`${full(seen.at)} ${zone(seen.at)}`)}`,
      ...nodeLines(seen.nodes, style),
      ...(seen.settings.length === 0 ? [] : ["", ...settingLines(seen.settings, style)]),
    ]);
    return exitCodes.ok.code;
  },
});
