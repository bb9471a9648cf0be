import { relative } from "node:path";
import type { NodeDefinition } from "../../model/cluster.ts";
import { exitCodes, StillwaterError } from "../../model/errors.ts";
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
/** `HOST:PORT --user ana --tls=off`: the target, and what the system makes of the rest. */
function ownFlags(words: readonly string[]): { readonly target: string; readonly flags: Readonly<Record<string, string>> } {
  const flags: Record<string, string> = {};
  let target: string | null = null;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    const named = /^--([a-z][a-z0-9.-]*)(?:=(.*))?$/s.exec(word);
    if (named === null) {
      if (target !== null || word.startsWith("-"))
        throw new StillwaterError("SW1001", `${JSON.stringify(word)} is one word too many.`, { object: word, remedy: "See stillwater init --help." });
      target = word;
      continue;
    }
    const [, name = "", attached] = named;
    const value = attached ?? words[++index];
    if (value === undefined || (attached === undefined && value.startsWith("--")))
      throw new StillwaterError("SW1001", `--${name} needs a value.`, { object: `--${name}`, remedy: "See stillwater init --help." });
    if (Object.hasOwn(flags, name)) throw new StillwaterError("SW1001", `--${name} is given twice.`, { object: `--${name}` });
    flags[name] = value;
  }
  return { target: target ?? "", flags };
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
    const { target, flags } = ownFlags(rest);
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
