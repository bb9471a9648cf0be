// Stop and resume of task dispatch, which only the Manager can do (facts 3.3), and which is believed only when it is seen: nothing starts any more; what is due
// starts again.
import type { DpCluster } from "../cluster.ts";
import type { DispatchParams } from "../step-names.ts";
import type { Instance } from "../wire/operations/instances.ts";
import { statusOf } from "./judge.ts";
import { managerOperation } from "./manager.ts";
import type { Observation } from "./observe.ts";
import { pendingIn, runningIn } from "./work.ts";
import { steps } from "../steps.ts";

/** Nothing has started for so long: dispatch has stopped. A scheduler looks every few seconds. */
const QUIET_MS = 10_000;

/** Its run, not only itself: a re-run of the same instance is a start, too. */
const runOf = ({ id, startedAt }: Instance): string => `${id} ${String(startedAt)}`;

export function stopDispatchOperation(cluster: DpCluster) {
  /** Of this process: what ran when nothing had started last. */
  let quiet: { readonly runs: ReadonlySet<string>; readonly since: number } | null = null;
  return managerOperation<DispatchParams>(cluster, "stopDispatch", {
    async observe({ projects }, { now }): Promise<Observation> {
      const running = await runningIn(cluster, projects);
      const started = quiet === null ? [] : running.filter((instance) => !quiet?.runs.has(runOf(instance)));
      if (quiet === null || started.length > 0) {
        quiet = { runs: new Set(running.map(runOf)), since: now };
        const why = started[0] === undefined ? "" : `; ${started[0].node} has just started`;
        return { is: "not yet", why: `${String(QUIET_MS / 1_000)} s in which no instance starts${why}` };
      }
      if (now - quiet.since < QUIET_MS) return { is: "not yet", why: `${String(QUIET_MS / 1_000)} s in which no instance starts` };
      return { is: "holds", evidence: `no instance started for ${String(QUIET_MS / 1_000)} s; ${String(running.length)} run` };
    },
    undo: (params) => [steps.resumeDispatch("resume", params)],
  });
}

export const resumeDispatchOperation = (cluster: DpCluster) =>
  managerOperation<DispatchParams>(cluster, "resumeDispatch", {
    alone: true,
    async observe({ projects }, { now }): Promise<Observation> {
      const waiting = await pendingIn(cluster, projects, false);
      const due = waiting.filter((instance) => isDue(instance, now));
      const [first] = due;
      if (first === undefined) return { is: "holds", evidence: "nothing waits that is due and not paused" };
      return {
        is: "not yet",
        why: `${String(due.length)} instances that are due to start (${first.node}): if they do not, resume task dispatch in Dataphin Manager`,
      };
    },
  });

/** Only what waits for nothing but the dispatcher: what waits for upstream instances, its turn or resources says nothing of it. */
const isDue = (instance: Instance, now: number): boolean =>
  !instance.paused && instance.dueAt !== null && instance.dueAt + QUIET_MS < now && statusOf(instance) === "WAIT_SCHEDULE";
