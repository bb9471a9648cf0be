// What a client of ZooKeeper reads, and what it watches from then on.
import { Refused, type Fired, type ServerTree } from "./zookeeper-tree.ts";
import { code, request, watchEvent, type RecordReader, type RecordWriter } from "./zookeeper-wire.ts";

/** Of one connection; each is told once. */
export interface Watches {
  readonly dataWatches: Set<string>;
  readonly childWatches: Set<string>;
}

/** What the answer holds. Throws Refused. */
export function readTree(tree: ServerTree, watches: Watches, type: number, record: RecordReader): (into: RecordWriter) => void {
  const path = record.string();
  const stat = (into: RecordWriter): void => {
    tree.writeStat(path, into);
  };
  switch (type) {
    case request.exists:
      if (record.bool()) watches.dataWatches.add(path);
      if (!tree.has(path)) throw new Refused(code.noNode, path);
      return stat;
    case request.getData: {
      const data = tree.data(path);
      if (record.bool()) watches.dataWatches.add(path);
      return (into) => {
        stat(into.buffer(data));
      };
    }
    case request.getChildren:
    case request.getChildren2: {
      const names = tree.children(path);
      if (record.bool()) watches.childWatches.add(path);
      return (into) => {
        into.vector(names, (name) => into.string(name));
        if (type === request.getChildren2) stat(into);
      };
    }
    case request.getAcl:
      tree.data(path);
      return (into) => {
        into.vector([31], (all) => into.int(all).string("world").string("anyone"));
        stat(into);
      };
    case request.setAcl:
      tree.data(path);
      return stat;
    case request.sync:
      return (into) => into.string(path);
    default:
      throw new Refused(code.unimplemented, path);
  }
}

/** After a reconnect: what changed meanwhile, to be told at once; all of it is watched again. */
export function watchAgain(tree: ServerTree, watches: Watches, record: RecordReader): readonly Fired[] {
  const seen = Number(record.long());
  const [data, exist, child] = [0, 1, 2].map(() => record.vector(() => record.string()));
  const now: Fired[] = [];
  for (const path of data ?? []) {
    const changed = tree.changedAt(path);
    if (changed === null) now.push({ event: watchEvent.deleted, path });
    else if (changed.data > seen) now.push({ event: watchEvent.dataChanged, path });
    watches.dataWatches.add(path);
  }
  for (const path of exist ?? []) {
    if (tree.has(path)) now.push({ event: watchEvent.created, path });
    watches.dataWatches.add(path);
  }
  for (const path of child ?? []) {
    const changed = tree.changedAt(path);
    if (changed === null) now.push({ event: watchEvent.deleted, path });
    else if (changed.children > seen) now.push({ event: watchEvent.childrenChanged, path });
    watches.childWatches.add(path);
  }
  return now;
}
