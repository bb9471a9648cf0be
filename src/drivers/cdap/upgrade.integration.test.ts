import { expect, test } from "vitest";
import type { StartProof } from "./operations/start-programs.ts";
import type { StopProof } from "./operations/stop-runs.ts";
import type { VerifyProof } from "./operations/verify-apps.ts";
import { goalOf, MemoryRun } from "./testing/memory-run.ts";

const applications = (more: Readonly<Record<string, string>> = {}) => goalOf({ options: { apps: "all", ...more } });
/** CDAP itself is new already; its applications have the artefacts of before. */
async function withNewerArtefacts(options: Parameters<typeof MemoryRun.begin>[0] = {}): Promise<MemoryRun> {
  const run = await MemoryRun.begin({ apps: 14, release: "6.8.3", ...options });
  await run.lab.world.run(run.lab.replace("6.9.2"));
  await run.lab.world.advance(60_000);
  return run;
}

test("[CD-2] [CD-3] [CD-9] [CD-10] CDAP itself: backed up, drained, replaced by a command, ready, and exactly what was stopped runs again, once", async () => {
  const run = await MemoryRun.begin({ apps: 14 });
  const before = run.running();
  await run.plan(goalOf({ version: "6.9.2" }));
  expect(await run.run()).toMatchObject({ outcome: { is: "succeeded" }, pauses: [], questions: [], defects: [] });
  expect(run.running()).toEqual(before);
  const { runs } = run.proof("stopRuns") as StopProof;
  expect(runs.filter(({ type }) => type === "spark").map(({ endState }) => endState)).not.toContain("FAILED");
  const { started } = run.proof("startPrograms") as StartProof;
  expect(started.map(({ is, why }) => `${is} ${why}`)).toEqual(started.map(() => "started once"));
  expect(await run.proved()).toMatchObject({ violations: [] });
  expect(run.schedules()).toEqual(run.schedulesAtFirst);
});

test("[CD-17] applications: one call for each batch, artefacts read again, none twice, everything else as it was", async () => {
  const run = await withNewerArtefacts();
  const versions = run.versions();
  const before = run.running();
  await run.plan(applications());
  expect(await run.run()).toMatchObject({ outcome: { is: "succeeded" }, pauses: [], questions: [], defects: [] });
  expect(run.count("POST", /\/upgrade/)).toBe(2);
  const after = run.versions();
  for (const [app, all] of Object.entries(versions)) expect((after[app]?.length ?? 0) - all.length, app).toBeLessThanOrEqual(1);
  expect((run.proof("verifyApps") as VerifyProof).differences).toEqual([]);
  expect(run.running()).toEqual(before);
  // A second plan has nothing to do.
  await expect(run.plan(applications())).rejects.toThrow("newest artefacts already");
  await expect(run.plan(applications({ apps: "gone" }))).rejects.toThrow("there is no application gone");
});
