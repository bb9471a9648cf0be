// A lab's CDAP in memory, on virtual time, as this driver opens it.
import { ENDPOINT, HOST, memoryCdap, type MemoryCdap, type MemoryCdapOptions } from "../../../../lab/cdap/memory/cluster.ts";
import { hostErrors } from "../../../hosts/testing/memory-host-errors.ts";
import { Refused, Unreachable } from "../../../model/errors.ts";
import type { ClusterDefinition } from "../../../model/cluster.ts";
import type { Handles } from "../../../model/driver.ts";
import type { HttpClient, HttpReply, HttpRequest } from "../../../model/http.ts";
import type { Fence } from "../../../model/fence.ts";
import { openCluster, type CdapCluster } from "../open-cluster.ts";

export const definitionOf = (options: ClusterDefinition["options"] = {}): ClusterDefinition => ({
  version: 1,
  cluster: "lab",
  system: "cdap",
  hosts: [{ name: HOST, transport: "local", address: null, user: null, stateDirectory: "/state", domain: null }],
  nodes: [{ name: "router", host: HOST, endpoint: ENDPOINT, service: null, options: { role: "router" } }],
  policy: { maxUnavailable: 1 },
  hooks: { pauseTraffic: null, resumeTraffic: null, alert: null },
  continuity: { enabled: false, route: null, rate: 1, minAcks: 1, verifyAfterS: 0 },
  options,
});

export interface OpenedLab {
  readonly lab: MemoryCdap;
  readonly cluster: CdapCluster;
  readonly handles: Handles;
  /** What was asked so far: `GET /v3/version`. */
  readonly asked: string[];
  /** Drives the virtual world until it is settled. */
  readonly run: <T>(work: () => Promise<T>) => Promise<T>;
}
export interface OpenOptions extends MemoryCdapOptions {
  readonly cluster?: ClusterDefinition["options"];
  readonly secrets?: Readonly<Record<string, string>>;
  /** What becomes of a request; null: what the lab answers. */
  readonly meddle?: (request: HttpRequest) => HttpReply | Error | null;
}

export async function openedLab({ cluster: options = {}, secrets = {}, meddle = () => null, ...more }: OpenOptions = {}): Promise<OpenedLab> {
  const lab = await memoryCdap(more);
  const asked: string[] = [];
  const http = lab.http({
    refused: (message, object) => new Refused(message, { object }),
    unreachable: (message, object) => new Unreachable(message, { object }),
  });
  const client: HttpClient = {
    async request(request) {
      asked.push(`${request.method} ${new URL(request.url).pathname}`);
      const instead = meddle(request);
      if (instead instanceof Error) throw instead;
      return instead ?? http.request(request);
    },
  };
  const host = lab.host(hostErrors);
  const handles: Handles = {
    host: () => host,
    http: () => client,
    secret: async (reference) => secrets[reference] ?? reference,
    now: () => lab.world.now(),
  };
  const cluster = openCluster(definitionOf(options), handles, { wait: (ms) => lab.world.sleep(ms) });
  return { lab, cluster, handles, asked, run: (work) => lab.world.run(work()) };
}

/** The right to change something: what `Acting.send` gives. */
export const fenceOf = (epoch = 1): Fence => ({ run: "lab/1", epoch, connection: 1, signal: new AbortController().signal });
