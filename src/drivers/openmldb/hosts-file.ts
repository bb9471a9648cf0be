// conf/hosts and conf/openmldb-env.sh of the distribution that a cluster was deployed from (facts 3.1). Pure.
import type { Role } from "./facts.ts";

export interface DeployedServer {
  readonly role: Role;
  /** HOST:PORT. */
  readonly endpoint: string;
  readonly directory: string;
}
export interface Deployment {
  readonly servers: readonly DeployedServer[];
  /** Null: the file names no ZooKeeper. */
  readonly zookeeper: { readonly servers: readonly string[]; readonly rootPath: string } | null;
}

const sections = ["tablet", "nameserver", "apiserver", "taskmanager", "zookeeper"] as const;
type Section = (typeof sections)[number];
const defaultPorts: Readonly<Record<Section, number>> = { tablet: 10921, nameserver: 7527, apiserver: 9080, taskmanager: 9902, zookeeper: 2181 };

/** `home`: where the distribution lies; a line without a directory means OPENMLDB_HOME, which is that unless the environment says more. */
export function parseDeployment(hosts: string, environment: string, home: string): Deployment {
  const variable = (name: string): string | null => {
    const value = [...environment.matchAll(new RegExp(`^\\s*export\\s+${name}=["']?([^"'\\s#]*)["']?`, "gm"))].at(-1)?.[1] ?? "";
    return value === "" || value.includes("$") ? null : value;
  };
  const base = variable("OPENMLDB_HOME") ?? home;
  const port = (section: Section): number => Number(variable(`OPENMLDB_${section.toUpperCase()}_PORT`) ?? defaultPorts[section]);
  const servers: DeployedServer[] = [];
  const ensemble: string[] = [];
  let section: Section | null = null;
  for (const line of hosts.split("\n").map((each) => each.replace(/#.*$/, "").trim())) {
    const header = /^\[(\w+)\]$/.exec(line)?.[1];
    if (header !== undefined) section = sections.find((each) => each === header) ?? null;
    if (header !== undefined || line === "" || section === null) continue;
    const [where = "", directory] = line.split(/\s+/);
    const [host = "", given] = where.split(":");
    const endpoint = `${host}:${given ?? String(port(section))}`;
    if (section === "zookeeper") ensemble.push(endpoint);
    else servers.push({ role: section, endpoint, directory: (directory ?? base).replace(/\/+$/, "") });
  }
  const named = variable("OPENMLDB_ZK_CLUSTER")?.split(",") ?? ensemble;
  return { servers, zookeeper: named.length === 0 ? null : { servers: named, rootPath: variable("OPENMLDB_ZK_ROOT_PATH") ?? "/openmldb" } };
}

const loopback = /^(localhost|127\.\d+\.\d+\.\d+)$/;
export const isLoopback = (host: string): boolean => loopback.test(host);
/** The same server: `localhost` and a loopback address are one machine. */
export function sameEndpoint(one: string, other: string): boolean {
  if (one === other) return true;
  const [hostOfOne = "", portOfOne] = one.split(":");
  const [hostOfOther = "", portOfOther] = other.split(":");
  return portOfOne === portOfOther && isLoopback(hostOfOne) && isLoopback(hostOfOther) && (hostOfOne === "localhost" || hostOfOther === "localhost");
}
