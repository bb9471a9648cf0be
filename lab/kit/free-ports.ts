import { createServer } from "node:net";

/** Below the range that systems give to outgoing connections: a node that is down for a while must find its port free when it comes back. */
const lowest = 12_000;
const highest = 31_999;

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(false);
    });
    server.listen(port, "127.0.0.1", () => {
      server.close(() => {
        resolve(true);
      });
    });
  });

/** Ports of 127.0.0.1 that nobody listens on now, from a random one upwards. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const found: number[] = [];
  const from = lowest + Math.floor(Math.random() * (highest - lowest));
  for (let step = 0; found.length < count; step += 1) {
    if (step > highest - lowest) throw new Error(`127.0.0.1 has no ${String(count)} free ports between ${String(lowest)} and ${String(highest)}`);
    const port = lowest + ((from - lowest + step) % (highest - lowest + 1));
    if (await isFree(port)) found.push(port);
  }
  return found;
}
