// One memory lab with machines, and what Stillwater is given to upgrade it: the real driver, hosts that refuse older claims, HTTP on virtual time.
import { MemoryDisk } from "../../lab/kit/memory-disk.ts";
import type { Mortal } from "../orchestrator/process.ts";
import { MemoryCluster, type MemoryClusterOptions } from "../../lab/openmldb/memory/cluster.ts";
import { MemoryHost } from "../../lab/openmldb/memory/host.ts";
import { archiveOf } from "../../lab/openmldb/memory/releases.ts";
import { digest } from "../../lab/kit/trees.ts";
import { OpenmldbDriver } from "../../src/drivers/openmldb/driver.ts";
import { definitionOf } from "../../src/drivers/openmldb/testing/memory-run.ts";
import { hostErrors } from "../../src/hosts/testing/memory-host-errors.ts";
import type { ClusterDefinition } from "../../src/model/cluster.ts";
import type { Handles, TrafficHooks } from "../../src/model/driver.ts";
import { StillwaterError } from "../../src/model/errors.ts";
import type { Artefact } from "../../src/model/goal.ts";
import { mortalHost } from "../orchestrator/host.ts";
import { virtualHttp } from "../orchestrator/http.ts";

/** Where Stillwater's own requests come from. */
export const STILLWATER = "127.0.0.1:3";
export const RELEASES = { from: "0.9.2", to: "0.9.3" } as const;

export class Stand {
  readonly cluster: MemoryCluster;
  readonly definition: ClusterDefinition;
  readonly artefact: Artefact;
  readonly #hosts: ReadonlyMap<string, MemoryHost>;

  constructor(options: MemoryClusterOptions) {
    const cluster = new MemoryCluster({ release: RELEASES.from, ...options });
    this.cluster = cluster;
    const local = new MemoryDisk();
    const content = archiveOf(RELEASES.to);
    const path = `/releases/openmldb-${RELEASES.to}-linux.tar.gz`;
    local.write(path, content);
    this.artefact = { path, sha256: digest(content), bytes: content.length, version: RELEASES.to };
    this.#hosts = new Map(
      cluster.nodes.map(({ machine }) => [machine.name, new MemoryHost({ machine, clock: cluster.world, errors: hostErrors, local })]),
    );
    this.definition = {
      ...definitionOf(cluster),
      cluster: "shop",
      hosts: cluster.nodes.map(({ machine: { name } }) => ({
        name,
        transport: "local",
        address: null,
        user: null,
        stateDirectory: "/var/lib/stillwater",
        domain: null,
      })),
    };
  }

  /** What every host refuses everything below of. */
  raise(epoch: number, connection: number): void {
    for (const host of this.#hosts.values()) host.raise(epoch, connection);
  }
  /** The driver as one process of Stillwater has it. */
  driver(process: Mortal, traffic: TrafficHooks | null = null): OpenmldbDriver {
    const handles: Handles = {
      host: (name) => {
        const host = this.#hosts.get(name);
        if (!host) throw new StillwaterError("SW1107", `there is no host ${name}`, { object: name });
        return mortalHost(host, process);
      },
      service: () => null,
      traffic: () => traffic,
      http: () => virtualHttp(this.cluster.network, STILLWATER, process),
      secret: async (reference) => reference,
      now: () => this.cluster.world.now(),
    };
    return new OpenmldbDriver(this.definition, handles);
  }
}
