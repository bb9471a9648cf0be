// systemd brings a node back that was stopped (the tutorial's units have Restart=always, facts 0.8): Restart=no for the time of a turn, by a drop-in below
// /run that a reboot forgets. Data nodes are children of their agent and have no unit of their own.
import { Refused } from "../../../model/errors.ts";
import type { Fence } from "../../../model/fence.ts";
import type { Host } from "../../../model/host.ts";
import { operation } from "../../../planner/kit.ts";
import type { DdCluster, DdNode } from "../cluster.ts";
import type { DdFacts } from "../facts.ts";
import { readProcess } from "../processes.ts";
import type { StepParams } from "../step-names.ts";
import { steps } from "../steps.ts";

type Unit = { readonly node: string; readonly unit: string };
type BeforeHold = { readonly units: readonly Unit[] };
const commandTimeoutMs = 10_000;
const dropIn = (unit: string): string => `/run/systemd/system/${unit}.d/stillwater.conf`;
const dropInText = "# Written by Stillwater for the time of a turn.\n[Service]\nRestart=no\n";

/** The system unit that manages this node's process; null: none does. */
export async function unitOf(node: DdNode): Promise<string | null> {
  const process = await readProcess(node);
  if (process === null) return null;
  // Without it (another kernel, a process that has just ended) nothing says that a unit manages it.
  const { stdout: cgroups } = await node.host.query(["cat", `/proc/${String(process.pid)}/cgroup`], { timeoutMs: commandTimeoutMs });
  const unit = /\/system\.slice\/(?:[^/\n]+\/)*([^/\n]+\.service)(?:\/|\n|$)/.exec(cgroups)?.[1];
  if (unit === undefined) return null;
  const shown = await show(node.host, unit, ["MainPID", "ExecStart", "WorkingDirectory"]);
  // A process that somebody else's service has started is not managed by it: an ssh session, a build, a scheduler.
  const manages =
    shown["MainPID"] === String(process.pid) || [shown["ExecStart"], shown["WorkingDirectory"]].some((text) => text?.includes(node.server));
  return manages ? unit : null;
}
async function show(host: Host, unit: string, properties: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const result = await host.query(["systemctl", "show", unit, ...properties.map((property) => `--property=${property}`)], {
    timeoutMs: commandTimeoutMs,
  });
  if (result.code !== 0) throw new Refused(`systemctl show ${unit} on ${host.name}: ${result.stderr.trim()}`, { code: "SW3004", object: unit });
  return Object.fromEntries(
    result.stdout.split("\n").flatMap((line) => {
      const at = line.indexOf("=");
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)]] : [];
    }),
  );
}
async function reload(host: Host, fence: Fence): Promise<void> {
  const result = await host.run(fence, ["systemctl", "daemon-reload"], { timeoutMs: 3 * commandTimeoutMs });
  if (result.code !== 0) throw new Refused(`systemctl daemon-reload on ${host.name}: ${result.stderr.trim()}`, { code: "SW3004", object: host.name });
}
function hostOf(cluster: DdCluster, name: string): Host {
  const host = cluster.nodes.find(({ hostName }) => hostName === name)?.host;
  if (host === undefined) throw new Refused(`the cluster has no node on host ${name}`, { code: "SW1107", object: name });
  return host;
}
const restartOf = async (host: Host, unit: string): Promise<string> => (await show(host, unit, ["Restart"]))["Restart"] ?? "no";

export const holdUnitsOperation = (cluster: DdCluster) =>
  operation<DdFacts, StepParams["holdUnits"], BeforeHold>("holdUnits", {
    fenced: "host",
    async prepare({ nodes }) {
      const units: Unit[] = [];
      for (const name of nodes) {
        const unit = await unitOf(cluster.node(name));
        if (unit !== null) units.push({ node: name, unit });
      }
      return { units };
    },
    async look({ host: name }, { before: { units } }) {
      const host = hostOf(cluster, name);
      const restarting: string[] = [];
      for (const { unit } of units) {
        const restart = await restartOf(host, unit);
        if (restart !== "no") restarting.push(`${unit} has Restart=${restart}`);
      }
      if (restarting.length > 0) return { is: "open", why: restarting.join("; ") };
      const unnamed = units.filter(({ node }) => cluster.service(node) === null);
      const [first] = unnamed;
      if (first === undefined) return { is: "done", proof: { units } };
      return {
        is: "unclear",
        known: unnamed.map(({ node, unit }) => `${node} is run by ${unit} on ${name}, and the cluster file names no service for it`),
        unknown: [
          `whether it may run outside of ${first.unit} after its turn: its script would start it so. Better: abort, name the unit under \`service:\` of ${first.node}, and plan again`,
        ],
      };
    },
    async act({ host: name }, { before: { units } }, context) {
      const host = hostOf(cluster, name);
      await context.send(name, async (fence) => {
        for (const { unit } of units) {
          await host.makeDirectory(fence, `/run/systemd/system/${unit}.d`);
          await host.writeFile(fence, dropIn(unit), dropInText);
        }
        await reload(host, fence);
      });
      return null;
    },
    undo: ({ host }, { units }) => (units.length === 0 ? [] : [steps.releaseUnits("release", { host, units: units.map(({ unit }) => unit) })]),
  });

export const releaseUnitsOperation = (cluster: DdCluster) =>
  operation<DdFacts, StepParams["releaseUnits"]>("releaseUnits", {
    fenced: "host",
    async look({ host: name, units }) {
      const host = hostOf(cluster, name);
      for (const unit of units) {
        if ((await host.readText(dropIn(unit))) !== null) return { is: "open", why: `${dropIn(unit)} is still there` };
        // systemd goes by what it has read last.
        const { DropInPaths: paths = "" } = await show(host, unit, ["DropInPaths"]);
        if (paths.includes(dropIn(unit))) return { is: "open", why: `systemd has not read ${unit} again` };
      }
      return { is: "done" };
    },
    async act({ host: name, units }, _, context) {
      const host = hostOf(cluster, name);
      await context.send(name, async (fence) => {
        for (const unit of units) await host.removeFile(fence, dropIn(unit));
        await reload(host, fence);
      });
      return null;
    },
  });
