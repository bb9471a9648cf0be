// The lab's ZooKeeper as a process: zookeeper-main.ts LAB. It serves until it is told to end, and takes orders of the lab on a port of its own.
import { readLabFile } from "./lab-file.ts";
import { splitEndpoint } from "../../kit/real-network.ts";
import { RealNetwork } from "../../kit/real-network.ts";
import { tickTime } from "./configuration.ts";
import { ZooKeeperServer } from "./zookeeper-server.ts";

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error("usage: zookeeper-main LAB");
const { zookeeper, scale } = readLabFile(directory);
const server = await ZooKeeperServer.start({
  ...splitEndpoint(zookeeper.endpoint),
  tickTime: tickTime(scale),
  dataDirectory: `${directory}/zookeeper/data`,
});
// POST /expire with a path: the session that owns that ephemeral node ends now.
await new RealNetwork().listen(zookeeper.control, ({ path, body }) => {
  if (path === "/ephemerals") return Promise.resolve({ status: 200, body: JSON.stringify(server.ephemerals()) });
  if (path !== "/expire") return Promise.resolve({ status: 404, body: "unknown" });
  return Promise.resolve(server.expireOwnerOf(body) ? { status: 200, body: "ok" } : { status: 409, body: `nobody owns ${body}` });
});
