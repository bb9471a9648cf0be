// What the operator has written on each host: as the vendor's tutorial shows it (DD-8, DD-9, facts 1.1, 1.5).
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { clusterDirectoryOf, nodesOf, type LabFile, type LabNode } from "./lab-file.ts";

export interface Settings {
  /** Beside what the tutorial has; null takes a key away. */
  readonly controller?: Readonly<Record<string, string | null>> | undefined;
  readonly cluster?: Readonly<Record<string, string | null>> | undefined;
}

const lines = (settings: Readonly<Record<string, string | null>>): string =>
  Object.entries(settings)
    .flatMap(([key, value]) => (value === null ? [] : [`${key}=${value}\n`]))
    .join("");
const site = ({ endpoint, name }: LabNode): string => `${endpoint}:${name}`;

export function writeConfiguration(lab: LabFile, { controller = {}, cluster = {} }: Settings): void {
  const controllers = nodesOf(lab, "controller");
  const nodes = ["localSite,mode", ...lab.nodes.map((node) => `${site(node)},${node.role}`), ""].join("\n");
  const [first] = controllers;
  for (const node of lab.nodes) {
    const config = join(clusterDirectoryOf(node), "config");
    mkdirSync(config, { recursive: true });
    if (node.role === "controller")
      writeFileSync(
        join(config, "controller.cfg"),
        lines({
          mode: "controller",
          localSite: site(node),
          dfsHAMode: "Raft",
          dfsReplicationFactor: String(lab.replicationFactor),
          dfsReplicaReliabilityLevel: "1",
          dataSync: "1",
          workerNum: "4",
          maxConnections: "512",
          maxMemSize: "8",
          lanCluster: "0",
          dfsRecoveryWaitTime: "30000",
          ...controller,
        }),
      );
    if (node.role !== "agent") continue;
    writeFileSync(
      join(config, "agent.cfg"),
      lines({
        mode: "agent",
        localSite: site(node),
        controllerSite: first === undefined ? "" : site(first),
        sites: [`${site(node)}:agent`, ...controllers.map((each) => `${site(each)}:controller`)].join(","),
        lanCluster: "0",
      }),
    );
    writeFileSync(join(config, "cluster.nodes"), nodes);
    writeFileSync(
      join(config, "cluster.cfg"),
      lines({
        maxMemSize: "32",
        maxConnections: "512",
        workerNum: "4",
        OLAPCacheEngineSize: "2",
        TSDBCacheEngineSize: "2",
        newValuePartitionPolicy: "add",
        maxPubConnections: "64",
        subExecutors: "4",
        lanCluster: "0",
        ...cluster,
      }),
    );
  }
}
