// From one controller to the definition of the cluster. No host is known yet: the servers themselves are asked.
import { byNumberedName } from "../../model/order.ts";
import type { ClusterDefinition, HostDefinition, NodeDefinition } from "../../model/cluster.ts";
import type { Handles } from "../../model/driver.ts";
import { StillwaterError, Unreachable } from "../../model/errors.ts";
import { isAtLeast } from "./compatibility/version.ts";
import { roles, type Role } from "./facts.ts";
import { credentialsOf, type Ports } from "./open-cluster.ts";
import { isHostPort } from "../../model/read-system-keys.ts";
import { clusterOptions } from "./options.ts";
import type { Value } from "./rpc.ts";
import { isUnknownFunction, ServerRefused } from "./wire/errors.ts";
import type { Argument } from "./wire/encode.ts";
import { integerIn, rowsOf, textIn, textOf } from "./wire/read-value.ts";
import { Session, type Credentials } from "./wire/session.ts";
import type { Transport } from "./wire/transport.ts";
import { webSocketTransport } from "./wire/web-socket.ts";

const known = ["controller", "user", "password", "server", "cluster-directory", "cluster", "probe-database"] as const;
/** Milliseconds for each question. */
const askTimeoutMs = 10_000;

interface Found {
  readonly role: Role;
  readonly alias: string;
  /** HOST:PORT. */
  readonly endpoint: string;
}
/** Where a node says that it lives; null: it does not say. */
interface Place {
  readonly server: string | null;
  readonly clusterDirectory: string | null;
  readonly home: string | null;
}

/**
 * `target` or the option `controller`: HOST:PORT of any controller. Options: user, password (a reference), server (the installation directory, `server.HOST`
 * or `server.ALIAS` where it differs), cluster-directory (default clusterDemo below it), cluster (a name), probe-database. Errors SW1001 for what is wrong
 * in them or cannot be told by the servers, SW6001 when nobody answers.
 */
export async function discover(
  target: string,
  options: Readonly<Record<string, string>>,
  handles: Handles,
  ports: Ports = {},
): Promise<ClusterDefinition> {
  const wrong = Object.keys(options).filter((key) => !known.some((each) => each === key) && !/^(?:server|cluster-directory)\../.test(key));
  if (wrong.length > 0)
    throw new StillwaterError("SW1001", `There is no option ${wrong[0] ?? ""}.`, {
      object: wrong.join(", "),
      remedy: `Options: ${known.join(", ")}.`,
    });
  const address = target === "" ? (options["controller"] ?? "") : target;
  if (!isHostPort(address))
    throw new StillwaterError("SW1001", address === "" ? "Nothing says where the cluster is." : `${address} is not HOST:PORT.`, {
      object: address,
      remedy: "Give --controller HOST:PORT: the address of any controller, as cluster.nodes has it.",
    });
  const parsed = optionsOf(options);
  const sessions = new Sessions(ports.transport ?? webSocketTransport, parsed.authorization ? credentialsOf(parsed.authorization, handles) : null);
  try {
    const found = await nodesFrom(sessions, address);
    const places = new Map(await Promise.all(found.map(async (node) => [node.alias, await placeOf(sessions, node)] as const)));
    return definitionOf(found, places, options, parsed);
  } finally {
    sessions.close();
  }
}

