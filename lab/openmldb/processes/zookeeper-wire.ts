// ZooKeeper's records as they stand on the wire ("jute"): big-endian integers, lengths before bytes, each packet with its length before it.

export class RecordReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get rest(): number {
    return this.#bytes.length - this.#at;
  }

  int(): number {
    const value = this.#bytes.readInt32BE(this.#at);
    this.#at += 4;
    return value;
  }

  long(): bigint {
    const value = this.#bytes.readBigInt64BE(this.#at);
    this.#at += 8;
    return value;
  }

  bool(): boolean {
    this.#at += 1;
    return this.#bytes.readUInt8(this.#at - 1) !== 0;
  }

  /** Null is written as length -1; readers of this lab do not tell it from empty. */
  buffer(): Buffer {
    const length = this.int();
    if (length <= 0) return Buffer.alloc(0);
    if (length > this.rest) throw new RangeError(`a field of ${String(length)} bytes in a packet that has ${String(this.rest)} left`);
    this.#at += length;
    return Buffer.from(this.#bytes.subarray(this.#at - length, this.#at));
  }

  string(): string {
    return this.buffer().toString("utf8");
  }

  vector<T>(item: () => T): T[] {
    const length = this.int();
    return Array.from({ length: Math.max(0, length) }, item);
  }
}

export class RecordWriter {
  readonly #parts: Buffer[] = [];

  int(value: number): this {
    const part = Buffer.alloc(4);
    part.writeInt32BE(value);
    this.#parts.push(part);
    return this;
  }

  long(value: bigint): this {
    const part = Buffer.alloc(8);
    part.writeBigInt64BE(value);
    this.#parts.push(part);
    return this;
  }

  bool(value: boolean): this {
    this.#parts.push(Buffer.from([value ? 1 : 0]));
    return this;
  }

  buffer(value: Buffer): this {
    this.int(value.length);
    this.#parts.push(value);
    return this;
  }

  string(value: string): this {
    return this.buffer(Buffer.from(value));
  }

  vector<T>(items: readonly T[], write: (item: T) => void): this {
    this.int(items.length);
    items.forEach(write);
    return this;
  }

  /** With its length before it. */
  packet(): Buffer {
    const body = Buffer.concat(this.#parts);
    const length = Buffer.alloc(4);
    length.writeInt32BE(body.length);
    return Buffer.concat([length, body]);
  }
}

/** Types of requests (org.apache.zookeeper.ZooDefs.OpCode). */
export const request = {
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  getAcl: 6,
  setAcl: 7,
  getChildren: 8,
  sync: 9,
  ping: 11,
  getChildren2: 12,
  create2: 15,
  auth: 100,
  setWatches: 101,
  closeSession: -11,
} as const;

/** Codes of answers (org.apache.zookeeper.KeeperException.Code). */
export const code = {
  ok: 0,
  marshalling: -5,
  unimplemented: -6,
  badArguments: -8,
  noNode: -101,
  badVersion: -103,
  noChildrenForEphemerals: -108,
  nodeExists: -110,
  notEmpty: -111,
  sessionExpired: -112,
} as const;

export const watchEvent = { created: 1, deleted: 2, dataChanged: 3, childrenChanged: 4 } as const;
export type WatchEvent = (typeof watchEvent)[keyof typeof watchEvent];

/** xid of a packet that answers no request: a watch has fired. */
export const notificationXid = -1;
export const pingXid = -2;
export const authXid = -4;
/** KeeperState.SyncConnected, in every watch event. */
export const syncConnected = 3;
