// datanodeRestartInterval: with it the controller starts a data node again that it believes crashed, also in the middle of its turn (facts 0.8). Set online it
// counts for that one controller and until its restart; then controller.cfg counts again, and what somebody had set online before the run is set again.
import { operation } from "../../../planner/kit.ts";
import type { DdCluster, DdNode } from "../cluster.ts";
import type { DdFacts } from "../facts.ts";
import { readProcess, type NodeProcess } from "../processes.ts";
import type { RestartIntervals, StepParams } from "../step-names.ts";
import { steps } from "../steps.ts";
import { isUnknownFunction, Malformed } from "../wire/errors.ts";
import { integerOf } from "../wire/read-value.ts";
import { effectTimeoutMs } from "../wire/wire-rpc.ts";

interface Running {
  readonly controller: DdNode;
  readonly process: NodeProcess;
}
async function runningControllers(cluster: DdCluster): Promise<readonly Running[]> {
  const running: Running[] = [];
  for (const controller of cluster.nodes) {
    if (controller.role !== "controller") continue;
    const process = await readProcess(controller);
    if (process !== null) running.push({ controller, process });
  }
  return running;
}
/** Seconds; 0: none is started again. A release without the function has no such feature. */
async function readInterval(cluster: DdCluster, controller: string): Promise<number> {
  try {
    return integerOf(controller, "getDatanodeRestartInterval()", await cluster.rpc.call(controller, "getDatanodeRestartInterval"));
  } catch (error) {
    if (isUnknownFunction(error)) return 0;
    throw error;
  }
}
/** What controller.cfg says. */
async function configuredInterval(cluster: DdCluster, controller: string): Promise<number> {
  const value = await cluster.rpc.call(controller, "getConfig", ["datanodeRestartInterval"]);
  const seconds = Number(value ?? 0);
  if (!Number.isSafeInteger(seconds) || seconds < 0)
    throw new Malformed(controller, `getConfig("datanodeRestartInterval") is ${typeof value === "string" ? value : "no number"}`);
  return seconds;
}
/** What somebody had set online counts again after a restart that was ours, unless its configuration says something else since. */
async function secondsFor(cluster: DdCluster, controller: string, process: NodeProcess, was: RestartIntervals[string] | undefined): Promise<number> {
  if (was?.boot === process.boot) return was.seconds;
  const configured = await configuredInterval(cluster, controller);
  return was?.configured === configured ? was.seconds : configured;
}
const setInterval = (seconds: number): string => `setDatanodeRestartInterval(${String(seconds)})`;

export const stopRestartingOperation = (cluster: DdCluster) =>
  operation<DdFacts, StepParams["stopRestarting"], RestartIntervals>("stopRestarting", {
    fenced: "host",
    settleMs: effectTimeoutMs,
    answersSettle: true,
    async prepare() {
      const was: Record<string, RestartIntervals[string]> = {};
      for (const { controller, process } of await runningControllers(cluster))
        was[controller.name] = {
          boot: process.boot,
          seconds: await readInterval(cluster, controller.name),
          configured: await configuredInterval(cluster, controller.name),
        };
      return was;
    },
    async look(_, { before }) {
      const wrong: string[] = [];
      for (const { controller } of await runningControllers(cluster)) {
        const seconds = await readInterval(cluster, controller.name);
        if (seconds !== 0) wrong.push(`${controller.name} has datanodeRestartInterval ${String(seconds)}`);
      }
      return wrong.length === 0 ? { is: "done", proof: { was: before } } : { is: "open", why: wrong.join("; ") };
    },
    async act(_, __, context) {
      for (const { controller } of await runningControllers(cluster)) {
        const { name, host } = controller;
        if ((await readInterval(cluster, name)) === 0) continue;
        await context.send(host.name, (fence) => cluster.rpc.effect(name, setInterval(0), { host, fence }));
      }
      return null;
    },
    // Also where all were 0: a controller that restarts meanwhile has its configured value back, which is then set to 0 as well.
    undo: (_, was) => [steps.restoreRestarting("restore", { was: was ?? {} })],
  });

export const restoreRestartingOperation = (cluster: DdCluster) => {
  /** Controllers that do not have what they should, with that. */
  const wanting = async (was: RestartIntervals): Promise<readonly { readonly controller: DdNode; readonly seconds: number }[]> => {
    const found: { readonly controller: DdNode; readonly seconds: number }[] = [];
    for (const { controller, process } of await runningControllers(cluster)) {
      const seconds = await secondsFor(cluster, controller.name, process, was[controller.name]);
      if ((await readInterval(cluster, controller.name)) !== seconds) found.push({ controller, seconds });
    }
    return found;
  };
  return operation<DdFacts, StepParams["restoreRestarting"]>("restoreRestarting", {
    fenced: "host",
    settleMs: effectTimeoutMs,
    answersSettle: true,
    async look({ was }) {
      const left = await wanting(was);
      if (left.length === 0) return { is: "done" };
      return { is: "open", why: left.map(({ controller, seconds }) => `${controller.name} should have ${String(seconds)} s`).join("; ") };
    },
    async act({ was }, _, context) {
      for (const { controller, seconds } of await wanting(was)) {
        const { name, host } = controller;
        await context.send(host.name, (fence) => cluster.rpc.effect(name, setInterval(seconds), { host, fence }));
      }
      return null;
    },
  });
};