function optionsOf({ user, password, "probe-database": database }: Readonly<Record<string, string>>) {
  const result = clusterOptions.safeParse({
    ...(user === undefined ? {} : { authorization: { user, ...(password === undefined ? {} : { password }) } }),
    ...(database === undefined ? {} : { probe: { database } }),
  });
  if (result.success) return result.data;
  throw new StillwaterError("SW1001", `The options are wrong: ${result.error.issues[0]?.message ?? ""}`, {
    why: result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`),
    remedy: "A password is given by reference, so that it is in no command line: --password @env:NAME.",
  });
}

/** One session for each address, and one question at a time on it. */
class Sessions {
  readonly #transport: Transport;
  readonly #credentials: Credentials | null;
  readonly #open = new Map<string, Promise<Session>>();
  constructor(transport: Transport, credentials: Credentials | null) {
    this.#transport = transport;
    this.#credentials = credentials;
  }
  async call(address: string, name: string, args: readonly Argument[] = []): Promise<Value> {
    const { transport, credentials } = { transport: this.#transport, credentials: this.#credentials };
    let session = this.#open.get(address);
    session ??= Session.open({ transport, address, server: address, credentials, timeoutMs: askTimeoutMs });
    this.#open.set(address, session);
    return (await session).call(name, args, askTimeoutMs);
  }
  close(): void {
    for (const session of this.#open.values())
      session.then(
        (each) => each.close(),
        () => {},
      );
  }
}

// ------------------------------------------------------------------------------------------------ the nodes

const rolesByMode: Readonly<Record<number, Role>> = { 0: "datanode", 1: "agent", 2: "controller", 4: "computenode" };

/** Asked of the controller that leads, which a follower names. */
async function nodesFrom(sessions: Sessions, first: string): Promise<readonly Found[]> {
  let address = first;
  for (let hop = 0; ; hop++) {
    try {
      return await nodesOfLeader(sessions, address);
    } catch (error) {
      const next = error instanceof ServerRefused ? error.leaderAddress : null;
      if (next === null || hop >= 3) throw error;
      address = next;
    }
  }
}
async function nodesOfLeader(sessions: Sessions, address: string): Promise<readonly Found[]> {
  const version = textOf(address, "version()", await sessions.call(address, "version")).split(/\s/)[0] ?? "";
  const all = isAtLeast(version, "2.00.7");
  const rows = rowsOf(address, "getClusterPerf()", await sessions.call(address, "getClusterPerf", all ? [true] : []), [
    "host",
    "port",
    "mode",
    "name",
  ]);
  const found = rows.flatMap((row): readonly Found[] => {
    const role = rolesByMode[integerIn(row, "mode") ?? -1];
    const [host, port, alias] = [textIn(row, "host"), integerIn(row, "port"), textIn(row, "name")];
    return role === undefined || host === null || port === null || alias === null ? [] : [{ role, alias, endpoint: `${host}:${String(port)}` }];
  });
  // A release before 2.00.7 does not list controllers.
  if (!found.some(({ role }) => role === "controller")) found.unshift(...controllersIn(await sessions.call(address, "getClusterNodesCfg")));
  if (!found.some(({ role }) => role === "datanode"))
    throw new StillwaterError("SW1001", `${address} is not the controller of a cluster: it knows no data node.`, {
      object: address,
      remedy: "Give the address of a controller, as cluster.nodes has it. A single node (mode=single) is no cluster.",
    });
  return found;
}

/** From lines of cluster.nodes, `host:port:alias,controller`, as the Raft group has them (facts 1.5). */
function controllersIn(lines: Value): readonly Found[] {
  return (Array.isArray(lines) ? lines : []).flatMap((line: Value): readonly Found[] => {
    const [, endpoint, alias] = typeof line === "string" ? (/^\s*([^\s:,]+:\d+):([^\s:,]+)\s*,\s*controller\b/.exec(line) ?? []) : [];
    return endpoint === undefined || alias === undefined ? [] : [{ role: "controller", alias, endpoint }];
  });
}

// ------------------------------------------------------------------------------------------------ where they live

/** A node that is down says nothing: its host's other nodes may, or the options do. */
async function placeOf(sessions: Sessions, { alias, endpoint }: Found): Promise<Place> {
  const ask = async (name: string): Promise<string | null> => {
    try {
      const value = await sessions.call(endpoint, name);
      return typeof value === "string" && value.startsWith("/") ? value.replace(/\/+$/, "") : null;
    } catch (error) {
      // getExecDir() is there from 3.00.3.1 on (facts 2).
      if (isUnknownFunction(error) || (error instanceof Unreachable && !(error instanceof ServerRefused))) return null;
      throw error;
    }
  };
  const [homeDirectory, execDirectory] = [await ask("getHomeDir"), await ask("getExecDir")];
  // The start scripts give a controller `-home data`: what is its own lies below, under its alias.
  const home = homeDirectory === null || homeDirectory.endsWith(`/${alias}`) ? homeDirectory : `${homeDirectory}/${alias}`;
  const [, clusterDirectory = null] = home === null ? [] : (/^(.+)\/data\/[^/]+$/.exec(home) ?? []);
  const [, above = null] = clusterDirectory === null ? [] : (/^(.+)\/clusterDemo$/.exec(clusterDirectory) ?? []);
  return { home, clusterDirectory, server: execDirectory ?? above };
}

const hostOf = (endpoint: string): string => endpoint.slice(0, endpoint.lastIndexOf(":"));
const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || host === "[::1]" || host.startsWith("127.");

function definitionOf(
  found: readonly Found[],
  places: ReadonlyMap<string, Place>,
  options: Readonly<Record<string, string>>,
  clusterWide: ReturnType<typeof optionsOf>,
): ClusterDefinition {
  const ordered = roles.flatMap((role) => found.filter((each) => each.role === role).toSorted((a, b) => byNumberedName(a.alias, b.alias)));
  const neighbour = (endpoint: string, of: (place: Place) => string | null): string | null =>
    found
      .flatMap((each) => (hostOf(each.endpoint) === hostOf(endpoint) ? (places.get(each.alias) ?? []) : []))
      .map(of)
      .find((value) => value !== null) ?? null;
  const option = (name: string, { alias, endpoint }: Found): string | undefined =>
    options[`${name}.${alias}`] ?? options[`${name}.${hostOf(endpoint)}`] ?? options[name];
  const without: string[] = [];
  const located = ordered.map((node) => {
    const place = places.get(node.alias);
    const server = option("server", node) ?? place?.server ?? neighbour(node.endpoint, (each) => each.server);
    if (server === null) without.push(`${node.role} ${node.alias} (${node.endpoint})`);
    const clusterDirectory =
      option("cluster-directory", node) ?? place?.clusterDirectory ?? neighbour(node.endpoint, (each) => each.clusterDirectory);
    return { ...node, server: server ?? "", clusterDirectory, home: place?.home ?? null };
  });
  if (without.length > 0)
    throw new StillwaterError("SW1001", `In which directory is ${without[0] ?? ""} installed? The servers do not tell.`, {
      object: without.join(", "),
      remedy: "Give --server PATH (where the binary `dolphindb` is), or --server.HOST PATH where hosts differ.",
    });
  const hosts = hostNames(located);
  const nodes = located.map((node): NodeDefinition => {
    const byDefault = `${node.server}/clusterDemo`;
    const clusterDirectory = node.clusterDirectory ?? byDefault;
    const home = node.home !== null && node.home !== `${clusterDirectory}/data/${node.alias}` ? { home: node.home } : {};
    return {
      name: node.alias,
      host: hosts.get(placeKey(node)) ?? hostOf(node.endpoint),
      endpoint: node.endpoint,
      service: null,
      options: {
        role: node.role,
        alias: node.alias,
        server: node.server,
        ...(clusterDirectory === byDefault ? {} : { clusterDirectory }),
        ...home,
      },
    };
  });
  return {
    version: 1,
    cluster: options["cluster"] ?? "dolphindb",
    system: "dolphindb",
    hosts: [...hosts].map(([key, name]): HostDefinition => {
      const [address = ""] = key.split(" ", 1);
      const local = isLoopback(address);
      return {
        name,
        transport: local ? "local" : "openssh",
        address: local ? null : address,
        user: null,
        stateDirectory: `/var/lib/stillwater/${name}`,
        domain: null,
      };
    }),
    nodes,
    policy: { maxUnavailable: 1 },
    hooks: { pauseTraffic: null, resumeTraffic: null, alert: null },
    continuity: { enabled: true, route: null, rate: 100, minAcks: 20, verifyAfterS: 10 },
    options: clusterWide,
  };
}

/** What shares one installation is stopped and upgraded together. */
const placeKey = ({ endpoint, server }: { readonly endpoint: string; readonly server: string }): string => `${hostOf(endpoint)} ${server}`;
function hostNames(located: readonly { readonly endpoint: string; readonly server: string }[]): ReadonlyMap<string, string> {
  const keys = [...new Set(located.map(placeKey))];
  const addresses = keys.map((key) => key.split(" ", 1)[0] ?? "");
  const loopbacks = addresses.filter(isLoopback).length;
  return new Map(
    keys.map((key, index) => {
      const address = addresses[index] ?? "";
      if (isLoopback(address)) return [key, loopbacks === 1 ? "local" : `local${String(addresses.slice(0, index + 1).filter(isLoopback).length)}`];
      const same = addresses.filter((each) => each === address).length;
      return [key, same === 1 ? address : `${address}-${String(addresses.slice(0, index + 1).filter((each) => each === address).length)}`];
    }),
  );
}
