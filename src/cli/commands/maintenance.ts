// `recover`, `drain`, `restore`: each makes a plan, says what it will do, and carries it out when it is confirmed.
import { exitCodes, type ExitName } from "../../model/errors.ts";
import { shortHash } from "../../planner/plan.ts";
import { planMaintenance, type MaintenanceRequest } from "../../usecases/maintenance.ts";
import type { Planned } from "../../usecases/plan.ts";
import { defineVerb, type AnyVerb, type Context } from "../context.ts";
import { keyValue, overridesOf, repeated } from "../flags.ts";
import { carryOut, carryOutEarlier } from "../live/carry-out.ts";
import { planLines } from "../render/plan.ts";

interface Options {
  readonly yes?: string;
  readonly probe: boolean;
  readonly override?: readonly string[];
  readonly reason?: string;
  readonly option?: Readonly<Record<string, string>>;
}
export const runExits: readonly ExitName[] = ["ok", "failed", "usage", "refused", "needsOperator", "busy", "notMeasured", "aborted"];

/** Shows the plan; carries it out at a terminal, once its hash was typed. */
export async function carryOutOrShow(context: Context, { plan, file }: Planned, probe: boolean): Promise<number> {
  if (context.io.canAsk && !context.json) return carryOut(context, plan, { probe });
  context.document({ name: shortHash(plan), hash: plan.hash, file, plan });
  context.print(planLines(plan, context.style));
  return exitCodes.ok.code;
}

function maintenanceVerb(is: MaintenanceRequest["is"], examples: readonly string[]): AnyVerb {
  return defineVerb<Options>({
    configure: (command) =>
      (is === "recover" ? command : command.argument("<node>", "the node, as the cluster file names it"))
        .option("--yes <hash>", `carry out the plan that an earlier \`${is}\` printed, without being asked`)
        .option("-o, --option <key=value>", "an option of the system's own (repeat for more)", keyValue)
        .option("--override <code>", "accept a blocker by its code (repeat for more)", repeated)
        .option("--reason <text>", "why the override is right; kept with your name")
        .option("--no-probe", "do not measure; the report will say `not measured`"),
    examples,
    exits: runExits,
    async run(context, [node = ""], { yes, probe, option, override, reason }) {
      if (yes !== undefined) return carryOutEarlier(context, yes, { name: is, makes: ({ goal }) => goal.maintenance?.is === is, probe: () => probe });
      const more = { options: option ?? {}, overrides: overridesOf(override, reason) };
      const request: MaintenanceRequest = is === "recover" ? { is, ...more } : { is, node, ...more };
      return carryOutOrShow(context, await planMaintenance(context.workspace, request), probe);
    },
  });
}

export const recover = maintenanceVerb("recover", ["stillwater recover", "stillwater recover --json"]);
export const drain = maintenanceVerb("drain", ["stillwater drain tablet2", "stillwater drain tablet2 --yes 7f3a09c1"]);
