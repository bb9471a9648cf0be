import { relative } from "node:path";
import { exitCodes } from "../../model/errors.ts";
import { defineVerb } from "../context.ts";
import { keyValue } from "../flags.ts";
import { clean } from "../render/text.ts";
import { plural } from "../render/time.ts";
import { initCluster } from "../../usecases/init.ts";
import { systems } from "../../usecases/registry.ts";

interface Options {
  readonly output?: string;
  readonly option?: Readonly<Record<string, string>>;
}
export const verb = defineVerb<Options>({
  configure: (command) =>
    command
      .argument("<system>", `the system: ${systems.map((each) => each.system).join(", ")}`)
      .argument("<target>", "one address of the running cluster: HOST:PORT")
      .option("--output <file>", "the file to write (default: the cluster file)")
      .option("-o, --option <key=value>", "an option of the system's own, e.g. user=ana (repeat for more)", keyValue),
  examples: [`stillwater init ${systems[0]?.system ?? "SYSTEM"} db1:5432 -o user=ana -o password=@env:DB_PASSWORD`],
  exits: ["ok", "usage", "refused"],
  async run(context, [system = "", target = ""], { output, option }) {
    const { file, definition } = await initCluster({
      system,
      target,
      output: output ?? context.workspace.clusterFile,
      options: option ?? {},
      parts: context.parts,
    });
    context.document({ file, definition });
    const shown = relative(process.cwd(), file);
    context.print([
      `Wrote ${shown.startsWith("..") ? file : shown}: ${clean(definition.cluster)} (${definition.system}), ${plural(definition.nodes.length, "node")} on ${plural(definition.hosts.length, "host")}.`,
      "Look it through: hosts and services are what could be seen from here. Then: stillwater inspect",
    ]);
    return exitCodes.ok.code;
  },
});
