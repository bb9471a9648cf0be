import { exitCodes, StillwaterError } from "../../model/errors.ts";
import { inspectCluster } from "../../usecases/inspect.ts";
import { defineVerb } from "../context.ts";
import { list } from "../flags.ts";
import { factTableLines, nodeLines, settingLines } from "../render/nodes.ts";
import { clean } from "../render/text.ts";
import { full, plural, zone } from "../render/time.ts";

interface Options {
  readonly setting?: readonly string[];
  readonly table?: readonly string[];
  readonly filter?: string;
}
export const verb = defineVerb<Options>({
  configure: (command) =>
    command
      .option("--setting <key,...>", "show these settings too", list)
      .option("--table <name,...>", "show these tables of the system whole, or `all` (what needs a look is always shown)", list)
      .option("--filter <word>", "of those tables only the rows that have this word, e.g. a state"),
  examples: ["stillwater inspect", "stillwater inspect --setting max_connections --json"],
  exits: ["ok", "usage", "refused"],
  async run(context, _, { setting, table, filter }) {
    const { style } = context;
    const seen = await inspectCluster(context.workspace, { settings: setting ?? [], ...(filter === undefined ? {} : { filter }) });
    const unknown = (table ?? []).find((name) => name !== "all" && !seen.tables.some((each) => each.name === name));
    if (unknown !== undefined)
      throw new StillwaterError("SW1001", `${seen.system} has no table ${JSON.stringify(unknown)}.`, {
        object: unknown,
        remedy: seen.tables.length === 0 ? "This system has none." : `It has: ${seen.tables.map(({ name }) => name).join(", ")}.`,
      });
    const whole = (name: string): boolean => filter !== undefined || (table ?? []).some((each) => each === "all" || each === name);
    context.document({ ...seen, at: new Date(seen.at).toISOString() });
    const down = seen.nodes.filter((node) => node.state !== "serving").length;
    const state = down === 0 ? "all serving" : style.accent(`${down} not serving`);
    context.print([
      `${style.strong(clean(seen.cluster))} (${seen.system}${seen.lab === true ? ", a lab" : ""})  ${plural(seen.nodes.length, "node")}, ${state}  ${style.quiet(`${full(seen.at)} ${zone(seen.at)}`)}`,
      ...nodeLines(seen.nodes, style),
      ...(seen.settings.length === 0 ? [] : ["", ...settingLines(seen.settings, style)]),
      ...factTableLines(seen.tables, style, whole),
    ]);
    return exitCodes.ok.code;
  },
});
