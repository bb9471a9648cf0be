import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { StillwaterError } from "../../../model/errors.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

async function isFree({ host, port }: Address): Promise<boolean> {
  const server = createServer();
  const listening = once(server, "listening");
  server.listen({ host, port });
  try {
    await listening;
  } catch {
    // In use, or this machine has no such loopback address.
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}

/** Below the range from which the kernel takes ports for outgoing connections: a port of that range can be taken while its node is stopped. */
const ports = [5432, 6432, 7432, 15_432, 16_432, 25_432];

/** An address of its own for each node, as on real hosts; where only 127.0.0.1 exists, ports of their own. */
export async function freeAddresses(count: number): Promise<readonly Address[]> {
  for (let attempt = 0; attempt < 40; attempt++) {
    const net = `127.${String(randomInt(64, 250))}.${String(randomInt(1, 250))}`;
    const base = randomInt(20_000, 32_000 - count);
    const port = ports[attempt % ports.length] ?? 5432;
    const wanted = Array.from({ length: count }, (_, index) =>
      attempt < 30 ? { host: `${net}.${String(index + 1)}`, port } : { host: "127.0.0.1", port: base + index },
    );
    if ((await Promise.all(wanted.map(isFree))).every(Boolean)) return wanted;
  }
  throw new StillwaterError("SW3002", `no ${String(count)} free loopback addresses were found`, { object: "127.0.0.0/8" });
}
