// What the gate over chunks costs where there are 100,000 of them: the aggregate runs on the controller, and the table is never pulled.
import { ApiSession } from "../robustness/dolphindb/api-client.ts";
import { createTable } from "../robustness/dolphindb/writers.ts";
import { Stand } from "../robustness/dolphindb/stand.ts";
import { Mortal } from "../robustness/orchestrator/process.ts";
import { absolute } from "./figures.ts";
import type { Metric } from "./metric.ts";

const CHUNKS = 100_000;
const DATABASE = "dfs://history";
const TABLE = "ticks";

export async function chunkGate(say: (text: string) => void): Promise<readonly Metric[]> {
  const stand = new Stand({ seed: 1 });
  const { cluster } = stand;
  await cluster.world.run(cluster.boot());
  await cluster.world.run(prepare(stand));
  const driver = stand.driver(new Mortal(cluster.world));
  await cluster.world.run(driver.inspect());
  // What travels and what Stillwater keeps of it; the controller's own work over its table is not Stillwater's.
  const before = stand.received;
  const heap = process.memoryUsage().heapUsed;
  const began = process.cpuUsage();
  const facts = await cluster.world.run(driver.inspect());
  const { user, system } = process.cpuUsage(began);
  const grown = (process.memoryUsage().heapUsed - heap) / 1_048_576;
  if (facts.now.chunks?.total !== CHUNKS) throw new Error(`the facts count ${String(facts.now.chunks?.total)} chunks`);
  const kind = `one look at ${String(CHUNKS)} chunks, lab in the same process`;
  say(`${kind}: ${String(Math.round((stand.received - before) / 1_024))} KiB came over the network`);
  return [
    absolute(`${kind}: CPU time of lab and Stillwater together (bar for Stillwater: 2)`, (user + system) / 1_000_000, "s"),
    absolute(`${kind}: heap of both together (bar for Stillwater: 150)`, Math.max(0, grown), "MB"),
    absolute(`${kind}: answers that Stillwater read`, (stand.received - before) / 1_024, "KiB"),
  ];
}

async function prepare(stand: Stand): Promise<void> {
  const { cluster } = stand;
  const [site] = cluster.of("datanode");
  const session = await ApiSession.open(stand.transport("127.0.0.1:4"), site?.endpoint ?? "", 30_000);
  await session.script(createTable(DATABASE, TABLE, 1), 30_000);
  session.close();
  await cluster.seedChunks(DATABASE, TABLE, CHUNKS);
}
