// Which process is a node. The shipped scripts keep no pid files and find processes by `grep dolphindb` (facts 1.4), which also finds other clusters,
// editors and us: here a process counts only by its mode, its installation or directory, and its alias or address.
import { Unreachable } from "../../model/errors.ts";
import type { ProcessState } from "../../model/host.ts";
import type { DdNode } from "./cluster.ts";

export interface NodeProcess {
  readonly pid: number;
  /** Pid and start ticks: the pid alone may be somebody else's by now. */
  readonly boot: string;
}
type Processes = { readonly pid: number; readonly state: ProcessState }[];
const queryTimeoutMs = 10_000;

/** Null: it does not run. Throws Unreachable when the host does not answer, or cannot tell whose process one is. */
export async function readProcess(node: DdNode): Promise<NodeProcess | null> {
  const candidates = (await candidatesOn(node)).filter(({ state }) => commandFits(node, state));
  const fitting = await Promise.all(candidates.map(async (each) => ((await placeFits(node, each.state, candidates.length > 1)) ? [each] : [])));
  const own = fitting.flat().map(({ pid, state }): NodeProcess => ({ pid, boot: `${String(pid)}@${String(state.startTicks)}` }));
  const [only, other] = own;
  if (only !== undefined && other !== undefined)
    throw new Unreachable(`${node.name} runs twice on ${node.host.name}: processes ${String(only.pid)} and ${String(other.pid)}`, {
      object: node.name,
      remedy: `Find out which one is ${node.alias} (ps -fp ${String(only.pid)},${String(other.pid)}) and end the other one.`,
    });
  return only ?? null;
}

/** Every process whose command line has a server of DolphinDB in it. */
async function candidatesOn(node: DdNode): Promise<Processes> {
  // pgrep finds neither itself nor the shell that carries its pattern. Code 1: no process matches; any other: it could not look.
  const found = await node.host.query(["pgrep", "-f", "[d]olphindb.*-mode"], { timeoutMs: queryTimeoutMs });
  if (found.code === 1) return [];
  if (found.code !== 0)
    throw new Unreachable(`the processes of ${node.host.name} cannot be listed: pgrep ended with ${String(found.code)} ${found.stderr.trim()}`, {
      code: "SW3004",
      object: node.host.name,
      remedy: "Install pgrep (procps) on that host.",
    });
  const pids = found.stdout.split("\n").flatMap((line) => (Number(line.trim()) > 1 ? [Number(line.trim())] : []));
  const states = await Promise.all(pids.map(async (pid) => ({ pid, state: await node.host.process(pid) })));
  return states.flatMap(({ pid, state }) => (state !== null && state.state !== "Z" ? [{ pid, state }] : []));
}

/** `./../dolphindb -console 0 -mode controller ...` */
function commandFits({ role, alias, endpoint }: DdNode, { command }: ProcessState): boolean {
  const words = command.split(/\s+/);
  const mode = words[words.indexOf("-mode") + 1]?.toLowerCase();
  if (mode !== role || !words.some((word) => /(?:^|\/)dolphindb$/.test(word))) return false;
  const site = words[words.indexOf("-localSite") + 1];
  if (words.includes("-localSite") && site !== undefined) return site === `${endpoint}:${alias}` || site.endsWith(`:${alias}`);
  // The shipped scripts name neither alias nor port of a controller or an agent: there is one of them for a directory.
  return role === "controller" || role === "agent" || words.some((word) => word.split(/[/:=.]/).includes(alias));
}

/** The process of this installation, not of another one on the same host. */
async function placeFits(node: DdNode, { pid, startTicks, executable, command }: ProcessState, several: boolean): Promise<boolean> {
  const named = command.split(/\s+/).includes(`${node.endpoint}:${node.alias}`);
  if (named && !several) return true;
  const { stdout } = await node.host.query(["readlink", "-f", `/proc/${String(pid)}/cwd`, node.clusterDirectory], { timeoutMs: queryTimeoutMs });
  const [own, wanted] = stdout.split("\n");
  if (own && wanted) return own === wanted || (named && executable?.startsWith(`${node.server}/`) === true);
  const again = await node.host.process(pid);
  if (again === null || again.startTicks !== startTicks || again.state === "Z") return false;
  throw new Unreachable(`whose process ${String(pid)} is on ${node.host.name} cannot be told: ${command}`, {
    object: node.name,
    remedy: `Let Stillwater reach ${node.host.name} as the user that runs DolphinDB (\`user\` of a local host, \`address: user@host\`).`,
  });
}

/** Where the scripts and the agent let a node write its log (facts 1.4). */
export const logOf = ({ role, alias, clusterDirectory }: DdNode): string =>
  `${clusterDirectory}/log/${role === "controller" || role === "agent" ? role : alias}.log`;

/** The last lines that it wrote: they go with the message of a start or a stop that failed. */
export async function lastLog(node: DdNode): Promise<string> {
  const tail = await node.host.query(["tail", "-n", "3", logOf(node)], { timeoutMs: queryTimeoutMs });
  return tail.code === 0 && tail.stdout.trim() !== "" ? tail.stdout.trim().split("\n").join(" | ") : `${logOf(node)} cannot be read`;
}
