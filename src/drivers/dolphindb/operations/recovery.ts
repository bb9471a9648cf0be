// suspendRecovery and resumeRecovery: while a host is away the controller must not copy its chunks to others (facts 0.3). Each controller of the Raft group
// is told, because any of them may lead next; it can be set and not read, and a restart forgets it. So which process of each controller has answered is
// all that is known, and a controller with another process has to be told again.
import type { Acting, Look } from "../../../model/driver.ts";
import { operation } from "../../../planner/kit.ts";
import type { DdCluster, DdNode } from "../cluster.ts";
import type { DdFacts } from "../facts.ts";
import { readProcess } from "../processes.ts";
import type { StepParams } from "../step-names.ts";
import { steps } from "../steps.ts";
import { effectTimeoutMs } from "../wire/wire-rpc.ts";
import { inRaft, leaderView } from "./leader-view.ts";

/** Controller to the process that has answered. */
type Boots = { readonly [controller: string]: string };

const controllers = (cluster: DdCluster): readonly DdNode[] => cluster.nodes.filter(({ role }) => role === "controller");

/** Names of controllers that run, with a process other than the one that has answered. */
async function untold(cluster: DdCluster, told: Boots): Promise<readonly string[]> {
  const running = await Promise.all(controllers(cluster).map(async (controller) => ({ controller, process: await readProcess(controller) })));
  return running.flatMap(({ controller: { name }, process }) => (process !== null && told[name] !== process.boot ? [name] : []));
}
/** Before it is back in the Raft group a controller can neither lead nor log anybody in. Throws while none leads. */
async function outsideRaft(cluster: DdCluster, names: readonly string[]): Promise<readonly string[]> {
  const view = await leaderView(cluster);
  const asked = await Promise.all(names.map(async (name) => ((await inRaft(cluster, name, view)) ? [] : [name])));
  return asked.flat();
}

export const suspendRecoveryOperation = (cluster: DdCluster) =>
  operation<DdFacts, StepParams["suspendRecovery"], null, Boots>("suspendRecovery", {
    fenced: "host",
    settleMs: effectTimeoutMs,
    answersSettle: true,
    async look(_, { receipt }): Promise<Look> {
      const due = await untold(cluster, receipt ?? {});
      if (due.length === 0) return { is: "done", proof: { suspended: Object.keys(receipt ?? {}) } };
      const away = await outsideRaft(cluster, due);
      if (away.length > 0) return { is: "waiting", for: `${away.join(", ")} to be in the Raft group` };
      return receipt === null ? { is: "open" } : { is: "open", why: `${due.join(", ")} restarted, and a restart forgets suspendRecovery` };
    },
    act: (_, __, context) => tell(cluster, "suspendRecovery()", context),
    undo: ({ nodes, again }) => (again === true ? [] : [steps.resumeRecovery("resume", nodes)]),
  });

/**
 * With recovery on, the chunks of a node that is down are copied to others, and are there once too often when it comes back. So it is resumed when the
 * nodes are up again, also by a watchdog whose Stillwater died while they were down; but when nobody brings them back, chunks need their replicas more.
 */
const downAtMostMs = 10 * 60_000;

export const resumeRecoveryOperation = (cluster: DdCluster) => {
  let downSince: number | null = null;
  const downNow = async (nodes: readonly string[], now: number): Promise<readonly string[]> => {
    const down: string[] = [];
    for (const name of nodes) if ((await readProcess(cluster.node(name))) === null) down.push(name);
    downSince = down.length === 0 ? null : (downSince ?? now);
    return downSince !== null && now - downSince < downAtMostMs ? down : [];
  };
  return operation<DdFacts, StepParams["resumeRecovery"], null, Boots>("resumeRecovery", {
    fenced: "host",
    settleMs: effectTimeoutMs,
    answersSettle: true,
    async look({ nodes }, { receipt }, { now }): Promise<Look> {
      // A controller that was down then, or restarted since, is not suspended: there is nothing to resume.
      if (receipt !== null) return { is: "done", proof: { resumed: Object.keys(receipt) } };
      const due = await untold(cluster, {});
      if (due.length === 0) return { is: "done", proof: { resumed: [] } };
      const down = await downNow(nodes, now);
      if (down.length > 0)
        return { is: "waiting", for: `${down.join(", ")} to be up again: with recovery on, all its chunks would be copied to others` };
      const away = await outsideRaft(cluster, due);
      return away.length > 0 ? { is: "waiting", for: `${away.join(", ")} to be in the Raft group` } : { is: "open" };
    },
    act: (_, __, context) => tell(cluster, "resumeRecovery()", context),
    undo: ({ wasSuspended }) => (wasSuspended === true ? [steps.suspendRecovery("suspend", { nodes: [], again: true })] : []),
  });
};

/** To every controller that runs, one after the other. */
export async function tell(cluster: DdCluster, script: "suspendRecovery()" | "resumeRecovery()", context: Acting): Promise<Boots> {
  const boots: Record<string, string> = {};
  for (const { name, host } of controllers(cluster)) {
    const process = await readProcess(cluster.node(name));
    if (process === null) continue;
    await context.send(host.name, (fence) => cluster.rpc.effect(name, script, { host, fence }));
    boots[name] = process.boot;
  }
  return boots;
}
