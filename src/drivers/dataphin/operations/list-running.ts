// The kill list: what runs now, with everything that a later re-run needs, journaled as an expansion before anything is terminated. It is read again after
// that, until nothing runs: an instance that was being dispatched meanwhile gets a list of its own.
import type { Look } from "../../../model/driver.ts";
import type { Step } from "../../../model/step.ts";
import { operation } from "../../../planner/kit.ts";
import type { DpCluster } from "../cluster.ts";
import type { DpFacts } from "../facts.ts";
import type { Ledger, StepParams } from "../step-names.ts";
import { steps } from "../steps.ts";
import { inBatches } from "./batches.ts";
import { ledgerOf, runningIn } from "./work.ts";

/** Instances of one list: one entry of the journal must not grow without bounds. */
const BATCH = 200;

export function listRunningOperation(cluster: DpCluster) {
  /** By what is waited for; of this process: a drain begins anew after a crash, for nobody was there meanwhile to end it. */
  const since = new Map<string, number>();
  return operation<DpFacts, StepParams["listRunning"]>("listRunning", {
    async look(params, _, { now }): Promise<Look> {
      const { projects, drainMs, until, reruns } = params;
      const running = await runningIn(cluster, projects);
      if (running.length === 0) return { is: "done", proof: { running: 0 } };
      const began = since.get(projects.join()) ?? now;
      since.set(projects.join(), began);
      const left = began + drainMs - now;
      if (left > 0) {
        const names = running.slice(0, 3).map(({ node }) => node);
        return {
          is: "waiting",
          for: `${String(running.length)} running instances to end by themselves (${names.join(", ")}); in ${String(Math.ceil(left / 1_000))} s they are terminated`,
        };
      }
      return { is: "expand", into: killing(await ledgerOf(cluster, running), { until, reruns }) };
    },
  });
}

/** What a person must look at first comes first: it is put back last, when everything else runs again already. */
export function killing(ledger: Ledger, { until, reruns }: Pick<StepParams["listRunning"], "until" | "reruns">): readonly Step[] {
  const careful = ledger.filter(({ idempotent }) => !idempotent);
  const others = ledger.filter(({ idempotent }) => idempotent);
  return [
    ...inBatches(careful, BATCH).map((each, index) =>
      steps.killInstances(`kill with care ${String(index + 1)}`, { ledger: each, reruns: "ask", until }),
    ),
    ...inBatches(others, BATCH).map((each, index) => steps.killInstances(`kill ${String(index + 1)}`, { ledger: each, reruns, until })),
  ];
}
