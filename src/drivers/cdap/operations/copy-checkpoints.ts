// The checkpoint of a real-time pipeline copied before it is deployed again: the first start of the new deployment deletes it (facts 4.2). Only a command of the
// operator's can reach it; its end is the proof that there is.
import type { Look } from "../../../model/driver.ts";
import { StillwaterError } from "../../../model/errors.ts";
import type { Json } from "../../../model/json.ts";
import { operation, type NamedOperation } from "../../../planner/kit.ts";
import type { CdapFacts } from "../facts.ts";
import { appKey } from "../ledger/program-directory.ts";
import type { StepParams } from "../step-names.ts";
import { commandNamed, commandState, saying, Tries, type CommandName, type Told } from "./commanded.ts";
import type { Desk } from "./desk.ts";

export type CopyProof = { readonly app: string; readonly from: string; readonly copy: string };
export const isCopyProof = (proof: Json): proof is CopyProof => proof !== null && typeof proof === "object" && "copy" in proof && "from" in proof;

export function copyCheckpoints(desk: Desk): NamedOperation<CdapFacts, StepParams["copyCheckpoints"]> {
  const { host } = desk.cluster.router;
  const tries = new Tries();
  return operation<CdapFacts, StepParams["copyCheckpoints"], CommandName, Told | null>("copyCheckpoints", {
    // A command whose answer was lost may still begin.
    settleMs: 45_000,
    answersSettle: true,
    fenced: "host",
    prepare: async ({ ns, app }, { now }) => commandNamed(`checkpoints-${ns}-${app}`, now),
    look: async ({ ns, app, from, to }, { before }): Promise<Look> => {
      const state = await commandState(host, before);
      switch (state.is) {
        case "absent":
          return { is: "open", why: `${from} is not copied yet` };
        case "running":
          return { is: "waiting", for: saying("the copy to end", state.said) };
        case "ended":
          return { is: "done", proof: { app: appKey({ ns, app }), from, copy: to } satisfies CopyProof };
        case "failed":
          return { is: "open", why: `the copy ${state.how}` };
      }
    },
    act: ({ ns, app, command, from, to }, { before, receipt }, context) => {
      const failure = (how: string): StillwaterError =>
        new StillwaterError("SW2106", `The copy of the checkpoint of ${appKey({ ns, app })} ${how}.`, {
          object: `${[...command, from, to].join(" ")} on ${host.name}`,
          remedy: "Mend the cause and `stillwater resume`: it is copied once more. `stillwater skip` goes on without the copy.",
        });
      return tries.begin({ host, named: before, argv: [...command, from, to], receipt, failure }, context);
    },
  });
}
