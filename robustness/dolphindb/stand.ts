// One memory lab with machines, and what Stillwater is given to upgrade it: the real driver, hosts that refuse older claims, sessions and HTTP on virtual time.
import { MemoryCluster, type MemoryClusterOptions } from "../../lab/dolphindb/memory/cluster.ts";
import { MemoryHost, type MemoryHostOptions } from "../../lab/dolphindb/memory/host.ts";
import { CLUSTER_DIRECTORY, SERVER } from "../../lab/dolphindb/memory/layout.ts";
import { contentOf, packageName, packageOf } from "../../lab/dolphindb/memory/releases.ts";
import { memoryTransport, type MemoryTransport } from "../../lab/dolphindb/memory/transport.ts";
import { MemoryDisk } from "../../lab/kit/memory-disk.ts";
import { digest } from "../../lab/kit/trees.ts";
import { DolphindbDriver } from "../../src/drivers/dolphindb/driver.ts";
import { requestThroughHost } from "../../src/hosts/http-through-host.ts";
import { hostErrors } from "../../src/hosts/testing/memory-host-errors.ts";
import type { ClusterDefinition } from "../../src/model/cluster.ts";
import type { Handles } from "../../src/model/driver.ts";
import { Refused, StillwaterError, Unreachable } from "../../src/model/errors.ts";
import type { Artefact } from "../../src/model/goal.ts";
import type { HttpClient } from "../../src/model/http.ts";
import { mortalHost } from "../orchestrator/host.ts";
import { virtualHttp } from "../orchestrator/http.ts";
import type { Mortal } from "../orchestrator/process.ts";

/** Where Stillwater's own requests come from. */
export const STILLWATER = "127.0.0.1:3";
/** A hop of one patch: level 4 (facts 1.7). */
export const RELEASES = { from: "2.00.12.1", to: "2.00.12.5" } as const;
/** Who the cluster file logs in as. */
const PASSWORD = "@env:DOLPHINDB_PASSWORD";

export interface StandOptions {
  /** That the package holds. */
  readonly release?: string;
  readonly disturb?: MemoryHostOptions["disturb"] | null;
}

export class Stand {
  readonly cluster: MemoryCluster;
  readonly definition: ClusterDefinition;
  readonly artefact: Artefact;
  readonly local = new MemoryDisk();
  /** Bytes of answers that Stillwater's sessions have read. */
  received = 0;
  readonly #hosts: ReadonlyMap<string, MemoryHost>;

  /** `disturb`: what happens to a request to a host; waits, or throws. */
  constructor(options: MemoryClusterOptions, { release = RELEASES.to, disturb = null }: StandOptions = {}) {
    const cluster = new MemoryCluster({ release: RELEASES.from, ...options });
    this.cluster = cluster;
    const made = packageOf(release);
    const content = contentOf(made);
    const path = `/releases/${packageName(made)}`;
    this.local.write(path, content);
    this.artefact = { path, sha256: digest(content), bytes: content.length, version: release };
    this.#hosts = new Map(
      cluster.machines.map((machine) => [
        machine.name,
        new MemoryHost({
          machine,
          network: cluster.network,
          clock: cluster.world,
          errors: hostErrors,
          local: this.local,
          ...(disturb === null ? {} : { disturb }),
        }),
      ]),
    );
    this.definition = definitionOf(cluster);
  }

  /** What every host refuses everything below of. */
  raise(epoch: number, connection: number): void {
    for (const host of this.#hosts.values()) host.raise(epoch, connection);
  }
  host(name: string): MemoryHost {
    const found = this.#hosts.get(name);
    if (!found) throw new StillwaterError("SW1107", `there is no host ${name}`, { object: name });
    return found;
  }
  transport(own: string): MemoryTransport {
    return memoryTransport(this.cluster.network, own, {
      refused: (message, object) => new Refused(message, { object }),
      unreachable: (message, object) => new Unreachable(message, { object }),
    });
  }
  /** The driver as one process of Stillwater has it. */
  driver(process: Mortal): DolphindbDriver {
    const { cluster } = this;
    const direct = virtualHttp(cluster.network, STILLWATER, process);
    const http: HttpClient = {
      request: (request) =>
        request.through === undefined ? direct.request(request) : requestThroughHost(request.through.host, request.through.fence, request),
    };
    const handles: Handles = {
      host: (name) => mortalHost(this.host(name), process),
      service: (node) => this.#service(node, process),
      http: () => http,
      secret: async (reference) => (reference === PASSWORD ? "123456" : reference),
      now: () => cluster.world.now(),
    };
    return new DolphindbDriver(this.definition, handles, {
      transport: mortalTransport(this.transport(STILLWATER), process, (bytes) => (this.received += bytes)),
    });
  }
  #service(name: string, process: Mortal): ReturnType<NonNullable<Handles["service"]>> {
    const node = this.definition.nodes.find((each) => each.name === name);
    if (node?.service?.manager !== "systemd") return null;
    const { unit } = node.service;
    const host = mortalHost(this.host(node.host), process);
    return {
      start: async (fence) => void (await host.run(fence, ["systemctl", "--no-block", "start", "--", unit])),
      stop: async (fence) => void (await host.run(fence, ["systemctl", "--no-block", "stop", "--", unit])),
    };
  }
}

/** Dead, it asks nothing more. */
const mortalTransport = (transport: MemoryTransport, process: Mortal, read: (bytes: number) => void): MemoryTransport => ({
  open: (address, timeoutMs) =>
    process.live(async () => {
      const connection = await transport.open(address, timeoutMs);
      return {
        get closed() {
          return connection.closed;
        },
        request: (message, withinMs) =>
          process.live(async () => {
            const answer = await connection.request(message, withinMs);
            read(answer.length);
            return answer;
          }),
        close: () => connection.close(),
      };
    }),
});

function definitionOf(cluster: MemoryCluster): ClusterDefinition {
  return {
    version: 1,
    cluster: "ticks",
    system: "dolphindb",
    hosts: cluster.machines.map(({ name }) => ({
      name,
      transport: "openssh",
      address: name,
      user: null,
      stateDirectory: "/var/lib/stillwater",
      domain: null,
    })),
    nodes: cluster.nodes.map(({ alias, role, endpoint, host, machine }) => {
      const unit = `dolphindb-${role}.service`;
      return {
        name: alias,
        host,
        endpoint,
        service: machine.services.names.includes(unit) ? { manager: "systemd", unit } : null,
        options: { role, alias, server: SERVER, clusterDirectory: CLUSTER_DIRECTORY },
      };
    }),
    policy: { maxUnavailable: 1 },
    hooks: { pauseTraffic: null, resumeTraffic: null, alert: null },
    continuity: { enabled: false, route: { hosts: [] }, rate: 0, minAcks: 0, verifyAfterS: 0 },
    options: { authorization: { user: "admin", password: PASSWORD } },
  };
}
