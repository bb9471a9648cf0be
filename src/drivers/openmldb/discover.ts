// From one nameserver, or from ZooKeeper, to the definition of the cluster. No host is known yet: the servers are asked, and the distribution's own files.
import { byNumberedName } from "../../model/order.ts";
import type { ClusterDefinition, NodeDefinition } from "../../model/cluster.ts";
import type { Handles } from "../../model/driver.ts";
import { StillwaterError, Unreachable } from "../../model/errors.ts";
import type { Role } from "./facts.ts";
import { isLoopback, sameEndpoint, type Deployment } from "./hosts-file.ts";
import { isHostPort } from "../../model/read-system-keys.ts";
import { clusterOptions, roles } from "./options.ts";
import type { TabletRow } from "./rpc.ts";
import { WireRpc, type KnownServer } from "./wire/wire-rpc.ts";
import { electedNameservers, type ZooKeeperPort } from "./wire/zookeeper.ts";

const known = [
  "zk-cluster",
  "zk-root-path",
  "zk-credentials",
  "distribution",
  "home",
  "nameserver",
  "directory",
  ...roles.map((role) => `directory.${role}`),
  ...roles.map((role) => `${role}s`),
  "spark-home",
  "user",
  "password",
  "cluster",
] as const;

interface Found {
  readonly role: Role;
  /** HOST:PORT where it listens. */
  readonly address: string;
  readonly serverName: string | null;
}

/**
 * `target`: HOST:PORT of a nameserver, or of a server of ZooKeeper when only `zk-root-path` is given; it may be empty when the options say where the
 * cluster is. Options: nameserver, zk-cluster, zk-root-path, zk-credentials and password (references), distribution (the directory with conf/hosts), home (the same if it has a
 * conf/hosts, else the directory of every component), directory, directory.ROLE, directory.HOST:PORT, nameservers, tablets, apiservers and taskmanagers (HOST:PORT,...), spark-home, user, cluster. Errors SW1001 for what is wrong in them, SW6001 when nobody answers.
 */
export async function discover(
  target: string,
  options: Readonly<Record<string, string>>,
  handles: Handles,
  zookeeperPort: ZooKeeperPort | null = null,
): Promise<ClusterDefinition> {
  const wrong = Object.keys(options).filter((key) => !known.some((each) => each === key) && !isHostPort(key.replace(/^directory\./, "")));
  if (wrong.length > 0)
    throw new StillwaterError("SW1001", `There is no option ${wrong[0] ?? ""}.`, {
      object: wrong.join(", "),
      remedy: `Options: ${known.join(", ")}.`,
    });
  const deployment = await deploymentOf(options);
  const zookeeper = zookeeperOf(target, options, deployment);
  const port = zookeeper === null ? null : (zookeeperPort ?? (await realZooKeeper(zookeeper.servers, options, handles)));
  const http = handles.http?.();
  if (!http) throw new StillwaterError("SW9999", "the driver was given no way to speak HTTP");
  const rpcTo = (servers: readonly KnownServer[]): WireRpc => {
    const { user, password } = options;
    const credentials = user === undefined ? null : { user, password: async () => (password === undefined ? "" : handles.secret(password)) };
    return new WireRpc({ http, credentials, servers, nameserversElsewhere: null, now: () => handles.now() });
  };

  const found = new Map<string, Found>();
  const isFound = (role: Role, address: string): boolean =>
    [...found.values()].some((each) => each.role === role && sameEndpoint(each.address, address));
  const add = (role: Role, address: string, serverName: string | null = null): void => {
    if (!isFound(role, address)) found.set(`${role} ${address}`, { role, address, serverName });
  };
  for (const each of listed(options["nameserver"])) add("nameserver", hostPort(each));
  const elsewhere = options["zk-cluster"] !== undefined || options["zk-root-path"] !== undefined;
  if (target !== "" && (!elsewhere || (isHostPort(target) && options["zk-cluster"] !== undefined))) add("nameserver", hostPort(target));
  if (zookeeper !== null && port !== null) {
    for (const { endpoint, address } of await electedNameservers(port, zookeeper.rootPath))
      add("nameserver", address, endpoint === address ? null : endpoint);
    const taskmanager = await port.visit((reads) => reads.data(`${zookeeper.rootPath}/taskmanager/leader`));
    if (taskmanager !== null && isHostPort(taskmanager)) add("taskmanager", taskmanager);
  }
  for (const role of roles) for (const each of listed(options[`${role}s`])) add(role, hostPort(each));
  if (found.size === 0 && deployment === null && zookeeper === null)
    throw new StillwaterError("SW1001", "Nothing says where the cluster is.", {
      remedy: "Give HOST:PORT of a nameserver, or zk-cluster and zk-root-path, or distribution (the directory with conf/hosts).",
    });
  // A server that is asked under two entries would look like two leaders.
  const deployed = (deployment?.servers ?? []).filter(({ role, endpoint }) => !isFound(role, endpoint));
  const asked = rpcTo([...found.values(), ...deployed.map(({ role, endpoint }) => ({ role, address: endpoint, serverName: null }))].map(serverOf));
  for (const row of await asked.nameserver.showTablet()) add("tablet", addressOf(row), row.real_endpoint ? row.endpoint : null);
  for (const { role, endpoint } of deployment?.servers ?? []) add(role, endpoint);
  for (const { role, address } of await components(rpcTo([...found.values()].map(serverOf)))) add(role, address);
  return definitionOf([...found.values()], options, deployment, zookeeper);
}

