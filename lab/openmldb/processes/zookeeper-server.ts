// One ZooKeeper server, as far as OpenMLDB, its tools and Stillwater use one. Left out: quorum, ACLs (any credential is taken, nothing is refused
// for the lack of one), transactions of several operations, containers and TTL nodes.
import { randomBytes } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { fourLetterAnswer, isFourLetterWord } from "./zookeeper-four-letters.ts";
import { Journal } from "./zookeeper-journal.ts";
import { readTree, watchAgain, type Watches } from "./zookeeper-reads.ts";
import { Refused, ServerTree, type Change, type Fired } from "./zookeeper-tree.ts";
import { authXid, code, notificationXid, pingXid, RecordReader, RecordWriter, request, syncConnected, watchEvent } from "./zookeeper-wire.ts";

export interface ZooKeeperServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Milliseconds; sessions get 2 to 20 of them, as with the real server. */
  readonly tickTime: number;
  /** Where everything is kept over a restart; null: nowhere. */
  readonly dataDirectory: string | null;
}

interface Session {
  readonly id: string;
  readonly password: string;
  readonly timeoutMs: number;
  connection: Connection | null;
  timer: NodeJS.Timeout;
}

interface Connection extends Watches {
  readonly socket: Socket;
  session: Session | null;
}

/** jute.maxbuffer */
const longestPacket = 0xf_ffff;

const hex = (id: bigint): string => BigInt.asUintN(64, id).toString(16);
const long = (id: string): bigint => BigInt.asIntN(64, BigInt(`0x${id}`));

export class ZooKeeperServer {
  readonly #options: ZooKeeperServerOptions;
  readonly #journal: Journal;
  readonly #tree = new ServerTree();
  readonly #sessions = new Map<string, Session>();
  readonly #connections = new Set<Connection>();
  readonly #server: Server;
  #zxid = 0;
  #received = 0;
  #sent = 0;

