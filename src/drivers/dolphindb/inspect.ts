// One observation of the whole cluster: hosts, every node by its own word, and what the leading controller says of chunks and recovery.
import type { DdNode } from "./cluster.ts";
import type { DdFacts, DdFelt, DdNodeStructure, DdStructure, DdTiming } from "./facts.ts";
import { Installations } from "./installed.ts";
import { feltOn } from "./observe-felt.ts";
import { askLeader, replicasInRecovery } from "./observe-cluster.ts";
import { nowOf, observeNode, settingsIn, type NodeObservation } from "./observe-node.ts";
import type { OpenedCluster } from "./open-cluster.ts";
import { readConfigText } from "./settings/config-text.ts";

/** What users would lose is asked again after so many milliseconds: plans and people read it, nothing is decided by it from one act to the next. */
const feltAgeMs = 10_000;

type Settings = Readonly<Record<string, string>>;

export class Inspector {
  readonly #cluster: OpenedCluster;
  readonly #installations = new Installations();
  /** As the node itself had them when it last answered: a node that is down has not changed its settings. */
  readonly #settings = new Map<string, Settings>();
  readonly #felt = new Map<string, { readonly at: number; readonly boot: string | null; readonly felt: DdFelt | null }>();

  constructor(cluster: OpenedCluster) {
    this.#cluster = cluster;
  }

  /**
   * Throws Unreachable when a host does not answer, Malformed when a server answers what DolphinDB does not say, ServerRefused when user and password are
   * wrong. A node that does not answer while its host does is a fact; without a leader nothing is known of chunks and recovery, which is null.
   */
  async inspect(): Promise<DdFacts> {
    const cluster = this.#cluster;
    const [nodes, word] = await Promise.all([
      this.#observeNodes(),
      askLeader(
        cluster,
        async (leader) => factorOf(settingsIn(await cluster.rpc.call(leader, "getConfig"))),
        (alias) => cluster.aliased(alias)?.hostName ?? null,
      ),
    ]);
    const settings = new Map(await Promise.all(nodes.map(async (each) => [each.node.name, await this.#settingsOf(each)] as const)));
    const leading = settings.get(word?.leader ?? "") ?? firstControllers(nodes, settings);
    const serving = nodes.filter(({ node, answer }) => node.role === "datanode" && answer.state === "serving").map(({ node }) => node.name);
    const leader = word?.leader ?? null;
    const [inRecovery, felt] = await Promise.all([replicasInRecovery(cluster, serving), this.#feltOf(nodes)]);
    return {
      structure: structureOf(nodes, settings, leading),
      now: {
        nodes: Object.fromEntries(
          nodes.map((each) => {
            const now = nowOf(each, word?.rows.get(each.node.name) ?? null, leader);
            const lost = felt.get(each.node.name);
            return [each.node.name, lost === undefined ? now : { ...now, felt: lost }];
          }),
        ),
        leader,
        chunks: word?.chunks ?? null,
        recovery: word?.recovery ?? null,
        unresolvedTransactions: word?.unresolvedTransactions ?? null,
        replicasInRecovery: inRecovery,
        timing: timingOf(leading),
      },
    };
  }

  #observeNodes(): Promise<readonly NodeObservation[]> {
    const versions = new Map<string, Promise<string | null>>();
    const versionOf = ({ host, server }: DdNode): Promise<string | null> => {
      const key = `${host.name} ${server}`;
      const found = versions.get(key) ?? this.#installations.version(host, server);
      versions.set(key, found);
      return found;
    };
    return Promise.all(this.#cluster.nodes.map((node) => observeNode(this.#cluster, node, versionOf(node))));
  }

  async #feltOf(nodes: readonly NodeObservation[]): Promise<ReadonlyMap<string, DdFelt | null>> {
    const now = this.#cluster.now();
    const holders = nodes.filter(({ node, answer }) => (node.role === "datanode" || node.role === "computenode") && answer.state === "serving");
    const found = holders.map(async ({ node: { name }, process }): Promise<readonly [string, DdFelt | null]> => {
      const boot = process?.boot ?? null;
      const known = this.#felt.get(name);
      if (known !== undefined && known.boot === boot && now - known.at < feltAgeMs) return [name, known.felt];
      const felt = await feltOn(this.#cluster, name);
      this.#felt.set(name, { at: now, boot, felt });
      return [name, felt];
    });
    return new Map(await Promise.all(found));
  }

  async #settingsOf({ node, settings }: NodeObservation): Promise<Settings> {
    if (settings !== null) this.#settings.set(node.name, settings);
    const known = this.#settings.get(node.name);
    if (known !== undefined) return known;
    // A controller or an agent has a file of its own; those of data nodes count only for the first start (facts 1.5).
    if (node.role !== "controller" && node.role !== "agent") return {};
    const text = await node.host.readText(`${node.clusterDirectory}/config/${node.role}.cfg`);
    return text === null ? {} : (settingsIn({ is: "dictionary", entries: readConfigText(text) }) ?? {});
  }
}

const factorOf = (settings: Settings | null): number => Number(settings?.["dfsReplicationFactor"] ?? 2);
const firstControllers = (nodes: readonly NodeObservation[], settings: ReadonlyMap<string, Settings>): Settings =>
  nodes.flatMap(({ node }) => (node.role === "controller" ? [settings.get(node.name) ?? {}] : [])).find((each) => Object.keys(each).length > 0) ?? {};

function structureOf(nodes: readonly NodeObservation[], settings: ReadonlyMap<string, Settings>, leading: Settings): DdStructure {
  const level = Number(leading["dfsReplicaReliabilityLevel"] ?? 0);
  return {
    nodes: Object.fromEntries(
      nodes.map(({ node, installed }): [string, DdNodeStructure] => [
        node.name,
        {
          role: node.role,
          alias: node.alias,
          endpoint: node.endpoint,
          host: node.hostName,
          server: node.server,
          installed,
          settings: settings.get(node.name) ?? {},
        },
      ]),
    ),
    replicationFactor: factorOf(leading),
    reliabilityLevel: level === 1 || level === 2 ? level : 0,
    haMode: leading["dfsHAMode"]?.toLowerCase() === "raft" ? "Raft" : "none",
  };
}

/** Defaults of the vendor (facts 1.5). dfsChunkNodeHeartBeatTimeout is in seconds. */
function timingOf(leading: Settings): DdTiming {
  return {
    electionTick: Number(leading["raftElectionTick"] ?? 800),
    heartbeatTimeoutMs: Number(leading["dfsChunkNodeHeartBeatTimeout"] ?? 8) * 1_000,
  };
}
