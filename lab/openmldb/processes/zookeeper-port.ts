import zookeeper, { type Client, type Event } from "node-zookeeper-client";
import { ZooKeeperError, type ZooKeeperCode, type ZooKeeperPort, type ZooKeeperSession } from "../../kit/zookeeper.ts";

const { CreateMode, Exception } = zookeeper;

/** What the client keeps to itself; needed to vanish without a word, as a killed process does. */
interface Inner {
  readonly connectionManager: { setState(state: number): void; readonly socket?: { destroy(): void } };
}
/** ConnectionManager's CLOSING: after it the client does not connect again. */
const closing = -1;

const isException = (error: unknown): error is { getCode(): number } =>
  typeof error === "object" && error !== null && "getCode" in error && typeof error.getCode === "function";

const codeNames: ReadonlyMap<number, ZooKeeperCode> = new Map([
  [Exception.NO_NODE, "NO_NODE"],
  [Exception.NODE_EXISTS, "NODE_EXISTS"],
  [Exception.NOT_EMPTY, "NOT_EMPTY"],
  [Exception.SESSION_EXPIRED, "SESSION_EXPIRED"],
  // The client's own word for an ephemeral parent; the lab's port has none.
  [Exception.NO_CHILDREN_FOR_EPHEMERALS, "NO_NODE"],
]);
const toPortError = (error: unknown, path: string): ZooKeeperError =>
  new ZooKeeperError((isException(error) ? codeNames.get(error.getCode()) : undefined) ?? "CONNECTION_LOSS", path);

/** ZooKeeper over the wire: `servers` as OpenMLDB's --zk_cluster has them, HOST:PORT with commas between. */
export class WireZooKeeperPort implements ZooKeeperPort {
  readonly #servers: string;
  /** How long a first connection is tried before CONNECTION_LOSS; in milliseconds. */
  readonly #patience: number;

  constructor(servers: string, patience = 5000) {
    this.#servers = servers;
    this.#patience = patience;
  }

