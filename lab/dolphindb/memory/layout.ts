// What the operator has put on the machines of a cluster: directories and configuration files, as the vendor's tutorial shows them (DD-8, DD-9, facts 1.5).
import type { LabRole } from "../logic/node.ts";

export interface ClusterShape {
  readonly hosts: number;
  /** On each of the first so many hosts; the others have none. An odd number. */
  readonly controllers: number;
  readonly dataNodesPerHost: number;
  readonly computeNodesPerHost: number;
  readonly replicationFactor: number;
  /** 0: same host allowed; 1: never; 2: spread if resources allow. */
  readonly reliabilityLevel: 0 | 1 | 2;
  /** Beside what the tutorial has; null takes a key away. */
  readonly controllerSettings: Readonly<Record<string, string | null>>;
  readonly clusterSettings: Readonly<Record<string, string | null>>;
}
export interface PlacedNode {
  readonly role: LabRole;
  readonly alias: string;
  readonly endpoint: string;
  /** `h1`, ... */
  readonly host: string;
}
export const SERVER = "/opt/dolphindb/server";
export const CLUSTER_DIRECTORY = `${SERVER}/clusterDemo`;

const address = (index: number): string => `10.10.11.${String(index + 1)}`;

/** In the order of cluster.nodes. */
export function placedNodes({ hosts, controllers, dataNodesPerHost, computeNodesPerHost }: ClusterShape): readonly PlacedNode[] {
  const nodes: PlacedNode[] = [];
  for (let index = 0; index < hosts; index += 1) {
    const at = (role: LabRole, alias: string, port: number): PlacedNode => ({
      role,
      alias,
      endpoint: `${address(index)}:${String(port)}`,
      host: `h${String(index + 1)}`,
    });
    const number = String(index + 1);
    if (index < controllers) nodes.push(at("controller", `ctl${number}`, 8920));
    nodes.push(at("agent", `agent${number}`, 8960));
    for (let data = 0; data < dataNodesPerHost; data += 1) nodes.push(at("datanode", `node${number}${letter(data, dataNodesPerHost)}`, 8902 + data));
    for (let compute = 0; compute < computeNodesPerHost; compute += 1) nodes.push(at("computenode", `compute${number}`, 8932 + compute));
  }
  return nodes;
}
const letter = (index: number, of: number): string => (of === 1 ? "" : String.fromCharCode(97 + index));

const lines = (settings: Readonly<Record<string, string | null>>): string =>
  `${Object.entries(settings)
    .flatMap(([key, value]) => (value === null ? [] : [`${key}=${value}`]))
    .join("\n")}\n`;
const site = ({ endpoint, alias }: PlacedNode): string => `${endpoint}:${alias}`;

/** Contents by path below the cluster's directory, for one host. */
export function configurationOf(shape: ClusterShape, host: string): Readonly<Record<string, string>> {
  const nodes = placedNodes(shape);
  const own = nodes.filter((node) => node.host === host);
  const controllers = nodes.filter(({ role }) => role === "controller");
  const controller = own.find(({ role }) => role === "controller");
  const agent = own.find(({ role }) => role === "agent");
  const [first] = controllers;
  return {
    ...(controller === undefined
      ? {}
      : {
          "config/controller.cfg": lines({
            mode: "controller",
            localSite: site(controller),
            dfsHAMode: "Raft",
            dfsReplicationFactor: String(shape.replicationFactor),
            dfsReplicaReliabilityLevel: String(shape.reliabilityLevel),
            dataSync: "1",
            workerNum: "4",
            maxConnections: "512",
            maxMemSize: "8",
            lanCluster: "0",
            dfsRecoveryWaitTime: "30000",
            ...shape.controllerSettings,
          }),
        }),
    ...(agent === undefined
      ? {}
      : {
          "config/agent.cfg": lines({
            mode: "agent",
            localSite: site(agent),
            controllerSite: first === undefined ? "" : site(first),
            sites: [`${site(agent)}:agent`, ...controllers.map((each) => `${site(each)}:controller`)].join(","),
            lanCluster: "0",
          }),
        }),
    "config/cluster.nodes": ["localSite,mode", ...nodes.map((node) => `${site(node)},${node.role}`), ""].join("\n"),
    "config/cluster.cfg": lines({
      maxMemSize: "32",
      maxConnections: "512",
      workerNum: "4",
      OLAPCacheEngineSize: "2",
      TSDBCacheEngineSize: "2",
      newValuePartitionPolicy: "add",
      maxPubConnections: "64",
      subExecutors: "4",
      lanCluster: "0",
      ...shape.clusterSettings,
    }),
  };
}
