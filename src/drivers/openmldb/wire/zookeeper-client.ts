// ZooKeeper over its own protocol.
import { createConnection } from "node:net";
import { createClient, Exception, State, type Client } from "node-zookeeper-client";
import { Refused, Unreachable } from "../../../model/errors.ts";
import type { ZooKeeperPort, ZooKeeperReads } from "./zookeeper.ts";

const connectTimeoutMs = 6_000;
const wordTimeoutMs = 3_000;

/** `credentials`: `user:password` of the digest scheme, for trees made with `--zk_cert`. */
export function zooKeeperClient(servers: readonly string[], credentials: (() => Promise<string>) | null): ZooKeeperPort {
  return {
    async visit(read) {
      const client = createClient(servers.join(","), { sessionTimeout: connectTimeoutMs, spinDelay: 200, retries: 0 });
      try {
        await connected(client, servers, credentials === null ? null : await credentials());
        return await read(readsOf(client, servers));
      } finally {
        client.close();
      }
    },
    word: askWord,
  };
}

function connected(client: Client, servers: readonly string[], credentials: string | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(timer);
      reject(
        new Unreachable(`ZooKeeper ${servers.join(",")} gives no session: ${why}`, {
          object: servers.join(","),
          remedy: "Check that a majority of its servers runs: `echo srvr | nc HOST PORT`.",
        }),
      );
    };
    const timer = setTimeout(() => fail(`nothing within ${String(connectTimeoutMs)} ms`), connectTimeoutMs);
    client.on("state", (state) => {
      if (state === State.SYNC_CONNECTED) {
        clearTimeout(timer);
        resolve();
      } else if (state === State.AUTH_FAILED) fail("its credentials are wrong");
      else if (state === State.EXPIRED) fail("the session has expired");
    });
    if (credentials !== null) client.addAuthInfo("digest", Buffer.from(credentials));
    client.connect();
  });
}

function readsOf(client: Client, servers: readonly string[]): ZooKeeperReads {
  /** A lost connection may leave a callback uncalled for ever. */
  const within = <T>(path: string, start: (done: (error: Error | Exception | null, value: T) => void) => void, absent: T): Promise<T> =>
    new Promise((resolve, reject) => {
      const lost = (why: string): Unreachable => new Unreachable(`ZooKeeper did not tell ${path}: ${why}`, { object: servers.join(",") });
      const timer = setTimeout(() => reject(lost(`nothing within ${String(connectTimeoutMs)} ms`)), connectTimeoutMs);
      start((error, value) => {
        clearTimeout(timer);
        if (error === null || error === undefined) resolve(value);
        else if ("getCode" in error && error.getCode() === Exception.NO_NODE) resolve(absent);
        else reject(lost(String(error)));
      });
    });
  return {
    children: (path) => within<readonly string[]>(path, (done) => client.getChildren(path, (error, names) => done(error, names)), []),
    data: (path) => within<string | null>(path, (done) => client.getData(path, (error, data) => done(error, data?.toString("utf8") ?? "")), null),
  };
}

function askWord(server: string, word: string): Promise<string> {
  const colon = server.lastIndexOf(":");
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: server.slice(0, colon), port: Number(server.slice(colon + 1)) });
    let said = "";
    let over = false;
    const end = (error: Error | null): void => {
      if (over) return;
      over = true;
      socket.destroy();
      if (error === null) return resolve(said);
      const refused = "code" in error && error.code === "ECONNREFUSED";
      const message = `ZooKeeper ${server} does not answer ${word}: ${error.message}`;
      reject(refused ? new Refused(message, { object: server, cause: error }) : new Unreachable(message, { object: server, cause: error }));
    };
    socket.setTimeout(wordTimeoutMs, () => end(new Error(`nothing within ${String(wordTimeoutMs)} ms`)));
    socket.once("connect", () => socket.write(word));
    socket.on("data", (part: Buffer) => (said += part.toString("utf8")));
    socket.once("end", () => end(said === "" ? new Error("the connection was closed without a word") : null));
    socket.once("error", (error) => end(said === "" ? error : null));
  });
}
