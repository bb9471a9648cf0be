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
  const controllers = cluster.nodes.filter(({ role }) => role === "controller");
  const read = await Promise.all(controllers.map(async (controller) => ({ controller, process: await readProcess(controller) })));
  return read.flatMap(({ controller, process }) => (process === null ? [] : [{ controller, process }]));
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
      const running = await runningControllers(cluster);
      const read = running.map(async ({ controller: { name }, process }): Promise<readonly [string, RestartIntervals[string]]> => {
        const [seconds, configured] = await Promise.all([readInterval(cluster, name), configuredInterval(cluster, name)]);
        return [name, { boot: process.boot, seconds, configured }];
      });
      return Object.fromEntries(await Promise.all(read));
    },
    async look(_, { before }) {
      const running = await runningControllers(cluster);
      const intervals = await Promise.all(running.map(async ({ controller: { name } }) => ({ name, seconds: await readInterval(cluster, name) })));
      const wrong = intervals.flatMap(({ name, seconds }) => (seconds === 0 ? [] : [`${name} has datanodeRestartInterval ${String(seconds)}`]));
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
    const running = await runningControllers(cluster);
    const read = running.map(async ({ controller, process }) => {
      const { name } = controller;
      const [seconds, now] = await Promise.all([secondsFor(cluster, name, process, was[name]), readInterval(cluster, name)]);
      return now === seconds ? [] : [{ controller, seconds }];
    });
    return (await Promise.all(read)).flat();
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