const addressOf = ({ endpoint, real_endpoint: real }: TabletRow): string => (real === undefined || real === "" ? endpoint : real);
const serverOf = ({ role, address, serverName }: Found): KnownServer => ({ name: address, role, endpoint: serverName ?? address, address });
const listed = (text: string | undefined): readonly string[] => (text ?? "").split(",").flatMap((each) => (each.trim() === "" ? [] : [each.trim()]));
function hostPort(text: string): string {
  if (isHostPort(text)) return text;
  throw new StillwaterError("SW1001", `${text} is not HOST:PORT.`, { object: text });
}

async function deploymentOf(options: Readonly<Record<string, string>>): Promise<Deployment | null> {
  const { distribution, home } = options;
  if (distribution === undefined && home === undefined) return null;
  const { readDistribution, readDistributionIfThere } = await import("./local/distribution.ts");
  return distribution === undefined ? readDistributionIfThere(home ?? "") : readDistribution(distribution);
}
function zookeeperOf(
  target: string,
  options: Readonly<Record<string, string>>,
  deployment: Deployment | null,
): { readonly servers: readonly string[]; readonly rootPath: string } | null {
  const rootPath = options["zk-root-path"];
  const servers = options["zk-cluster"] ?? (rootPath === undefined ? undefined : target);
  if (servers === undefined) return deployment?.zookeeper ?? null;
  return { servers: listed(servers).map(hostPort), rootPath: rootPath ?? deployment?.zookeeper?.rootPath ?? "/openmldb" };
}
async function realZooKeeper(servers: readonly string[], options: Readonly<Record<string, string>>, handles: Handles): Promise<ZooKeeperPort> {
  const { zooKeeperClient } = await import("./wire/zookeeper-client.ts");
  const credentials = options["zk-credentials"];
  return zooKeeperClient(servers, credentials === undefined ? null : () => handles.secret(credentials));
}

/** SHOW COMPONENTS, where an APIServer is known: the nameservers that stand by and the taskmanager that leads. Without one nobody tells more. */
async function components(rpc: WireRpc): Promise<readonly { readonly role: Role; readonly address: string }[]> {
  try {
    const rows = await rpc.sql("__INTERNAL_DB", "show components;");
    return rows.flatMap(([endpoint, role]) => {
      const named = roles.find((each) => each === role);
      return named !== undefined && typeof endpoint === "string" && isHostPort(endpoint) ? [{ role: named, address: endpoint }] : [];
    });
  } catch (error) {
    if (error instanceof Unreachable) return [];
    throw error;
  }
}

// ------------------------------------------------------------------------------------------------ the definition

