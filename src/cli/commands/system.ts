// `stillwater SYSTEM COMMAND`: the commands of a vendor's own tool, with the vendor's flags.
import type { Command } from "commander";
import type { FactTable, SystemCommand, SystemModule } from "../../model/driver.ts";
import { exitCodes } from "../../model/errors.ts";
import { shortHash } from "../../planner/plan.ts";
import { runSystemCommand } from "../../usecases/system-command.ts";
import { defineVerb, type AnyVerb, type Context } from "../context.ts";
import { carryOut } from "../live/carry-out.ts";
import { factTableLines } from "../render/nodes.ts";
import { runExits } from "./maintenance.ts";

/** One verb for each command of the system. */
export const systemVerbs = (module: SystemModule): readonly { readonly command: SystemCommand; readonly verb: AnyVerb }[] =>
  (module.commands ?? []).map((command) => ({ command, verb: verbOf(module, command) }));

const verbOf = (module: SystemModule, command: SystemCommand): AnyVerb =>
  defineVerb<Readonly<Record<string, string | true>>>({
    configure: (into: Command) =>
      command.flags.reduce((made, { name, value, says }) => made.option(`--${name}${value === null ? "" : ` <${value}>`}`, says), into),
    examples: [command.example],
    exits: runExits,
    run: (context, _, given) => {
      // Commander turns dashes into capitals; the vendor's flags have underscores, which stay.
      const flags = Object.fromEntries(command.flags.flatMap(({ name }) => (given[name] === undefined ? [] : [[name, given[name]]])));
      return runSystemCommand(
        {
          module,
          command,
          flags,
          workspace: context.workspace,
          parts: context.parts,
          note: (line) => {
            if (!context.json) context.io.err.write(`note: ${line}\n`);
          },
        },
        {
          tables: (tables) => Promise.resolve(show(context, tables)),
          // The command itself is the order: the vendor's tool asks nobody either. What it will do is in the journal before it does it.
          plan: (plan, workspace) => carryOut({ ...context, workspace }, plan, { probe: true, yes: shortHash(plan) }),
        },
      );
    },
  });

/** What is sick is the answer of a script that asks for it: exit code 1, where the vendor's tool says 0. */
function show(context: Context, tables: readonly FactTable[]): number {
  context.document({ tables });
  context.print(factTableLines(tables, context.style, () => true).filter((line, index) => index > 0 || line !== ""));
  return tables.some(({ rows }) => rows.some(({ sick }) => sick)) ? exitCodes.failed.code : exitCodes.ok.code;
}