  async connect(sessionTimeoutMs: number): Promise<ZooKeeperSession> {
    const client = zookeeper.createClient(this.#servers, { sessionTimeout: sessionTimeoutMs, spinDelay: 50, retries: 0 });
    const session = new WireSession(client, sessionTimeoutMs);
    await new Promise<void>((resolve, reject) => {
      const giveUp = setTimeout(() => {
        session.abandon();
        reject(new ZooKeeperError("CONNECTION_LOSS", this.#servers));
      }, this.#patience);
      client.once("connected", () => {
        clearTimeout(giveUp);
        resolve();
      });
      client.connect();
    });
    return session;
  }
}

type Answer<T> = (error: Error | null | { getCode(): number }, value: T) => void;

class WireSession implements ZooKeeperSession {
  readonly #client: Client;
  /** The client holds requests back for as long as it is not connected; here they fail after one session time-out. */
  readonly #deadlineMs: number;
  readonly #whenExpired: (() => void)[] = [];
  #silence: NodeJS.Timeout | undefined = undefined;
  #expired = false;
  #gone = false;

  constructor(client: Client, sessionTimeoutMs: number) {
    this.#client = client;
    this.#deadlineMs = sessionTimeoutMs;
    client.on("disconnected", () => {
      this.#connectAnew();
    });
    client.on("connected", () => {
      clearTimeout(this.#silence);
    });
    client.on("expired", () => {
      this.#expired = true;
      clearTimeout(this.#silence);
      if (!this.#gone) for (const then of this.#whenExpired.splice(0)) then();
    });
  }

  create(path: string, data: string, how: { readonly ephemeral?: boolean; readonly sequence?: boolean } = {}): Promise<string> {
    const sequence = how.sequence === true;
    const mode =
      how.ephemeral === true
        ? sequence
          ? CreateMode.EPHEMERAL_SEQUENTIAL
          : CreateMode.EPHEMERAL
        : sequence
          ? CreateMode.PERSISTENT_SEQUENTIAL
          : CreateMode.PERSISTENT;
    return this.#ask(path, (answer: Answer<string>) => {
      this.#client.create(path, Buffer.from(data), mode, answer);
    });
  }

  async ensure(path: string, data = ""): Promise<void> {
    const names = path.split("/").slice(1);
    for (let depth = 1; depth <= names.length; depth += 1) {
      const part = `/${names.slice(0, depth).join("/")}`;
      try {
        await this.create(part, depth === names.length ? data : "");
      } catch (error) {
        if (!(error instanceof ZooKeeperError && error.code === "NODE_EXISTS")) throw error;
      }
    }
  }

  async set(path: string, data: string): Promise<void> {
    await this.#ask(path, (answer: Answer<unknown>) => {
      this.#client.setData(path, Buffer.from(data), answer);
    });
  }

  async get(path: string, changed?: () => void): Promise<string | null> {
    const watch = changed === undefined ? undefined : once(changed);
    const found = await this.#unlessAbsent(path, (answer: Answer<Buffer | undefined>) => {
      if (watch === undefined) this.#client.getData(path, answer);
      else this.#client.getData(path, watch, answer);
    });
    if (found.present) return found.value?.toString("utf8") ?? "";
    // A read of nothing leaves no watch at the server; the question whether it exists does. It may have come meanwhile.
    if (watch !== undefined && (await this.#existsWatched(path, watch))) return this.get(path);
    return null;
  }

  async children(path: string, changed?: () => void): Promise<readonly string[]> {
    const watch = changed === undefined ? undefined : once(changed);
    const found = await this.#unlessAbsent(path, (answer: Answer<string[]>) => {
      if (watch === undefined) this.#client.getChildren(path, answer);
      else this.#client.getChildren(path, watch, answer);
    });
    if (found.present) return [...found.value].sort();
    // The node itself has come since: its children are to be watched, not its data, so everything is asked again.
    if (changed !== undefined && watch !== undefined && (await this.#existsWatched(path, watch))) return this.children(path, watch);
    return [];
  }

  async remove(path: string): Promise<void> {
    await this.#ask(path, (answer: Answer<undefined>) => {
      this.#client.remove(path, (error) => {
        answer(error, undefined);
      });
    });
  }

  onExpired(then: () => void): void {
    if (this.#expired) queueMicrotask(then);
    else this.#whenExpired.push(then);
  }

  /**
   * A real server that is still starting may accept a connection and never say a word on it, and the client waits without end: then it is made to try
   * again, three times within a session time-out.
   */
  #connectAnew(): void {
    clearTimeout(this.#silence);
    if (this.#gone || this.#expired) return;
    this.#silence = setTimeout(() => {
      (this.#client as unknown as Inner).connectionManager.socket?.destroy();
      this.#connectAnew();
    }, this.#deadlineMs / 3);
  }

  abandon(): void {
    this.#gone = true;
    clearTimeout(this.#silence);
    const { connectionManager } = this.#client as unknown as Inner;
    connectionManager.setState(closing);
    connectionManager.socket?.destroy();
  }

  async close(): Promise<void> {
    if (this.#gone || this.#expired) return;
    this.#gone = true;
    clearTimeout(this.#silence);
    await new Promise<void>((resolve) => {
      this.#client.once("disconnected", () => {
        resolve();
      });
      this.#client.close();
    });
  }

  #existsWatched(path: string, watch: (event: Event) => void): Promise<boolean> {
    return this.#ask(path, (answer: Answer<unknown>) => {
      this.#client.exists(path, watch, answer);
    }).then((stat) => stat !== null && stat !== undefined);
  }

  async #unlessAbsent<T>(
    path: string,
    question: (answer: Answer<T>) => void,
  ): Promise<{ readonly present: true; readonly value: T } | { readonly present: false }> {
    try {
      return { present: true, value: await this.#ask(path, question) };
    } catch (error) {
      if (error instanceof ZooKeeperError && error.code === "NO_NODE") return { present: false };
      throw error;
    }
  }

  #ask<T>(path: string, question: (answer: Answer<T>) => void): Promise<T> {
    if (this.#expired) return Promise.reject(new ZooKeeperError("SESSION_EXPIRED", path));
    return new Promise((resolve, reject) => {
      const giveUp = setTimeout(() => {
        reject(new ZooKeeperError("CONNECTION_LOSS", path));
      }, this.#deadlineMs);
      question((error, value) => {
        clearTimeout(giveUp);
        if (error === null || error === undefined) resolve(value);
        else reject(this.#expired ? new ZooKeeperError("SESSION_EXPIRED", path) : toPortError(error, path));
      });
    });
  }
}

/** Both a data watch and a child watch may stand for one question: the caller hears once. */
function once(then: () => void): () => void {
  let told = false;
  return () => {
    if (told) return;
    told = true;
    then();
  };
}
