import { code, watchEvent, type RecordWriter, type WatchEvent } from "./zookeeper-wire.ts";

/** A request that cannot be done: the code goes into the answer. */
export class Refused extends Error {
  readonly code: number;
  constructor(answer: number, path: string) {
    super(`${path}: code ${String(answer)}`);
    this.code = answer;
  }
}

/** What changes the tree, with everything that was random or depended on the time decided: the same changes in the same order make the same tree. */
export type Change =
  | { readonly kind: "create"; readonly path: string; readonly data: string; readonly owner: string; readonly zxid: number; readonly time: number }
  | { readonly kind: "delete"; readonly path: string; readonly zxid: number }
  | { readonly kind: "set"; readonly path: string; readonly data: string; readonly zxid: number; readonly time: number };

export interface Fired {
  readonly event: WatchEvent;
  readonly path: string;
}

interface Znode {
  data: Buffer;
  readonly children: Set<string>;
  /** Session id in hexadecimal digits; "0": none, it stays. */
  readonly owner: string;
  readonly czxid: number;
  readonly ctime: number;
  mzxid: number;
  mtime: number;
  pzxid: number;
  version: number;
  /** Children ever made: also the number of the next sequential child. */
  made: number;
}

const node = (data: Buffer, owner: string, zxid: number, time: number): Znode => ({
  data,
  children: new Set(),
  owner,
  czxid: zxid,
  ctime: time,
  mzxid: zxid,
  mtime: time,
  pzxid: zxid,
  version: 0,
  made: 0,
});

const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf("/")));
const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** ZooKeeper's tree as a server keeps it. Data in changes is base64. */
export class ServerTree {
  readonly #nodes = new Map<string, Znode>([
    ["/", node(Buffer.alloc(0), "0", 0, 0)],
    ["/zookeeper", node(Buffer.alloc(0), "0", 0, 0)],
  ]);

  constructor() {
    this.#at("/").children.add("zookeeper");
  }

  get size(): number {
    return this.#nodes.size;
  }

  /** The path that a create makes: with the number, where one is asked for. Throws Refused. */
  pathToCreate(path: string, sequence: boolean): string {
    if (!path.startsWith("/") || (path.endsWith("/") && !sequence) || path.includes("//")) throw new Refused(code.badArguments, path);
    const parent = this.#nodes.get(parentOf(path));
    if (parent === undefined) throw new Refused(code.noNode, path);
    if (parent.owner !== "0") throw new Refused(code.noChildrenForEphemerals, path);
    const whole = sequence ? `${path}${String(parent.made).padStart(10, "0")}` : path;
    if (this.#nodes.has(whole)) throw new Refused(code.nodeExists, whole);
    return whole;
  }

  mayDelete(path: string, version: number): void {
    const found = this.#at(path);
    this.#sameVersion(found, path, version);
    if (found.children.size > 0) throw new Refused(code.notEmpty, path);
    if (path === "/" || path === "/zookeeper") throw new Refused(code.badArguments, path);
  }

  maySet(path: string, version: number): void {
    this.#sameVersion(this.#at(path), path, version);
  }

  apply(change: Change): readonly Fired[] {
    const { path } = change;
    switch (change.kind) {
      case "create": {
        const parent = this.#at(parentOf(path));
        this.#nodes.set(path, node(Buffer.from(change.data, "base64"), change.owner, change.zxid, change.time));
        parent.children.add(nameOf(path));
        parent.made += 1;
        parent.pzxid = change.zxid;
        return [
          { event: watchEvent.created, path },
          { event: watchEvent.childrenChanged, path: parentOf(path) },
        ];
      }
      case "delete": {
        const parent = this.#at(parentOf(path));
        this.#nodes.delete(path);
        parent.children.delete(nameOf(path));
        parent.pzxid = change.zxid;
        return [
          { event: watchEvent.deleted, path },
          { event: watchEvent.childrenChanged, path: parentOf(path) },
        ];
      }
      case "set": {
        const found = this.#at(path);
        found.data = Buffer.from(change.data, "base64");
        found.mzxid = change.zxid;
        found.mtime = change.time;
        found.version += 1;
        return [{ event: watchEvent.dataChanged, path }];
      }
    }
  }

  /** Throws Refused. */
  data(path: string): Buffer {
    return this.#at(path).data;
  }

  /** Throws Refused. */
  children(path: string): readonly string[] {
    return [...this.#at(path).children];
  }

  has(path: string): boolean {
    return this.#nodes.has(path);
  }

  /** Null: no such node. */
  changedAt(path: string): { readonly data: number; readonly children: number } | null {
    const found = this.#nodes.get(path);
    return found === undefined ? null : { data: found.mzxid, children: found.pzxid };
  }

  /** `owner` "0": those of every session. */
  ephemerals(owner: string): readonly string[] {
    return [...this.#nodes].flatMap(([path, found]) => (found.owner !== "0" && (owner === "0" || found.owner === owner) ? [path] : []));
  }

  ownerOf(path: string): string | null {
    const owner = this.#nodes.get(path)?.owner;
    return owner === undefined || owner === "0" ? null : owner;
  }

  /** Throws Refused. */
  writeStat(path: string, into: RecordWriter): void {
    const found = this.#at(path);
    into.long(BigInt(found.czxid)).long(BigInt(found.mzxid)).long(BigInt(found.ctime)).long(BigInt(found.mtime));
    // As DataNode.copyStat has it: creations and removals of children together.
    into.int(found.version).int(found.made * 2 - found.children.size);
    into.int(0).long(BigInt.asIntN(64, BigInt(`0x${found.owner}`)));
    into.int(found.data.length).int(found.children.size).long(BigInt(found.pzxid));
  }

  #at(path: string): Znode {
    const found = this.#nodes.get(path);
    if (found === undefined) throw new Refused(code.noNode, path);
    return found;
  }

  #sameVersion(found: Znode, path: string, version: number): void {
    if (version !== -1 && version !== found.version) throw new Refused(code.badVersion, path);
  }
}
