import { relative } from "node:path";
import type { NodeDefinition } from "../../model/cluster.ts";
import { exitCodes } from "../../model/errors.ts";
import { defineVerb } from "../context.ts";
import { keyValue } from "../flags.ts";
import { ownFlags } from "../own-flags.ts";
import { clean } from "../render/text.ts";
import { plural } from "../render/time.ts";
import { initCluster } from "../../usecases/init.ts";
import { systems } from "../../usecases/registry.ts";

interface Options {
  readonly output?: string;
  readonly option?: Readonly<Record<string, string>>;
}
/** ` (2 nameserver, 3 tablet)`, where nodes have a role of their own: what was not found is seen at once. */
function rolesOf(nodes: readonly NodeDefinition[]): string {
  const roles = nodes.map(({ options }) => options["role"]).filter((role) => typeof role === "string");
  const counted = [...new Set(roles)].map((role) => `${String(roles.filter((each) => each === role).length)} ${role}`);
  return counted.length === 0 ? "" : ` (${counted.join(", ")})`;
}

export const verb = defineVerb<Options>({
  configure: (command) =>
    command
      .argument("<system>", `the system: ${systems.map((each) => each.system).join(", ")}`)
      .argument("[target]", "one address of the running cluster: HOST:PORT")
      .argument("[flags...]", "options of the system's own may be written as flags, e.g. --user ana")
      .option("--output <file>", "the file to write (default: the cluster file)")
      .option("-o, --option <key=value>", "an option of the system's own, e.g. user=ana (repeat for more)", keyValue),
  strangeFlags: true,
  examples: systems.map(({ init }) => `stillwater init ${init}`),
  exits: ["ok", "usage", "refused"],
  async run(context, [system = "", ...rest], { output, option }) {
    const { target, flags } = ownFlags(rest, "init");
    const { file, definition } = await initCluster({
      system,
      target,
      output: output ?? context.workspace.clusterFile,
      options: { ...flags, ...option },
      parts: context.parts,
    });
    context.document({ file, definition });
    const shown = relative(process.cwd(), file);
    context.print([
      `Wrote ${shown.startsWith("..") ? file : shown}: ${clean(definition.cluster)} (${definition.system}), ${plural(definition.nodes.length, "node")}${rolesOf(definition.nodes)} on ${plural(definition.hosts.length, "host")}.`,
      "Look it through: hosts and services are what could be seen from here. Then: stillwater inspect",
    ]);
    return exitCodes.ok.code;
  },
});