  private constructor(options: ZooKeeperServerOptions) {
    this.#options = options;
    this.#journal = new Journal(options.dataDirectory === null ? null : `${options.dataDirectory}/transactions`);
    this.#server = createServer((socket) => {
      this.#accept(socket);
    });
  }

  static async start(options: ZooKeeperServerOptions): Promise<ZooKeeperServer> {
    const server = new ZooKeeperServer(options);
    server.#remember();
    await new Promise<void>((resolve, reject) => {
      server.#server.once("error", reject);
      server.#server.listen(options.port, options.host, resolve);
    });
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : this.#options.port;
  }

  /** Sessions stay: whoever comes back within its time-out has lost nothing. */
  async stop(): Promise<void> {
    for (const session of this.#sessions.values()) clearTimeout(session.timer);
    for (const { socket } of this.#connections) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  /** Ends the session that owns that ephemeral node, as after a pause longer than its time-out. False: no such node, or nobody owns it. */
  expireOwnerOf(path: string): boolean {
    const session = this.#sessions.get(this.#tree.ownerOf(path) ?? "");
    if (session === undefined) return false;
    this.#end(session);
    return true;
  }

  ephemerals(): readonly string[] {
    return this.#tree.ephemerals("0");
  }

  #remember(): void {
    for (const record of this.#journal.read()) {
      if (record.kind === "session") this.#open(record.id, record.password, record.timeoutMs);
      else if (record.kind === "end") this.#forget(record.id);
      else {
        this.#tree.apply(record);
        this.#zxid = record.zxid;
      }
    }
  }

  #open(id: string, password: string, timeoutMs: number): Session {
    const session: Session = { id, password, timeoutMs, connection: null, timer: setTimeout(() => undefined, 0) };
    this.#sessions.set(id, session);
    this.#heard(session);
    return session;
  }

  #forget(id: string): void {
    clearTimeout(this.#sessions.get(id)?.timer);
    this.#sessions.delete(id);
  }

  #heard(session: Session): void {
    clearTimeout(session.timer);
    session.timer = setTimeout(() => {
      this.#end(session);
    }, session.timeoutMs);
  }

  #end(session: Session): void {
    if (!this.#sessions.has(session.id)) return;
    for (const path of this.#tree.ephemerals(session.id)) this.#change({ kind: "delete", path, zxid: this.#next() });
    this.#journal.add({ kind: "end", id: session.id });
    this.#forget(session.id);
    session.connection?.socket.end();
  }

  #next(): number {
    this.#zxid += 1;
    return this.#zxid;
  }

  #change(change: Change): void {
    this.#journal.add(change);
    const fired = this.#tree.apply(change);
    for (const connection of this.#connections) this.#notify(connection, fired);
  }

  /** Each watch once: a node that goes tells its own watches one thing, its parent's child watches another. */
  #notify(connection: Connection, fired: readonly Fired[]): void {
    for (const { event, path } of fired) {
      const data = event !== watchEvent.childrenChanged && connection.dataWatches.delete(path);
      const child = (event === watchEvent.childrenChanged || event === watchEvent.deleted) && connection.childWatches.delete(path);
      if (!data && !child) continue;
      this.#send(connection, this.#header(notificationXid, -1, code.ok).int(event).int(syncConnected).string(path));
    }
  }

  #header(xid: number, zxid: number, answer: number): RecordWriter {
    return new RecordWriter().int(xid).long(BigInt(zxid)).int(answer);
  }

  #send(connection: Connection, record: RecordWriter): void {
    this.#sent += 1;
    if (!connection.socket.destroyed) connection.socket.write(record.packet());
  }

  #accept(socket: Socket): void {
    const connection: Connection = { socket, session: null, dataWatches: new Set(), childWatches: new Set() };
    this.#connections.add(connection);
    let held = Buffer.alloc(0);
    socket.setNoDelay(true);
    socket.on("error", () => {
      socket.destroy();
    });
    socket.on("close", () => {
      this.#connections.delete(connection);
      if (connection.session?.connection === connection) connection.session.connection = null;
    });
    socket.on("data", (bytes) => {
      held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      if (connection.session === null && held.length >= 4 && isFourLetterWord(held.toString("latin1", 0, 4))) {
        socket.end(this.#fourLetters(held.toString("latin1", 0, 4)));
        return;
      }
      while (held.length >= 4) {
        const length = held.readInt32BE(0);
        if (length < 0 || length > longestPacket) {
          socket.destroy();
          return;
        }
        if (held.length < length + 4) return;
        const packet = held.subarray(4, length + 4);
        held = held.subarray(length + 4);
        this.#packet(connection, new RecordReader(packet));
      }
    });
  }

  #packet(connection: Connection, record: RecordReader): void {
    this.#received += 1;
    try {
      if (connection.session === null) this.#connect(connection, record);
      else this.#request(connection, connection.session, record);
    } catch (error) {
      // A packet that ends too early: the real server closes, too.
      if (!(error instanceof RangeError)) throw error;
      connection.socket.destroy();
    }
  }

  #connect(connection: Connection, record: RecordReader): void {
    record.int();
    record.long();
    const asked = record.int();
    const id = hex(record.long());
    const password = record.buffer().toString("hex");
    const withReadOnly = record.rest > 0;
    const session = id === "0" ? this.#begin(asked) : this.#resume(id, password);
    const answer = new RecordWriter().int(0);
    answer.int(session === null ? 0 : session.timeoutMs).long(session === null ? 0n : long(session.id));
    answer.buffer(session === null ? Buffer.alloc(16) : Buffer.from(session.password, "hex"));
    if (withReadOnly) answer.bool(false);
    this.#send(connection, answer);
    if (session === null) {
      connection.socket.end();
      return;
    }
    session.connection?.socket.destroy();
    session.connection = connection;
    connection.session = session;
    this.#heard(session);
  }

  #begin(asked: number): Session {
    const { tickTime } = this.#options;
    const timeoutMs = Math.min(Math.max(asked, 2 * tickTime), 20 * tickTime);
    const id = hex(randomBytes(8).readBigInt64BE());
    const session = this.#open(id, randomBytes(16).toString("hex"), timeoutMs);
    this.#journal.add({ kind: "session", id, password: session.password, timeoutMs });
    return session;
  }

  #resume(id: string, password: string): Session | null {
    const session = this.#sessions.get(id);
    return session?.password === password ? session : null;
  }

  #request(connection: Connection, session: Session, record: RecordReader): void {
    const xid = record.int();
    const type = record.int();
    this.#heard(session);
    const answer = (body?: (into: RecordWriter) => void): void => {
      const into = this.#header(xid, this.#zxid, code.ok);
      body?.(into);
      this.#send(connection, into);
    };
    if (xid === pingXid || xid === authXid) {
      answer();
      return;
    }
    if (type === request.closeSession) {
      this.#end(session);
      answer();
      connection.socket.end();
      return;
    }
    try {
      this.#operation(connection, session, type, record, answer);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#send(connection, this.#header(xid, this.#zxid, error.code));
    }
  }

  #operation(
    connection: Connection,
    session: Session,
    type: number,
    record: RecordReader,
    answer: (body?: (into: RecordWriter) => void) => void,
  ): void {
    switch (type) {
      case request.create:
      case request.create2: {
        const asked = record.string();
        const data = record.buffer().toString("base64");
        record.vector(() => [record.int(), record.string(), record.string()]);
        const flags = record.int();
        if (flags > 3) throw new Refused(code.unimplemented, asked);
        const path = this.#tree.pathToCreate(asked, (flags & 2) !== 0);
        this.#change({ kind: "create", path, data, owner: (flags & 1) !== 0 ? session.id : "0", zxid: this.#next(), time: Date.now() });
        answer((into) => {
          into.string(path);
          if (type === request.create2) this.#tree.writeStat(path, into);
        });
        return;
      }
      case request.delete: {
        const path = record.string();
        this.#tree.mayDelete(path, record.int());
        this.#change({ kind: "delete", path, zxid: this.#next() });
        answer();
        return;
      }
      case request.setData: {
        const path = record.string();
        const data = record.buffer().toString("base64");
        this.#tree.maySet(path, record.int());
        this.#change({ kind: "set", path, data, zxid: this.#next(), time: Date.now() });
        answer((into) => {
          this.#tree.writeStat(path, into);
        });
        return;
      }
      case request.setWatches:
        this.#notify(connection, watchAgain(this.#tree, connection, record));
        answer();
        return;
      default:
        answer(readTree(this.#tree, connection, type, record));
    }
  }

  #fourLetters(word: string): string {
    return fourLetterAnswer(word, {
      port: this.port,
      tickTime: this.#options.tickTime,
      dataDirectory: this.#options.dataDirectory ?? "",
      zxid: this.#zxid,
      received: this.#received,
      sent: this.#sent,
      nodes: this.#tree.size,
      watches: [...this.#connections].reduce((sum, { dataWatches, childWatches }) => sum + dataWatches.size + childWatches.size, 0),
      ephemerals: [...this.#sessions.keys()].map((session) => ({ session, paths: this.#tree.ephemerals(session) })),
      connections: [...this.#connections].map(({ socket, session }) => ({
        client: `${socket.remoteAddress ?? "?"}:${String(socket.remotePort ?? 0)}`,
        session: session?.id ?? null,
      })),
    });
  }
}
