import { expect, test } from "vitest";
import { installed } from "../../../../lab/cdap/apps/install.ts";
import type { BackupProof } from "../operations/backup.ts";
import { maintenance, MemoryRun } from "../testing/memory-run.ts";

const directory = "/backups/tuesday";
const succeeded = { outcome: { is: "succeeded" }, pauses: [], questions: [], defects: [] };
const fence = { run: "1", epoch: 1, connection: 1, signal: new AbortController().signal };
async function backedUp(options: Parameters<typeof MemoryRun.begin>[0] = {}): Promise<MemoryRun> {
  const run = await MemoryRun.begin({ install: installed({ apps: 14, running: false }), ...options });
  await run.plan(maintenance({ is: "backup", directory }));
  expect(await run.run()).toMatchObject(succeeded);
  return run;
}
const textsOf = (run: MemoryRun): string =>
  [...run.files.contents]
    .filter(([name]) => name.endsWith(".json"))
    .map(([, content]) => new TextDecoder().decode(content))
    .join("");
const valueOf = (run: MemoryRun): Promise<string | null> => run.lab.world.run(run.cluster().api.secureKey("default", "crm-password"));
const remove = (run: MemoryRun): Promise<unknown> =>
  run.lab.world.run(run.cluster().api.effect(fence, "DELETE", "/v3/namespaces/default/securekeys/crm-password"));
const restore = maintenance({ is: "restore-backup", directory, app: null });

test("without a key of the operator's, secure keys are in the backup by name only, which the proof says with their names", async () => {
  const run = await backedUp();
  expect(textsOf(run)).not.toContain("not-a-secret");
  const said = /secure keys of default by name only \(no backupKey[^)]*\): crm-password/;
  expect((run.proof("backup") as BackupProof).notes.join()).toMatch(said);
  expect((await run.proved()).coverage).toMatch(said);
  expect(await run.examined(maintenance({ is: "backup", directory }))).toMatchObject([
    { verdict: "warning", code: "secure-keys", what: expect.stringContaining("default.crm-password") as string },
  ]);
  await remove(run);
  expect((await run.examined(restore)).find(({ code }) => code === "secure-keys")?.what).toContain("default.crm-password");
});

test("with a key they are encrypted, and a restore puts their values back; nothing on the way shows them", async () => {
  const run = await backedUp({ backupKey: "correct horse" });
  expect(await valueOf(run)).toBe("not-a-secret");
  expect(textsOf(run)).toContain("crm-password");
  expect(textsOf(run)).not.toContain("not-a-secret");
  expect((run.proof("backup") as BackupProof).notes.join()).not.toContain("secure keys");
  expect(await run.examined(maintenance({ is: "backup", directory }))).toMatchObject([{ verdict: "passed", code: "secure-keys" }]);
  await remove(run);
  expect(await valueOf(run)).toBeNull();
  expect((await run.examined(restore)).filter(({ code }) => code === "secure-keys")).toEqual([]);
  await run.plan(restore);
  expect(await run.run()).toMatchObject(succeeded);
  expect(await valueOf(run)).toBe("not-a-secret");
  expect(JSON.stringify([run.turns, run.operator.journal.read()])).not.toContain("not-a-secret");
});

test.each([
  ["another key", "battery staple", "cannot be opened"],
  ["no key", undefined, "names no backupKey"],
] as const)("with %s a restore asks, and has put nothing of them back", async (_, words, said) => {
  const run = await backedUp({ backupKey: "correct horse" });
  await remove(run);
  run.backupKey = words;
  await run.plan(restore);
  const ended = await run.run();
  expect(ended.outcome?.is).toBe("asks");
  expect(ended.questions[0]).toContain(said);
  expect(await valueOf(run)).toBeNull();
});
