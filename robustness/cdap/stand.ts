// One memory lab, and what Stillwater is given to upgrade it: the real driver, a host that refuses older claims, HTTP on virtual time.
import { ENDPOINT, HOST, MemoryCdap, REPLACE, type MemoryCdapOptions } from "../../lab/cdap/memory/cluster.ts";
import type { MemoryHost, MemoryHostOptions } from "../../lab/kit/memory-host.ts";
import { CdapDriver } from "../../src/drivers/cdap/driver.ts";
import { MemoryFiles } from "../../src/drivers/cdap/testing/memory-files.ts";
import { hostErrors } from "../../src/hosts/testing/memory-host-errors.ts";
import type { ClusterDefinition } from "../../src/model/cluster.ts";
import type { Handles } from "../../src/model/driver.ts";
import { Refused, StillwaterError, Unreachable } from "../../src/model/errors.ts";
import { mortalHost } from "../orchestrator/host.ts";
import type { Mortal } from "../orchestrator/process.ts";

/** Where Stillwater's own requests come from, and those that it has sent through the host. */
export const STILLWATER = "127.0.0.1:3";
export const THROUGH_HOST = `${HOST}:0`;

export const PASSWORD = "@env:CDAP_PASSWORD";
export const AUTH = {
  endpoint: "cdap.lab:10009",
  users: { admin: { password: "secret", may: "all" } },
  tokenSeconds: 86_400,
} as const;

export class Stand {
  readonly cdap: MemoryCdap;
  readonly definition: ClusterDefinition;
  /** Of the machine of Stillwater: what a backup wrote outlives its process. */
  readonly files = new MemoryFiles();
  readonly #host: MemoryHost;

  /** `disturb`: what happens to a request to the host; waits, or throws. */
  constructor(options: MemoryCdapOptions, disturb?: MemoryHostOptions["disturb"]) {
    this.cdap = new MemoryCdap(options);
    this.#host = this.cdap.host(hostErrors, disturb === undefined ? {} : { disturb });
    this.definition = definitionOf(options.auth !== undefined && options.auth !== null);
  }
  /** What the host refuses everything below of. */
  raise(epoch: number, connection: number): void {
    this.#host.raise(epoch, connection);
  }
  /** The driver as one process of Stillwater has it. */
  driver(process: Mortal): CdapDriver {
    const { cdap } = this;
    const host = mortalHost(this.#host, process);
    const http = cdap.http(
      {
        refused: (message, object) => new Refused(message, { object }),
        unreachable: (message, object) => new Unreachable(message, { object }),
      },
      STILLWATER,
    );
    const handles: Handles = {
      host: (name) => {
        if (name !== HOST) throw new StillwaterError("SW1107", `there is no host ${name}`, { object: name });
        return host;
      },
      service: () => null,
      http: () => ({ request: (request) => process.live(() => http.request(request)) }),
      secret: async (reference) => (reference === PASSWORD ? AUTH.users.admin.password : reference),
      now: () => cdap.world.now(),
    };
    return new CdapDriver(this.definition, handles, { wait: (ms) => process.sleep(ms), files: this.files });
  }
}

const definitionOf = (secured: boolean): ClusterDefinition => ({
  version: 1,
  cluster: "pipelines",
  system: "cdap",
  hosts: [{ name: HOST, transport: "openssh", address: HOST, user: null, stateDirectory: "/var/lib/stillwater", domain: null }],
  nodes: [{ name: "router", host: HOST, endpoint: ENDPOINT, service: null, options: { role: "router" } }],
  policy: { maxUnavailable: 1 },
  hooks: { pauseTraffic: null, resumeTraffic: null, alert: null },
  continuity: { enabled: false, route: { hosts: [] }, rate: 0, minAcks: 0, verifyAfterS: 0 },
  options: {
    upgrade: { by: "command", command: [REPLACE] },
    ...(secured ? { authorization: { user: "admin", password: PASSWORD } } : {}),
  },
});
