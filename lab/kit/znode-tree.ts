import { ZooKeeperError } from "./zookeeper.ts";

export type Watch = () => void;

export interface ZNode {
  data: string;
  readonly children: Map<string, ZNode>;
  /** Session that it goes with; null: it stays. */
  readonly owner: number | null;
  /** Of the next child made with `sequence`. */
  nextSequence: number;
}

export const childrenOf = (node: ZNode | null): readonly string[] => (node === null ? [] : [...node.children.keys()].sort());

const segments = (path: string): string[] => path.split("/").filter((segment) => segment !== "");
const joined = (names: readonly string[]): string => `/${names.join("/")}`;
const parentOf = (path: string): { readonly parent: string; readonly name: string } => {
  const names = segments(path);
  const name = names.pop();
  if (name === undefined) throw new ZooKeeperError("NODE_EXISTS", "/");
  return { parent: joined(names), name };
};

/** ZooKeeper's tree of nodes with one-shot watches. Throws ZooKeeperError with the path. */
export class ZNodeTree {
  readonly #root: ZNode = { data: "", children: new Map(), owner: null, nextSequence: 0 };
  readonly #dataWatches = new Map<string, Set<Watch>>();
  readonly #childWatches = new Map<string, Set<Watch>>();

  get(path: string): ZNode | null {
    let at: ZNode = this.#root;
    for (const name of segments(path)) {
      const next = at.children.get(name);
      if (next === undefined) return null;
      at = next;
    }
    return at;
  }

  create(path: string, data: string, owner: number | null, sequence: boolean): string {
    const { parent, name } = parentOf(path);
    const directory = this.get(parent);
    // An ephemeral node cannot have children; ZooKeeper has a code of its own for it that the lab's port does not.
    if (directory === null || directory.owner !== null) throw new ZooKeeperError("NO_NODE", path);
    let full = name;
    if (sequence) {
      full = `${name}${String(directory.nextSequence).padStart(10, "0")}`;
      directory.nextSequence += 1;
    }
    const made = joined([...segments(parent), full]);
    if (directory.children.has(full)) throw new ZooKeeperError("NODE_EXISTS", made);
    directory.children.set(full, { data, children: new Map(), owner, nextSequence: 0 });
    this.#fire(this.#dataWatches, made);
    this.#fire(this.#childWatches, made);
    this.#fire(this.#childWatches, parent);
    return made;
  }

  ensure(path: string, data: string): void {
    const names = segments(path);
    names.forEach((_, index) => {
      const part = joined(names.slice(0, index + 1));
      if (this.get(part) === null) this.create(part, index === names.length - 1 ? data : "", null, false);
    });
  }

  set(path: string, data: string): void {
    const node = this.get(path);
    if (node === null) throw new ZooKeeperError("NO_NODE", path);
    node.data = data;
    this.#fire(this.#dataWatches, joined(segments(path)));
  }

  /** Null: no such node; the watch then waits for its creation. */
  read(path: string, watch: Watch | null): string | null {
    if (watch !== null) add(this.#dataWatches, joined(segments(path)), watch);
    return this.get(path)?.data ?? null;
  }

  list(path: string, watch: Watch | null): readonly string[] {
    if (watch !== null) add(this.#childWatches, joined(segments(path)), watch);
    return childrenOf(this.get(path));
  }

  remove(path: string): void {
    const node = this.get(path);
    if (node === null) throw new ZooKeeperError("NO_NODE", path);
    if (node.children.size > 0) throw new ZooKeeperError("NOT_EMPTY", path);
    const { parent, name } = parentOf(path);
    this.get(parent)?.children.delete(name);
    const whole = joined(segments(path));
    this.#fire(this.#dataWatches, whole);
    this.#fire(this.#childWatches, whole);
    this.#fire(this.#childWatches, parent);
  }

  removeEphemerals(owner: number): void {
    const paths: string[] = [];
    const collect = (node: ZNode, path: string): void => {
      for (const [name, child] of node.children) {
        if (child.owner === owner) paths.push(`${path}/${name}`);
        else collect(child, `${path}/${name}`);
      }
    };
    collect(this.#root, "");
    for (const path of paths) this.remove(path);
  }

  #fire(watches: Map<string, Set<Watch>>, path: string): void {
    const waiting = watches.get(path);
    if (waiting === undefined) return;
    watches.delete(path);
    for (const watch of waiting) watch();
  }
}

function add(watches: Map<string, Set<Watch>>, path: string, watch: Watch): void {
  const waiting = watches.get(path) ?? new Set();
  waiting.add(watch);
  watches.set(path, waiting);
}
