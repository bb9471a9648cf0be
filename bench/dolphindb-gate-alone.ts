// The gate between two hosts, from its first look to its last, and an inspection as before every act. As a program: alone, with a tape's answers, and what its process used.
import { readFile } from "node:fs/promises";
import { DolphindbDriver } from "../src/drivers/dolphindb/driver.ts";
import { stablePolls } from "../src/drivers/dolphindb/steps.ts";
import type { ClusterDefinition } from "../src/model/cluster.ts";
import { played, type Surroundings, type Tape } from "./dolphindb-tape.ts";

export interface GatePassed {
  readonly chunks: number;
  readonly looks: number;
}
export interface GateUse {
  readonly cpuMs: number;
  readonly peakMb: number;
  readonly grownMb: number;
}
interface Clock {
  now(): number;
  sleep(ms: number): Promise<void>;
}

export async function passGate(definition: ClusterDefinition, { transport, host }: Surroundings, clock: Clock): Promise<GatePassed> {
  const driver = new DolphindbDriver(
    definition,
    { host, http: () => ({ request: nothingToSend }), secret: async () => "123456", now: () => clock.now() },
    { transport },
  );
  const { now } = await driver.inspect();
  for (let looks = 1; ; looks += 1) {
    const look = await driver.operations["chunksStable"]?.look(stablePolls, { before: null, receipt: null }, { now: clock.now() });
    if (look?.is === "done") {
      await driver.close();
      return { chunks: now.chunks?.total ?? 0, looks };
    }
    if (look?.is !== "waiting") throw new Error(`the gate says ${JSON.stringify(look)}`);
    await clock.sleep(stablePolls.everyMs);
  }
}
const nothingToSend = async (): Promise<never> => {
  throw new Error("a gate changes nothing");
};

async function main(path: string): Promise<void> {
  const { definition, tape } = JSON.parse(await readFile(path, "utf8")) as { readonly definition: ClusterDefinition; readonly tape: Tape };
  const mb = 1_048_576;
  let time = 0;
  const before = process.memoryUsage().rss;
  const began = process.cpuUsage();
  await passGate(definition, played(tape), { now: () => time, sleep: async (ms) => void (time += ms) });
  const { user, system } = process.cpuUsage(began);
  // Kilobytes.
  const peak = process.resourceUsage().maxRSS * 1_024;
  const use: GateUse = { cpuMs: (user + system) / 1_000, peakMb: peak / mb, grownMb: (peak - before) / mb };
  console.log(JSON.stringify(use));
}

if (import.meta.main) await main(process.argv[2] ?? "");
