// Draining one of three tablets that lead a hundred partitions each: Stillwater, the lab's own pace, and the vendor's procedure, on virtual time.
import { goalOf, MemoryRun } from "../src/drivers/openmldb/testing/memory-run.ts";
import type { MemoryCluster } from "../lab/openmldb/memory/cluster.ts";
import { absolute, against } from "./figures.ts";
import type { Metric } from "./metric.ts";
import { operationsEnd, preUpgrade, whatIsLed } from "./openmldb-vendor.ts";

const TABLETS = 3;
const PARTITIONS = 300;
const NODE = "tablet1";
const DAY_MS = 86_400_000;
const optionsAt = (concurrency: number) => ({
  nameservers: 1,
  tablets: TABLETS,
  partitions: PARTITIONS,
  replicas: 2,
  flags: { nameserver: { name_server_task_concurrency: String(concurrency) } },
});

/** Figures of one concurrency of the nameserver's tasks. */
export async function drainAt(concurrency: number, say: (text: string) => void): Promise<readonly Metric[]> {
  const kind = `drain of 100 leaders at concurrency ${String(concurrency)}, lab, virtual time`;
  const ours = await stillwaterDrains(concurrency);
  say(`${kind}: ${String(Math.round(ours.ms))} ms`);
  const pace = await paceOfTheLab(concurrency);
  const vendor = await vendorDrains(concurrency);
  const bar = (1.3 * pace.operations * pace.operationMs) / concurrency;
  return [
    against(`${kind}: Stillwater (bar 1.3 x operations / concurrency x the lab's operation time)`, ours.ms / 1_000, "s", {
      name: "bar",
      value: bar / 1_000,
    }),
    against(`${kind}: Stillwater against the vendor's procedure`, ours.ms / 1_000, "s", {
      name: "serial, polled every 2 s",
      value: vendor.ms / 1_000,
    }),
    against(`${kind}: operations issued for each leader`, ours.operations / ours.leaders, "", { name: "bar", value: 2 }),
    absolute(`${kind}: an operation of the lab, queues kept full`, pace.operationMs, "ms"),
  ];
}

interface Drained {
  readonly leaders: number;
  /** Virtual milliseconds. */
  readonly ms: number;
  /** ChangeLeader and RecoverTable that were asked for. */
  readonly operations: number;
}

async function stillwaterDrains(concurrency: number): Promise<Drained> {
  const run = await MemoryRun.begin(optionsAt(concurrency));
  const { world } = run.lab;
  const leaders = (await led(run.lab)).length;
  await run.plan(goalOf({ maintenance: { is: "drain", node: NODE } }));
  const began = world.now();
  const outcome = await run.process();
  if (outcome === "killed" || outcome.is !== "succeeded") throw new Error(`the drain ended as ${JSON.stringify(outcome)}`);
  const ms = world.now() - began;
  const left = await led(run.lab);
  if (left.length > 0) throw new Error(`${String(left.length)} partitions are led by ${NODE} still`);
  return { leaders, ms, operations: run.count("NameServer/ChangeLeader") + run.count("NameServer/RecoverTable") };
}

/** The same operations, all of them in the nameserver's queues at once: nobody can be faster. */
async function paceOfTheLab(concurrency: number): Promise<{ readonly operations: number; readonly operationMs: number }> {
  const { lab } = await MemoryRun.begin(optionsAt(concurrency));
  const { world } = lab;
  const all = await led(lab);
  const { endpoint } = lab.node(NODE);
  const took = await world.run(
    (async () => {
      await lab.ask("ConfSet", { conf: { key: "auto_failover", value: "false" } });
      const began = world.now();
      await Promise.all(all.map((partition) => lab.ask("ChangeLeader", { ...partition, candidate_leader: "auto" })));
      await operationsEnd(lab, 100);
      await Promise.all(all.map((partition) => lab.ask("RecoverTable", { ...partition, endpoint })));
      await operationsEnd(lab, 100);
      return world.now() - began;
    })(),
    DAY_MS,
  );
  const operations = 2 * all.length;
  return { operations, operationMs: (took * concurrency) / operations };
}

async function vendorDrains(concurrency: number): Promise<Drained> {
  const { lab } = await MemoryRun.begin(optionsAt(concurrency));
  const { endpoint } = lab.node(NODE);
  const leaders = (await led(lab)).length;
  const began = lab.world.now();
  const operations = await lab.world.run(preUpgrade(lab, endpoint), DAY_MS);
  return { leaders, ms: lab.world.now() - began, operations };
}

const led = (lab: MemoryCluster) => lab.world.run(whatIsLed(lab, lab.node(NODE).endpoint));
