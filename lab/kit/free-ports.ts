import { createServer } from "node:net";

/** Below the range that systems give to outgoing connections: a node that is down for a while must find its port free when it comes back. */
const lowest = 12_000;
const highest = 31_999;

const isFree = (port: number, address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(false);
    });
    server.listen(port, address, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });

/** Ports that nobody listens on now, on 127.0.0.1 or on that loopback address, from a random one upwards. */
export async function freePorts(count: number, address = "127.0.0.1"): Promise<readonly number[]> {
  const found: number[] = [];
  const from = lowest + Math.floor(Math.random() * (highest - lowest));
  for (let step = 0; found.length < count; step += 1) {
    if (step > highest - lowest) throw new Error(`${address} has no ${String(count)} free ports between ${String(lowest)} and ${String(highest)}`);
    const port = lowest + ((from - lowest + step) % (highest - lowest + 1));
    if (await isFree(port, address)) found.push(port);
  }
  return found;
}
