// What the driver asks of ZooKeeper: a few reads (facts 2.4), and how its servers are.
import { Unreachable } from "../../../model/errors.ts";

export interface ZooKeeperReads {
  /** Names, in no order; empty when there is no such node. */
  children(path: string): Promise<readonly string[]>;
  /** Null: no such node. */
  data(path: string): Promise<string | null>;
}
/** The way to one ensemble. Every method throws Unreachable without an answer. */
export interface ZooKeeperPort {
  /** One session, ended when `read` has ended. */
  visit<T>(read: (zookeeper: ZooKeeperReads) => Promise<T>): Promise<T>;
  /** A four-letter word to one server (HOST:PORT): what it says until it closes the connection. */
  word(server: string, word: "srvr" | "ruok"): Promise<string>;
}

export interface ServerHealth {
  readonly server: string;
  /** `no-word`: it answers, but `4lw.commands.whitelist` does not let it say how it is. */
  readonly is: "serving" | "not-serving" | "no-word" | "silent";
  /** `leader`, `follower`, `standalone`, `observer`. */
  readonly mode: string | null;
  /** Requests that it has taken and not answered; null: it does not tell. */
  readonly outstanding: number | null;
  readonly words: string;
}

export async function serverHealth(port: ZooKeeperPort, server: string): Promise<ServerHealth> {
  try {
    const said = await port.word(server, "srvr");
    const words = said.trim().split("\n")[0] ?? "";
    if (said.includes("not in the whitelist")) return { server, is: "no-word", mode: null, outstanding: null, words };
    const mode = /^Mode:\s*(\S+)/m.exec(said)?.[1] ?? null;
    const outstanding = /^Outstanding:\s*(\d+)/m.exec(said)?.[1];
    return {
      server,
      is: mode === null ? "not-serving" : "serving",
      mode,
      outstanding: outstanding === undefined ? null : Number(outstanding),
      words,
    };
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    return { server, is: "silent", mode: null, outstanding: null, words: error.message };
  }
}

export interface Ensemble {
  readonly servers: number;
  readonly answering: number;
  readonly quorum: boolean;
  /** A session could be opened, and it could read: what every component needs to register. */
  readonly session: boolean;
  /** The most requests that wait on one server; null: none tells. */
  readonly outstanding: number | null;
}
/** Where the servers may not say how they are, a session is the proof: without a quorum there is none. */
export async function ensembleHealth(port: ZooKeeperPort, servers: readonly string[], rootPath: string): Promise<Ensemble> {
  const [health, session] = await Promise.all([Promise.all(servers.map((server) => serverHealth(port, server))), sessionWorks(port, rootPath)]);
  const answering = health.filter(({ is }) => is !== "silent").length;
  const serving = health.filter(({ is }) => is === "serving").length;
  const majority = serving > servers.length / 2;
  const told = !health.some(({ is }) => is === "no-word");
  const waiting = health.flatMap(({ outstanding }) => (outstanding === null ? [] : [outstanding]));
  return {
    servers: servers.length,
    answering,
    quorum: majority || (!told && session),
    session,
    outstanding: waiting.length === 0 ? null : Math.max(...waiting),
  };
}
async function sessionWorks(port: ZooKeeperPort, rootPath: string): Promise<boolean> {
  try {
    await port.visit((zookeeper) => zookeeper.children(rootPath));
    return true;
  } catch (error) {
    if (error instanceof Unreachable) return false;
    throw error;
  }
}

/** The nameservers that stand in the election, the leader first: the lowest sequence holds the lock (facts 2.3). */
export async function electedNameservers(
  port: ZooKeeperPort,
  rootPath: string,
): Promise<readonly { readonly endpoint: string; readonly address: string }[]> {
  return port.visit(async (zookeeper) => {
    const locks = (await zookeeper.children(`${rootPath}/leader`)).toSorted();
    const endpoints = await Promise.all(locks.map((lock) => zookeeper.data(`${rootPath}/leader/${lock}`)));
    const known = [...new Set(endpoints.flatMap((endpoint) => (endpoint === null || endpoint === "" ? [] : [endpoint])))];
    return Promise.all(known.map(async (endpoint) => ({ endpoint, address: await realEndpoint(zookeeper, rootPath, endpoint) })));
  });
}
export const realEndpoint = async (zookeeper: ZooKeeperReads, rootPath: string, endpoint: string): Promise<string> =>
  (await zookeeper.data(`${rootPath}/map/names/${endpoint}`)) ?? endpoint;
