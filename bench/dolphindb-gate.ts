// What the gate over chunks costs where there are 100,000 of them: the aggregate runs on the controller, and the table is never pulled. The lab answers first;
// then the driver goes through the same gate in a process of its own, with these answers: what that process uses is what Stillwater uses.
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ApiSession } from "../robustness/dolphindb/api-client.ts";
import { createTable } from "../robustness/dolphindb/writers.ts";
import { Stand, STILLWATER } from "../robustness/dolphindb/stand.ts";
import { passGate, type GateUse } from "./dolphindb-gate-alone.ts";
import { recorded, type Tape } from "./dolphindb-tape.ts";
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
  const tape: Tape = {};
  const surroundings = recorded(tape, { transport: stand.transport(STILLWATER), host: (name) => stand.host(name) });
  const clock = { now: () => cluster.world.now(), sleep: (ms: number) => cluster.world.sleep(ms) };
  const began = process.cpuUsage();
  const seen = await cluster.world.run(passGate(stand.definition, surroundings, clock));
  const { user, system } = process.cpuUsage(began);
  if (seen.chunks !== CHUNKS) throw new Error(`the gate counts ${String(seen.chunks)} chunks`);
  const use = await alone(JSON.stringify({ definition: stand.definition, tape }));
  const kind = `the gate over ${String(CHUNKS)} chunks, ${String(seen.looks)} looks and an inspection`;
  say(`${kind}: lab and Stillwater together used ${String(Math.round((user + system) / 1_000))} ms of CPU`);
  return [
    absolute(`${kind}: CPU time of Stillwater alone (bar 2)`, use.cpuMs / 1_000, "s"),
    absolute(`${kind}: peak memory of its process, Node itself included (bar 150)`, use.peakMb, "MB"),
    absolute(`${kind}: of it since before the gate`, use.grownMb, "MB"),
    absolute(`${kind}: answers that Stillwater read`, bytesOn(tape) / 1_024, "KiB"),
  ];
}

const bytesOn = (tape: Tape): number => Object.values(tape).reduce((sum, answers) => sum + answers.reduce((own, { length }) => own + length, 0), 0);

async function alone(tape: string): Promise<GateUse> {
  const directory = await mkdtemp(join(tmpdir(), "dolphindb-gate-"));
  try {
    const path = join(directory, "tape.json");
    await writeFile(path, tape);
    const program = fileURLToPath(import.meta.resolve("./dolphindb-gate-alone.ts"));
    const { stdout } = await promisify(execFile)(process.execPath, [program, path]);
    return JSON.parse(stdout) as GateUse;
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function prepare(stand: Stand): Promise<void> {
  const { cluster } = stand;
  const [site] = cluster.of("datanode");
  const session = await ApiSession.open(stand.transport("127.0.0.1:4"), site?.endpoint ?? "", 30_000);
  await session.script(createTable(DATABASE, TABLE, 1), 30_000);
  session.close();
  await cluster.seedChunks(DATABASE, TABLE, CHUNKS);
}
