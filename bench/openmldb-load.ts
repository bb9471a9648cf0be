// A lab cluster under an application's load: 500 rows a second through two APIServers into 24 partitions, on virtual time.
import { MemoryDisk } from "../lab/kit/memory-disk.ts";
import { ApiserverClient, CannotRead } from "../lab/openmldb/load/apiserver-client.ts";
import { readLog, type LoggedRow } from "../lab/openmldb/load/acknowledgement-log.ts";
import { loadFigures, type LoadFigures } from "../lab/openmldb/load/figures.ts";
import { readBack } from "../lab/openmldb/load/read-back.ts";
import { LoadWriter, prepareLoadTable, type LoadOptions } from "../lab/openmldb/load/writer.ts";
import { MemoryRun } from "../src/drivers/openmldb/testing/memory-run.ts";
import type { Goal } from "../src/model/goal.ts";

export const fences = ["partition", "tablet", "hook", "none"] as const;
export type Fence = (typeof fences)[number];

const DB = "shop";
const TABLE = "orders";
const PARTITIONS = 24;
const DAY_MS = 86_400_000;
/** The application writes that long before anything happens, and after it. */
const QUIET_MS = 3_000;

export interface Felt extends LoadFigures {
  /** Acknowledged rows that are not in the table afterwards. */
  readonly lost: number;
  /** By pid, of the partitions that the node led when it began: the longest time without an acknowledgement, in milliseconds. */
  readonly pausesMs: readonly number[];
  /** Virtual milliseconds from the first step to the last. */
  readonly tookMs: number;
}

/** Error when the run does not succeed. `goal`: what is done while the application writes. `led`: the node whose partitions' pauses are wanted. */
export async function underLoad(fence: Fence, led: string, goal: (run: MemoryRun) => Goal): Promise<Felt> {
  let writer: LoadWriter | null = null;
  const run = await MemoryRun.begin({
    nameservers: 2,
    tablets: 3,
    apiservers: 2,
    partitions: 0,
    traffic: { pause: async () => writer?.stop(), resume: async () => writer?.start() },
  });
  const { lab } = run;
  const { world } = lab;
  const load: LoadOptions = {
    network: lab.network,
    clock: world,
    disk: new MemoryDisk(),
    from: "127.0.0.1:4",
    apiservers: lab.of("apiserver").map(({ endpoint }) => endpoint),
    db: DB,
    table: TABLE,
    perSecond: 500,
    log: "/load.log",
  };
  for (const apiserver of load.apiservers)
    await world.run(
      lab.until(`${apiserver} knows the table`, () => knowsTable({ ...load, apiservers: [apiserver] })),
      DAY_MS,
    );
  await world.run(lab.settled());
  const { endpoint } = lab.node(led);
  const pids = (await world.run(lab.table(DB, TABLE))).table_partition
    .filter(({ partition_meta }) => partition_meta.some((meta) => meta.is_leader && meta.endpoint === endpoint))
    .map(({ pid }) => pid);
  await run.plan({ ...goal(run), options: { fence } });
  writer = new LoadWriter(load);
  await world.run(writer.start());
  await world.advance(QUIET_MS);
  const began = world.now();
  const outcome = await run.process();
  if (outcome === "killed" || outcome.is !== "succeeded") throw new Error(`fence ${fence}: the run ended as ${JSON.stringify(outcome)}`);
  const tookMs = world.now() - began;
  await world.advance(QUIET_MS);
  await world.run(writer.stop());
  await world.run(lab.settled());
  const rows: readonly LoggedRow[] = readLog(load.disk, load.log);
  const figures = loadFigures(rows);
  const { missing } = await world.run(readBack(load, rows), DAY_MS);
  return { ...figures, lost: missing.length, pausesMs: pids.map((pid) => figures.longestGapMs[pid] ?? Number.NaN), tookMs };
}

async function knowsTable(load: LoadOptions): Promise<boolean> {
  try {
    await prepareLoadTable(load, { partitions: PARTITIONS, replicas: 2 });
    await new ApiserverClient(load.network, load.from, 1_000).partitions(load.apiservers, load.db, load.table);
    return true;
  } catch (error) {
    if (!(error instanceof CannotRead)) throw error;
    return false;
  }
}
