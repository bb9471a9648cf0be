import { expect, test } from "vitest";
import { compare } from "./compare.ts";
import { goalOf, MemoryRun } from "./testing/memory-run.ts";
import { troubles } from "./troubles.ts";

test("[OM-17] an operation that fails brings what the nameserver and the tablets of its partition logged", async () => {
  const run = await MemoryRun.begin({ partitions: 2 });
  const before = await run.inspect();
  await run.plan(goalOf({ restart: true, only: ["tablet1"], options: { "single-replica": "allow-unavailable" } }));
  for (let i = 0; i < 40; i++) run.lab.nameserver("nameserver1").faults.add({ kind: "fail-task", task: "kChangeLeader" });
  expect(await run.process()).toMatchObject({ is: "paused" });
  const after = await run.inspect();
  const found = await run.lab.world.run(troubles(run.open().cluster, before, after));
  const [first] = found;
  expect(first?.what).toMatch(/^operation \d+ \(kChangeLeaderOP\) is kFailed/);
  const id = /\d+/.exec(first?.what ?? "")?.[0] ?? "";
  expect(first?.lines.some((line) => line.startsWith("nameserver1: ") && new RegExp(`op_?id ${id}\\b`).test(line))).toBe(true);
  expect(first?.lines.some((line) => line.startsWith("tablet") && /tid \d+ pid \d/.test(line))).toBe(true);
  expect(compare(before, after, goalOf({ restart: true }))).toContainEqual(
    expect.objectContaining({ object: "operations", verdict: "failed", evidence: expect.stringContaining(id) as string }),
  );
});

test("[OM-17] what failed before the baseline is told no more", async () => {
  const run = await MemoryRun.begin({ partitions: 2 });
  const facts = await run.inspect();
  expect(await run.lab.world.run(troubles(run.open().cluster, facts, facts))).toEqual([]);
});
