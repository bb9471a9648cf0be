// A ZooKeeper that has what a test says.
import { Refused } from "../../../model/errors.ts";
import type { ZooKeeperPort } from "../wire/zookeeper.ts";

/** `nodes`: path to data. `words`: server to its answer to `srvr`; what is not said is refused. */
export const treeZooKeeper = (nodes: Readonly<Record<string, string>>, words: Readonly<Record<string, string>> = {}): ZooKeeperPort => ({
  visit: (read) =>
    read({
      children: async (path) => [
        ...new Set(Object.keys(nodes).flatMap((each) => (each.startsWith(`${path}/`) ? [each.slice(path.length + 1).split("/")[0] ?? ""] : []))),
      ],
      data: async (path) => nodes[path] ?? null,
    }),
  word: async (server) => {
    const said = words[server];
    if (said === undefined) throw new Refused(`ZooKeeper ${server} does not answer`, { object: server });
    return said;
  },
});
