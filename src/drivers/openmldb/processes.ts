// Which process is a component: the pid files of start.sh (facts 3.2) checked against the processes of the host, because start.sh never removes the pid
// of a process that died, and a pid may be somebody else's by now.
import { Unreachable } from "../../model/errors.ts";
import type { ProcessState } from "../../model/host.ts";
import type { OmNode, ProcessFacts } from "./cluster.ts";

type Owner = "component" | "mon" | "stranger";

/** Throws Unreachable when the host does not answer, or does not let us see whose process a pid is. */
export async function readProcess(node: OmNode): Promise<ProcessFacts> {
  const files = { main: `${node.directory}/bin/${node.component}.pid`, child: `${node.directory}/bin/${node.component}.pid.child` };
  const [main, child] = await Promise.all([readPid(node, files.main), readPid(node, files.child)]);
  const stale = [...(main.stale ? [files.main] : []), ...(child.stale ? [files.child] : [])];
  const facts = (process: ProcessFacts["process"], pid: number | null, monPid: number | null): ProcessFacts => ({ process, pid, monPid, stale });
  const childPid = child.owner === "component" ? child.pid : null;
  if (main.owner === "mon") return facts("daemon", childPid, main.pid);
  if (main.owner === "component") return facts("background", main.pid, null);
  if (childPid !== null) return facts("daemon-lost-mon", childPid, null);
  const found = await withoutPidFile(node);
  return found === null ? facts("down", null, null) : facts("background", found, null);
}

interface PidFile {
  readonly pid: number | null;
  readonly owner: Owner | null;
  readonly stale: boolean;
}
async function readPid(node: OmNode, path: string): Promise<PidFile> {
  const text = await node.host.readText(path);
  if (text === null) return { pid: null, owner: null, stale: false };
  // mon writes its whole buffer: the number, and NULs behind it.
  const pid = Number(/^\s*(\d{1,10})[\s\0]*$/.exec(text)?.[1] ?? 0);
  if (pid <= 1) return { pid: null, owner: null, stale: true };
  const owner = await ownerOf(node, pid);
  return { pid, owner, stale: owner === null || owner === "stranger" };
}

/** Null: no such process, or a dead one that nobody has waited for. */
async function ownerOf(node: OmNode, pid: number): Promise<Owner | null> {
  const process = await node.host.process(pid);
  if (process === null || process.state === "Z") return null;
  const owner = ownerByCommand(node, process);
  if (owner === "stranger") return owner;
  return (await worksIn(node, process)) ? owner : "stranger";
}

/** mon has the component's whole command line among its own arguments. */
function ownerByCommand(node: OmNode, { command, executable }: ProcessState): Owner {
  if (/(^|\/|\s)mon(_mac)?(\s|$)/.test(command) && command.includes(`${node.component}.pid.child`)) return "mon";
  if (node.role === "taskmanager") return /taskmanager/i.test(`${command} ${executable ?? ""}`) ? "component" : "stranger";
  return new RegExp(`(^|[/=\\s])conf/${node.component}\\.flags(\\s|$)`).test(command) ? "component" : "stranger";
}

/** Two tablets on one machine have the same command line: their working directories differ. */
async function worksIn(node: OmNode, process: ProcessState): Promise<boolean> {
  if (process.executable?.startsWith(`${node.directory}/bin/`) === true) return true;
  const { stdout } = await node.host.query(["readlink", "-f", `/proc/${String(process.pid)}/cwd`, node.directory], { timeoutMs: 10_000 });
  const [own, wanted] = stdout.split("\n");
  if (own && wanted) return own === wanted || own.startsWith(`${wanted}/`);
  const again = await node.host.process(process.pid);
  if (again === null || again.startTicks !== process.startTicks || again.state === "Z") return false;
  throw new Unreachable(`whose process ${String(process.pid)} is on ${node.host.name} cannot be told: ${process.command}`, {
    object: node.name,
    remedy: `Let Stillwater reach ${node.host.name} as the user that runs ${node.component} (\`user\` of a local host, \`address: user@host\`).`,
  });
}

/** Whether the process works in that folder of its installation, or below. The kernel follows a directory that is renamed. */
export async function worksBelow(node: OmNode, pid: number, folder: string): Promise<boolean> {
  const { stdout } = await node.host.query(["readlink", "-f", `/proc/${String(pid)}/cwd`, `${node.directory}/${folder}`], { timeoutMs: 10_000 });
  const [own, wanted] = stdout.split("\n");
  return own !== undefined && own !== "" && wanted !== undefined && wanted !== "" && `${own}/`.startsWith(`${wanted}/`);
}

/** A component whose pid file is gone, as after its bin/ was replaced by hand. */
async function withoutPidFile(node: OmNode): Promise<number | null> {
  const pattern = node.role === "taskmanager" ? "[t]askmanager" : `[c]onf/${node.component}\\.flags`;
  // Code 1: no process matches. Without pgrep nothing is found, and inspect compares with what answers on the endpoint.
  const found = await node.host.query(["pgrep", "-f", pattern], { timeoutMs: 10_000 });
  if (found.code !== 0) return null;
  for (const line of found.stdout.split("\n")) {
    const pid = Number(line.trim());
    if (pid > 1 && (await ownerOf(node, pid)) === "component") return pid;
  }
  return null;
}
