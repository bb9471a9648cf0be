// The writer as a process: node main.ts write|verify --apiserver HOST:PORT ... --log FILE. One JSON document on standard output when it ends.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { RealClock } from "../../kit/real-clock.ts";
import { RealDisk } from "../../kit/real-disk.ts";
import { RealNetwork } from "../../kit/real-network.ts";
import { readLog } from "./acknowledgement-log.ts";
import { loadFigures } from "./figures.ts";
import { readBack } from "./read-back.ts";
import { LoadWriter, prepareLoadTable, type LoadOptions } from "./writer.ts";

const USAGE = `usage: node main.ts write|verify --apiserver HOST:PORT [--apiserver HOST:PORT ...] --log FILE
  [--db test] [--table load] [--series row]
  write: [--rate 500] [--seconds N] [--partitions P --replicas R]   until N seconds are over or a SIGTERM or SIGINT comes
  verify: exit code 1 when an acknowledged row is missing or any row is not as it was written
`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    apiserver: { type: "string", multiple: true, default: [] },
    log: { type: "string" },
    db: { type: "string", default: "test" },
    table: { type: "string", default: "load" },
    series: { type: "string", default: "row" },
    rate: { type: "string", default: "500" },
    seconds: { type: "string" },
    partitions: { type: "string" },
    replicas: { type: "string", default: "2" },
  },
});

const network = new RealNetwork();
const disk = new RealDisk();
const clock = new RealClock();

async function main(): Promise<number> {
  const [verb] = positionals;
  const { log, apiserver, db, table, series, rate } = values;
  if (log === undefined || apiserver.length === 0 || (verb !== "write" && verb !== "verify") || !(Number(rate) > 0)) {
    process.stderr.write(USAGE);
    return 2;
  }
  const options: LoadOptions = {
    network,
    disk,
    clock,
    from: "load",
    apiservers: apiserver,
    db,
    table,
    series,
    perSecond: Number(rate),
    log: resolve(log),
  };
  return verb === "write" ? await write(options) : await verify(options);
}

async function write(options: LoadOptions): Promise<number> {
  const { partitions, replicas, seconds } = values;
  if (partitions !== undefined) await prepareLoadTable(options, { partitions: Number(partitions), replicas: Number(replicas) });
  const over = new Promise<void>((end) => {
    process.once("SIGTERM", end);
    process.once("SIGINT", end);
    if (seconds !== undefined) clock.after(Number(seconds) * 1_000, end);
  });
  const writer = new LoadWriter(options);
  await writer.start();
  await over;
  await writer.stop();
  say(loadFigures(readLog(disk, options.log)));
  return 0;
}

async function verify(options: LoadOptions): Promise<number> {
  const rows = readLog(disk, options.log);
  const result = await readBack(options, rows);
  say({ ...loadFigures(rows), readBack: result });
  return result.missing.length + result.corrupted.length + result.refusedPresent.length > 0 ? 1 : 0;
}

const say = (document: object): void => void process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  network.close();
}