function definitionOf(
  found: readonly Found[],
  options: Readonly<Record<string, string>>,
  deployment: Deployment | null,
  zookeeper: { readonly servers: readonly string[]; readonly rootPath: string } | null,
): ClusterDefinition {
  const without: string[] = [];
  const crowded: string[] = [];
  const taken = new Set<string>();
  const nodes = roles.flatMap((role) =>
    found
      .filter((each) => each.role === role)
      .toSorted((a, b) => byNumberedName(a.address, b.address))
      .map((each, index): NodeDefinition => {
        const directory =
          options[`directory.${each.address}`] ??
          deployment?.servers.find((server) => server.role === role && sameEndpoint(server.endpoint, each.address))?.directory ??
          options[`directory.${role}`] ??
          options["directory"] ??
          options["home"];
        if (directory === undefined) without.push(`${role} ${each.address}`);
        const host = each.address.slice(0, each.address.lastIndexOf(":"));
        const place = `${isLoopback(host) ? "local" : host} ${directory ?? ""}`;
        // start.sh knows a second component of one directory for tablets alone (facts 3.2).
        const component = [role, ...(role === "tablet" ? ["tablet2"] : [])].find((name) => !taken.has(`${place} ${name}`));
        if (component === undefined) crowded.push(`${role} ${each.address}`);
        taken.add(`${place} ${component ?? role}`);
        const sparkHome = role === "taskmanager" ? options["spark-home"] : undefined;
        return {
          name: `${role}${String(index + 1)}`,
          host: isLoopback(host) ? "local" : host,
          endpoint: each.address,
          service: null,
          options: {
            role,
            directory: directory ?? "",
            ...(component === undefined || component === role ? {} : { component }),
            ...(sparkHome === undefined ? {} : { sparkHome }),
            ...(each.serverName === null ? {} : { serverName: each.serverName }),
          },
        };
      }),
  );
  if (without.length > 0)
    throw new StillwaterError("SW1001", `In which directory does ${without[0] ?? ""} live? The servers do not tell.`, {
      object: without.join(", "),
      remedy:
        "Give -o distribution=PATH (the directory with conf/hosts), or -o directory=PATH, or -o directory.tablet=PATH and so on for each role; with the vendor's commands: --openmldb_bin_path=DIR/bin/openmldb.",
    });
  if (crowded.length > 0)
    throw new StillwaterError("SW1001", `${crowded[0] ?? ""} cannot live in the same directory as another one of its kind.`, {
      object: crowded.join(", "),
      remedy: "Give each its own: -o directory.HOST:PORT=PATH, or -o distribution=PATH (the directory with conf/hosts).",
    });
  const { user, password, cluster } = options;
  const parsed = clusterOptions.safeParse({
    ...(zookeeper === null
      ? {}
      : {
          zookeeper: {
            servers: zookeeper.servers.join(","),
            rootPath: zookeeper.rootPath,
            ...(options["zk-credentials"] === undefined ? {} : { credentials: options["zk-credentials"] }),
          },
        }),
    ...(user === undefined ? {} : { authorization: { user, ...(password === undefined ? {} : { password }) } }),
  });
  if (!parsed.success)
    throw new StillwaterError("SW1001", `The options are wrong: ${parsed.error.issues[0]?.message ?? ""}`, {
      why: parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`),
    });
  const apiservers = nodes.filter((node) => node.options["role"] === "apiserver").map(({ endpoint }) => endpoint);
  return {
    version: 1,
    cluster: cluster ?? "openmldb",
    system: "openmldb",
    hosts: [...new Set(nodes.map(({ host }) => host))].map((name) => ({
      name,
      transport: name === "local" ? ("local" as const) : ("openssh" as const),
      address: name === "local" ? null : name,
      user: null,
      stateDirectory: `/var/lib/stillwater/${name}`,
      domain: null,
    })),
    nodes,
    policy: { maxUnavailable: 1 },
    hooks: { pauseTraffic: null, resumeTraffic: null, alert: null },
    // The probe writes through APIServers: without one continuity cannot be measured.
    continuity: {
      enabled: apiservers.length > 0,
      route: null,
      rate: 200,
      minAcks: 20,
      verifyAfterS: 10,
    },
    options: parsed.data,
  };
}
