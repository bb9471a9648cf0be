// What the host of one node tells, and the node itself.
import { StillwaterError, Unreachable } from "../../model/errors.ts";
import type { OmCluster, OmNode, ProcessFacts } from "./cluster.ts";
import { versionOfPart } from "./installed.ts";
import { readProcess, worksBelow } from "./processes.ts";
import { configFileOf, readConfig } from "./settings/config-file.ts";

export interface NodeObservation {
  readonly node: OmNode;
  readonly installed: string | null;
  readonly process: ProcessFacts;
  /** What `/version` says; null: no answer. */
  readonly running: string | null;
  /** Taskmanager: its process works in the distribution that is installed now. A distribution that was moved aside takes the process along. */
  readonly runsInstalled: boolean;
  /** Its file of settings, by key; a missing file is an empty one. */
  readonly config: ReadonlyMap<string, string>;
  /** Bytes that the host could still give to processes; null: it does not tell. */
  readonly availableBytes: number | null;
}

/** The versions of binaries that were seen, by what the file is. */
export type KnownBinaries = Map<string, string | null>;

/** Throws Unreachable when the host does not answer, and when the process on the host and what answers on the endpoint are not the same. */
export async function observeNode(cluster: OmCluster, node: OmNode, known: KnownBinaries): Promise<NodeObservation> {
  const path = `${node.directory}/${configFileOf(node)}`;
  const [installed, process, running, text, availableBytes] = await Promise.all([
    installedRelease(node, known),
    readProcess(node),
    cluster.rpc.version(node.endpoint),
    node.host.readText(path),
    node.role === "tablet" ? availableMemory(node) : null,
  ]);
  const config = readConfig(node, text ?? "");
  const endpoint = config.get("endpoint");
  if (endpoint !== undefined && endpoint !== node.address)
    throw new StillwaterError(
      "SW1102",
      `${path} on ${node.host.name} says that ${node.name} listens on ${endpoint}, the cluster file says ${node.address}`,
      {
        object: node.name,
        remedy: "Mend `endpoint` or `directory` of that node in the cluster file.",
      },
    );
  // A second look: it may have been stopped in between.
  if (
    process.process === "down" &&
    running !== null &&
    (await readProcess(node)).process === "down" &&
    (await cluster.rpc.version(node.endpoint)) !== null
  )
    throw new Unreachable(
      `${node.name} answers on ${node.address}, but no process of ${node.component} works in ${node.directory} on ${node.host.name}`,
      {
        object: node.name,
        remedy: "Check `host` and `directory` of that node in the cluster file.",
      },
    );
  const runsInstalled =
    node.role === "taskmanager" && running === null && process.pid !== null && (await worksBelow(node, process.pid, "taskmanager"));
  return { node, installed, process, running, runsInstalled, config, availableBytes };
}

/** A binary is run once for what it is: the real one has hundreds of megabytes and its own time, a smaller file is told by its checksum. */
async function installedRelease(node: OmNode, known: KnownBinaries): Promise<string | null> {
  if (node.role === "taskmanager") return versionOfPart(node.host, "taskmanager", `${node.directory}/taskmanager`);
  const binary = `${node.directory}/bin/openmldb`;
  const file = await node.host.stat(binary);
  if (file.kind !== "file") return versionOfPart(node.host, "bin", `${node.directory}/bin`);
  const large = file.bytes > 4 * 1024 * 1024;
  const identity = `${node.host.name} ${binary} ${large ? `${String(file.bytes)} ${String(file.modifiedS)}` : ((await node.host.sha256(binary)) ?? "")}`;
  const seen = known.get(identity);
  if (seen !== undefined) return seen;
  const version = await versionOfPart(node.host, "bin", `${node.directory}/bin`);
  if (version !== null) known.set(identity, version);
  return version;
}

async function availableMemory(node: OmNode): Promise<number | null> {
  const told = await node.host.query(["cat", "/proc/meminfo"], { timeoutMs: 10_000 });
  const kibibytes = /^MemAvailable:\s+(\d+) kB$/m.exec(told.stdout)?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}
