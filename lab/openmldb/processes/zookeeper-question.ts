import { connect } from "node:net";
import { splitEndpoint } from "../../kit/real-network.ts";

/** One of ZooKeeper's four-letter words and the whole answer. Rejects when nobody answers within two seconds. */
export function fourLetters(endpoint: string, word: string): Promise<string> {
  const { host, port } = splitEndpoint(endpoint);
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const socket = connect({ host, port }, () => {
      socket.write(word);
    });
    socket.setTimeout(2000, () => {
      socket.destroy(new Error(`${endpoint}: no answer to ${word}`));
    });
    socket.on("data", (part) => parts.push(part));
    socket.on("error", reject);
    socket.on("close", () => {
      resolve(Buffer.concat(parts).toString("utf8"));
    });
  });
}
