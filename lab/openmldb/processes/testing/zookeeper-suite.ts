import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ZooKeeperError, type ZooKeeperPort, type ZooKeeperSession } from "../../../kit/zookeeper.ts";
import { fourLetters } from "../zookeeper-question.ts";
import { WireZooKeeperPort } from "../zookeeper-port.ts";

export interface ServerUnderTest {
  /** HOST:PORT */
  readonly endpoint: string;
  readonly minSessionTimeoutMs: number;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const event = (): { readonly fire: () => void; readonly fired: Promise<void>; count: () => number } => {
  let count = 0;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return {
    fire: () => {
      count += 1;
      resolve(undefined);
    },
    fired: promise,
    count: () => count,
  };
};

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "ok",
    (error: unknown) => (error instanceof ZooKeeperError ? error.code : String(error)),
  );

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** What the lab needs of ZooKeeper, asked through a client of other authors: the lab's own server and the real one must answer alike. */
export function describeZooKeeper(name: string, start: () => Promise<ServerUnderTest>): void {
  describe(name, () => {
    let server: ServerUnderTest;
    let port: ZooKeeperPort;
    const open: ZooKeeperSession[] = [];
    const connect = async (timeoutMs = server.minSessionTimeoutMs): Promise<ZooKeeperSession> => {
      const session = await port.connect(timeoutMs);
      open.push(session);
      return session;
    };
    beforeAll(async () => {
      server = await start();
      port = new WireZooKeeperPort(server.endpoint, 10_000);
    });
    afterAll(async () => {
      await Promise.all(open.map((session) => session.close().catch(() => undefined)));
      await server.stop();
    });

    it("keeps a tree: create, set, get, children, remove, with the codes of ZooKeeper", async () => {
      const session = await connect();
      await session.ensure("/tree/a/b", "x");
      await session.ensure("/tree/a/b", "not written again");
      expect(await session.get("/tree/a/b")).toBe("x");
      await session.set("/tree/a/b", "y");
      expect(await session.get("/tree/a/b")).toBe("y");
      await session.create("/tree/c", "");
      expect(await session.children("/tree")).toEqual(["a", "c"]);
      expect(await session.get("/tree/c")).toBe("");
      expect(await codeOf(session.create("/tree/c", ""))).toBe("NODE_EXISTS");
      expect(await codeOf(session.create("/nowhere/c", ""))).toBe("NO_NODE");
      expect(await codeOf(session.remove("/tree/a"))).toBe("NOT_EMPTY");
      expect(await codeOf(session.remove("/nowhere"))).toBe("NO_NODE");
      expect(await codeOf(session.set("/nowhere", ""))).toBe("NO_NODE");
      await session.remove("/tree/a/b");
      expect(await session.get("/tree/a/b")).toBeNull();
      expect(await session.children("/nowhere")).toEqual([]);
    });

    it("numbers sequential nodes by the children ever made, so that a number never comes twice", async () => {
      const session = await connect();
      await session.ensure("/leader");
      const first = await session.create("/leader/lock_request", "n1", { ephemeral: true, sequence: true });
      const second = await session.create("/leader/lock_request", "n2", { ephemeral: true, sequence: true });
      expect([first, second]).toEqual(["/leader/lock_request0000000000", "/leader/lock_request0000000001"]);
      await session.remove(first);
      expect(await session.create("/leader/lock_request", "n3", { sequence: true })).toBe("/leader/lock_request0000000002");
    });

    it("fires each watch once: data, creation, removal, children", async () => {
      const watcher = await connect();
      const writer = await connect();
      await writer.ensure("/watched/data", "1");
      const [data, created, removed, children] = [event(), event(), event(), event()];
      await watcher.get("/watched/data", data.fire);
      expect(await watcher.get("/watched/later", created.fire)).toBeNull();
      await writer.set("/watched/data", "2");
      await writer.set("/watched/data", "3");
      await writer.create("/watched/later", "");
      await Promise.all([data.fired, created.fired]);
      await watcher.get("/watched/later", removed.fire);
      await watcher.children("/watched", children.fire);
      await writer.remove("/watched/later");
      await Promise.all([removed.fired, children.fired]);
      expect([data.count(), created.count(), removed.count(), children.count()]).toEqual([1, 1, 1, 1]);
    });

    it("waits for a directory that does not exist yet", async () => {
      const watcher = await connect();
      const writer = await connect();
      const came = event();
      expect(await watcher.children("/not-yet", came.fire)).toEqual([]);
      await writer.create("/not-yet", "");
      await came.fired;
    });

    it("keeps the ephemeral node of a client that vanished until its session time-out, and refuses it to the next one meanwhile", async () => {
      const vanishing = await connect();
      const other = await connect();
      await other.ensure("/nodes");
      await vanishing.create("/nodes/t1", "startup_t1", { ephemeral: true });
      vanishing.abandon();
      const from = Date.now();
      expect(await codeOf(other.create("/nodes/t1", "", { ephemeral: true }))).toBe("NODE_EXISTS");
      const gone = event();
      await other.get("/nodes/t1", gone.fire);
      await gone.fired;
      expect(Date.now() - from).toBeGreaterThanOrEqual(server.minSessionTimeoutMs / 2);
      expect(await codeOf(other.create("/nodes/t1", "again", { ephemeral: true }))).toBe("ok");
    });

    it("removes the ephemeral nodes of a session that is closed at once", async () => {
      const closing = await connect();
      const other = await connect();
      await other.ensure("/closing");
      await closing.create("/closing/c", "", { ephemeral: true });
      await closing.close();
      expect(await other.children("/closing")).toEqual([]);
    });

    it("gives no child to an ephemeral node", async () => {
      const session = await connect();
      await session.create("/leaf", "", { ephemeral: true });
      expect(await codeOf(session.create("/leaf/child", ""))).not.toBe("ok");
    });

    it("answers the four-letter words", async () => {
      expect(await fourLetters(server.endpoint, "ruok")).toBe("imok");
      expect(await fourLetters(server.endpoint, "srvr")).toMatch(/^Zookeeper version: .*\n(.*\n)*Mode: standalone\n/);
      expect(await fourLetters(server.endpoint, "mntr")).toMatch(/zk_server_state\tstandalone/);
      expect(await fourLetters(server.endpoint, "conf")).toMatch(/maxSessionTimeout=\d+/);
      expect(await fourLetters(server.endpoint, "stat")).toMatch(/Clients:/);
    });

    it("comes back after a restart with its tree and its sessions, and tells what was watched", async () => {
      // Long enough for the real server to start again.
      const session = await connect(10 * server.minSessionTimeoutMs);
      await session.ensure("/kept/data", "1");
      await session.create("/kept/mine", "", { ephemeral: true });
      const changed = event();
      await session.get("/kept/data", changed.fire);
      await server.restart();
      await until(() =>
        session.get("/kept/data").then(
          (data) => data === "1",
          () => false,
        ),
      );
      expect(await session.get("/kept/mine")).toBe("");
      await session.set("/kept/data", "2");
      await changed.fired;
    });
  });
}
