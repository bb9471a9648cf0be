// A step in Dataphin Manager: by a person, who is asked, or by the command that the cluster file names, which runs once, detached, on the Manager's host and
// is found again by its mark after a crash. Either way what can be seen from outside is looked at before it counts as done.
import type { Look, Reading } from "../../../model/driver.ts";
import type { Host } from "../../../model/host.ts";
import type { Item, Step } from "../../../model/step.ts";
import { operation } from "../../../planner/kit.ts";
import type { DpCluster } from "../cluster.ts";
import type { DpFacts } from "../facts.ts";
import { managerWords, type ManagerParams, type ManagerStepName, type StepParams } from "../step-names.ts";
import { steps } from "../steps.ts";
import type { Observation } from "./observe.ts";

export interface ManagerDefinition<P extends ManagerParams> {
  observe(params: P, context: Reading): Promise<Observation>;
  /** What is observed is enough: nobody has to do what holds already. */
  readonly alone?: true;
  /** What must be done before the command is started. */
  first?(params: P): Promise<readonly Item[]>;
  undo?(params: P): readonly Item[];
}

/** Names the first run of the command; later ones have a number of their own. Unique to the step, and journaled before it starts. */
type BeforeManager = { readonly mark: string };
export type ManagerProof = {
  readonly by: "operator" | "command";
  /** What was seen from outside; null: nothing tells, and whoever did it is the only witness. */
  readonly seen: string | null;
  /** Last line that the command wrote; null: a person did it. */
  readonly said: string | null;
  readonly attempts: number;
};

export function managerOperation<P extends ManagerParams>(cluster: DpCluster, name: ManagerStepName, definition: ManagerDefinition<P>) {
  const { alone } = definition;
  const done = (by: ManagerProof["by"], observed: Observation, said: string | null, attempts: number): Look => {
    const proof: ManagerProof = { by, seen: observed.is === "holds" ? observed.evidence : null, said, attempts };
    return { is: "done", proof };
  };
  return operation<DpFacts, P, BeforeManager>(name, {
    fenced: "host",
    prepare: async (_, { now }) => ({ mark: `dataphin-${cluster.cluster}-${managerWords[name]}-${String(now)}` }),
    async look(params, { before }, context): Promise<Look> {
      if (params.by === "operator") {
        const observed = await definition.observe(params, context);
        return observed.is === "not yet" ? { is: "waiting", for: observed.why } : done("operator", observed, null, 0);
      }
      const last = await lastAttempt(managerHost(cluster), before.mark);
      if (last.state.is === "running") return { is: "waiting", for: underWay(name, last.state.output) };
      if (last.state.is === "absent") {
        const due = (await definition.first?.(params)) ?? [];
        if (due.length > 0) return { is: "expand", into: due };
      }
      const enough = last.state.is === "exited" && last.state.code === 0;
      if (!enough && alone !== true) return failed(name, params, before.mark, last);
      const observed = await definition.observe(params, context);
      if (observed.is === "holds" || (enough && observed.is === "invisible"))
        return done("command", observed, last.state.is === "absent" ? null : lastLine(last.state.output), last.attempt);
      if (!enough) return failed(name, params, before.mark, last);
      return { is: "waiting", for: observed.is === "not yet" ? observed.why : managerWords[name] };
    },
    async act(params, { before }, context) {
      const host = managerHost(cluster);
      await context.send(host.name, (fence) => host.runDetached(fence, tokenOf(before.mark, 1), argvOf(cluster, name, params)));
      return null;
    },
    ...(definition.undo === undefined ? {} : { undo: (params: P) => definition.undo?.(params) ?? [] }),
  });
}

type Attempt = { readonly attempt: number; readonly state: Awaited<ReturnType<Host["detached"]>> };

function failed(name: ManagerStepName, { by, mode, version }: ManagerParams, mark: string, { attempt, state }: Attempt): Look {
  if (state.is === "absent") return { is: "open" };
  if (state.is === "running") return { is: "waiting", for: underWay(name, state.output) };
  const how = state.is === "vanished" ? "it was ended from outside" : `it ended with exit code ${String(state.code)}`;
  const again: Step = steps.commandAgain(
    `again ${String(attempt + 1)}`,
    { by, mode, version, of: name, mark, attempt: attempt + 1 },
    `${how}${state.output.trim() === "" ? "" : `, and said "${lastLine(state.output)}"`}`,
  );
  return { is: "expand", into: [again] };
}

export const commandAgainOperation = (cluster: DpCluster) =>
  operation<DpFacts, StepParams["commandAgain"]>("commandAgain", {
    fenced: "host",
    async look({ mark, attempt }): Promise<Look> {
      const { is } = await managerHost(cluster).detached(tokenOf(mark, attempt));
      // What comes of it, the step itself looks at.
      return is === "absent" ? { is: "open" } : { is: "done" };
    },
    async act(params, _, context) {
      const host = managerHost(cluster);
      const argv = argvOf(cluster, params.of, params);
      await context.send(host.name, (fence) => host.runDetached(fence, tokenOf(params.mark, params.attempt), argv));
      return null;
    },
  });

const tokenOf = (mark: string, attempt: number): string => `${mark}-${String(attempt)}`;

/** The latest run that was started. */
async function lastAttempt(host: Host, mark: string): Promise<Attempt> {
  let last: Attempt = { attempt: 1, state: await host.detached(tokenOf(mark, 1)) };
  while (last.state.is === "exited" || last.state.is === "vanished") {
    const attempt = last.attempt + 1;
    const state = await host.detached(tokenOf(mark, attempt));
    if (state.is === "absent") break;
    last = { attempt, state };
  }
  return last;
}

const managerHost = (cluster: DpCluster): Host => (cluster.manager ?? cluster.application).host;

function argvOf(cluster: DpCluster, name: ManagerStepName, { mode, version }: ManagerParams): readonly string[] {
  const command = cluster.upgrade.by === "command" ? cluster.upgrade.command : [];
  return [...command, managerWords[name], mode, version];
}
/** A command may say nothing for a long time. */
const underWay = (name: ManagerStepName, output: string): string =>
  [`the command for ${managerWords[name]}`, lastLine(output)].filter(Boolean).join(": ");
const lastLine = (output: string): string => output.trim().split("\n").at(-1) ?? "";
