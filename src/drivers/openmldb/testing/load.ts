// A lab cluster in memory with an application that writes, and what must hold when a run is over.
import { expect } from "vitest";
import { Writer } from "../../../../lab/openmldb/memory/testing/writer.ts";
import type { Goal } from "../../../model/goal.ts";
import { leaderOf, type OmFacts } from "../facts.ts";
import type { MovesProof } from "../operations/moving/notes.ts";
import { MemoryRun, type MemoryRunOptions } from "./memory-run.ts";

export interface Loaded {
  readonly run: MemoryRun;
  readonly writer: Writer;
  readonly before: OmFacts;
}

/** `everyMs`: between two rows. */
export async function underLoad(options: MemoryRunOptions = {}, everyMs = 20): Promise<Loaded> {
  const run = await MemoryRun.begin({ nameservers: 1, tablets: 3, partitions: 2, replicas: 2, ...options });
  const before = await run.inspect();
  const writer = await run.lab.world.run(Writer.connect(run.lab));
  writer.begin(everyMs);
  return { run, writer, before };
}
export async function carriedOut(options: MemoryRunOptions, goal: (run: MemoryRun) => Goal, everyMs?: number): Promise<Loaded> {
  const loaded = await underLoad(options, everyMs);
  await loaded.run.plan(goal(loaded.run));
  expect(await loaded.run.process()).toEqual({ is: "succeeded" });
  return loaded;
}

export const movesOf = (run: MemoryRun): readonly MovesProof[] => run.proofs("moveLeaders") as unknown as readonly MovesProof[];
export const leadersOf = (facts: OmFacts): Readonly<Record<string, string | null>> =>
  Object.fromEntries(Object.entries(facts.now.partitions).map(([key, partition]) => [key, leaderOf(partition)?.endpoint ?? null]));

/** No acknowledged row is missing, every replica is alive and equal, every lease is back. */
export async function expectWhole({ run, writer, before }: Loaded, leaders: "as before" | "anywhere" = "as before"): Promise<OmFacts> {
  const { lab } = run;
  writer.end();
  await lab.world.run(lab.settled());
  expect(await lab.world.run(writer.missing())).toEqual([]);
  expect(writer.acknowledged.length).toBeGreaterThan(20);
  const after = await run.inspect();
  expect(after.now.autoFailover).toBe(before.now.autoFailover);
  expect(after.structure.tables).toEqual(before.structure.tables);
  if (leaders === "as before") expect(leadersOf(after)).toEqual(leadersOf(before));
  for (const node of lab.of("tablet")) expect(await lab.world.run(lab.call(node.endpoint, "TabletServer/Put", nowhere))).toMatchObject({ code: 100 });
  return after;
}
/** A Put that a tablet refuses with 453 while it is fenced as a whole, and with 100 while it is not. */
const nowhere = { tid: 4_294_967_295, pid: 0, key: "k", value: "v", ts: 1 };
