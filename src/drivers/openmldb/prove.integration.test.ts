// The proof of a whole run: what its steps left in the journal of the real engine, and what the lab cluster says before and after.
import { expect, test } from "vitest";
import type { StepEvidence, SystemProof } from "../../model/driver.ts";
import { groundsOfProof, prove } from "./prove.ts";
import { carriedOut } from "./testing/load.ts";
import { goalOf, type MemoryRunOptions } from "./testing/memory-run.ts";

interface Proved {
  readonly proof: SystemProof;
  /** Acknowledged rows that are not there. */
  readonly missing: number;
}
async function proved(fence: string, lab: MemoryRunOptions = {}, everyMs = 20): Promise<Proved> {
  const { run, writer, before } = await carriedOut(lab, () => goalOf({ restart: true, only: ["tablet1"], options: { fence } }), everyMs);
  writer.end();
  await run.lab.world.run(run.lab.settled());
  const evidence = run.proofs("moveLeaders").map((each): StepEvidence => ({ step: "move", do: "moveLeaders", params: null, proof: each }));
  return { proof: prove(evidence, before, await run.inspect()), missing: (await run.lab.world.run(writer.missing())).length };
}

test("[OM-3] [OM-20] A fenced run under load is proved by term and offsets, with no violation, and Rows increased", async () => {
  const { proof, missing } = await proved("partition", { partitions: 6 });
  expect(missing).toBe(0);
  expect(proof.violations).toEqual([]);
  expect(proof.objects.filter(({ object }) => object.startsWith("test.t1/")).length).toBeGreaterThan(0);
  expect(proof.coverage).toMatch(
    /^[1-9]\d* changes? of leader on [1-9]\d* partitions?: each new leader began right behind the last entry of its old one/,
  );
  expect(proof.coverage).toContain(groundsOfProof);
  expect(proof.objects.at(-1)).toEqual({ object: "Rows", evidence: expect.stringContaining("increased: yes") as string });
}, 60_000);

test("[OM-4] A run without a fence that loses rows names partition and offsets, exactly as many as are missing", async () => {
  const { proof, missing } = await proved("none", { partitions: 3, durations: { catalogRefresh: 3_000 } }, 5);
  expect(missing).toBeGreaterThan(0);
  const counted = proof.violations.reduce((sum, { what }) => sum + Number(/, (\d+) entr(?:y|ies) acknowledged/.exec(what)?.[1] ?? 0), 0);
  expect(counted).toBe(missing);
  expect(proof.coverage).toContain("what was lost is measured, not prevented");
}, 60_000);
