import { expect, test } from "vitest";
import { installed } from "../../../../lab/cdap/apps/install.ts";
import type { BackupProof } from "../operations/backup.ts";
import type { RestoreProof } from "../operations/restore-definitions.ts";
import type { Json } from "../../../model/json.ts";
import { maintenance, MemoryRun } from "../testing/memory-run.ts";
import type { Manifest } from "./files.ts";

const directory = "/backups/tuesday";
const succeeded = { outcome: { is: "succeeded" }, pauses: [], questions: [], defects: [] };
async function backedUp(options: Parameters<typeof MemoryRun.begin>[0] = {}): Promise<MemoryRun> {
  const run = await MemoryRun.begin({ install: installed({ apps: 14, running: false }), ...options });
  await run.plan(maintenance({ is: "backup", directory }));
  expect(await run.run()).toMatchObject(succeeded);
  return run;
}
const json = (run: MemoryRun, name: string): unknown => JSON.parse(new TextDecoder().decode(run.files.contents.get(`${directory}/${name}`)));

test("[CD-9] everything of facts 6 is in the backup, which was opened, counted and hashed again; values of secure keys are not", async () => {
  const run = await backedUp();
  const proof = run.proof("backup") as BackupProof;
  expect(proof).toMatchObject({ directory, applications: 14, export: "14 entries, digest verified" });
  const manifest = json(run, "manifest.json") as Manifest;
  expect(Object.keys(manifest.files)).toHaveLength(proof.files);
  for (const name of [
    "instance.json",
    "export.zip",
    "namespaces/default/namespace.json",
    "namespaces/default/artifacts.json",
    "namespaces/default/connections.json",
    "namespaces/default/drafts.json",
    "namespaces/default/profiles.json",
    "namespaces/default/preferences.json",
    "namespaces/default/securekeys.json",
    "namespaces/default/apps/clicks/detail.json",
    "namespaces/default/apps/clicks/versions.json",
    "namespaces/default/apps/batch-0003/schedules.json",
    "namespaces/default/apps/batch-0001/programs/workflows/DataPipelineWorkflow.json",
  ])
    expect(manifest.files[name], name).toBeDefined();
  const texts = [...run.files.contents].filter(([name]) => name.endsWith(".json")).map(([, content]) => new TextDecoder().decode(content));
  expect(texts.join("")).toContain("crm-password");
  expect(texts.join("")).not.toContain("not-a-secret");
  expect(json(run, "namespaces/default/apps/batch-0001/programs/workflows/DataPipelineWorkflow.json")).toMatchObject({
    runtimeargs: { day: "2026-03-01" },
  });
});

test("[CD-9] an export whose digest is wrong is no backup", async () => {
  const run = await MemoryRun.begin({ install: installed({ apps: 14, running: false }) });
  await run.lab.control("export", { damaged: 99 });
  await run.plan(maintenance({ is: "backup", directory }));
  const ended = await run.run();
  expect(ended.outcome?.is).toBe("paused");
  expect(ended.pauses[0]).toContain("digest");
  expect(run.files.contents.has(`${directory}/manifest.json`)).toBe(false);
});

test("a file that was changed since is found before anything is put back", async () => {
  const run = await backedUp();
  run.files.contents.set(`${directory}/namespaces/default/apps/clicks/detail.json`, new TextEncoder().encode("{}"));
  await run.plan(maintenance({ is: "restore-backup", directory, app: null }));
  const ended = await run.run();
  expect(ended.questions[0]).toContain("its sha256 differs");
  expect(run.sent.filter(({ method }) => method === "PUT")).toEqual([]);
});

test("one application is restored as it was, proved by what its configuration means, and nothing else is touched", async () => {
  const run = await backedUp();
  const { api } = run.cluster();
  const fence = { run: "1", epoch: 1, connection: 1, signal: new AbortController().signal };
  const { world } = run.lab;
  const deleted = await world.run(api.effect(fence, "DELETE", "/v3/namespaces/default/apps/batch-0003"));
  expect(deleted.status).toBe(200);
  await world.run(api.effect(fence, "PUT", "/v3/namespaces/default/apps/batch-0001/preferences", { day: "other" }));
  const before = run.versions();
  await run.plan(maintenance({ is: "restore-backup", directory, app: "batch-0003" }));
  expect(await run.run()).toMatchObject(succeeded);
  const after = run.versions();
  expect(after["default.batch-0003"]).toHaveLength(1);
  expect({ ...after, "default.batch-0003": [] }).toEqual({ ...before, "default.batch-0003": [] });
  const proofs = run.evidence().flatMap(({ do: name, proof }) => (name === "restoreDefinitions" ? [proof as RestoreProof] : []));
  expect(proofs.map(({ kind, objects, equal }) => [kind, objects === equal])).toEqual([
    ["preferences", true],
    ["applications", true],
    ["schedules", true],
    ["runtime arguments", true],
  ]);
  expect(run.schedules()).toEqual(run.schedulesAtFirst);
});

test("everything is restored after it was lost: definitions equal to the backup by meaning, and a second restore changes nothing", async () => {
  const run = await backedUp();
  const { api } = run.cluster();
  const fence = { run: "1", epoch: 1, connection: 1, signal: new AbortController().signal };
  const { world } = run.lab;
  for (const app of ["batch-0001", "batch-0003", "clicks", "order-service"])
    expect((await world.run(api.effect(fence, "DELETE", `/v3/namespaces/default/apps/${app}`))).status).toBe(200);
  await world.run(api.effect(fence, "PUT", "/v3/namespaces/default/preferences", { region: "us" }));
  await run.plan(maintenance({ is: "restore-backup", directory, app: null }));
  expect(await run.run()).toMatchObject(succeeded);
  expect(await run.proved()).toMatchObject({ violations: [] });
  expect(Object.keys(run.versions())).toHaveLength(14);
  const effects = (): number => run.sent.filter(({ method, path }) => method === "PUT" || /\/(enable|disable|update)$/.test(path)).length;
  const before = effects();
  expect(before).toBeGreaterThan(4);
  await run.plan(maintenance({ is: "restore-backup", directory, app: null }));
  expect(await run.run()).toMatchObject(succeeded);
  expect(effects()).toBe(before);
});

test("profiles come back as they were, of the instance and of namespaces, those that were disabled as well", async () => {
  const run = await MemoryRun.begin({ install: installed({ apps: 14, running: false }) });
  const { api } = run.cluster();
  const fence = { run: "1", epoch: 1, connection: 1, signal: new AbortController().signal };
  const told = async (method: "PUT" | "POST", path: string, body?: Json): Promise<void> =>
    expect((await run.lab.world.run(api.effect(fence, method, path, body))).status).toBe(200);
  const places = ["/v3/profiles/small", "/v3/namespaces/default/profiles/large"];
  for (const path of places) {
    await told("PUT", path, { label: "as it was", provisioner: { name: "gcp-dataproc", properties: [] } });
    await told("POST", `${path}/disable`);
  }
  await run.plan(maintenance({ is: "backup", directory }));
  expect(await run.run()).toMatchObject(succeeded);
  for (const path of places) {
    await told("POST", `${path}/enable`);
    await told("PUT", path, { label: "changed", provisioner: { name: "other", properties: [] } });
  }
  await run.plan(maintenance({ is: "restore-backup", directory, app: null }));
  expect(await run.run()).toMatchObject(succeeded);
  for (const path of places) expect(await run.lab.world.run(api.findJson(path))).toMatchObject({ label: "as it was", status: "DISABLED" });
});

test("what could not be read is told with where: a principal that lacks a permission gets no silent gap", async () => {
  const run = await MemoryRun.begin({ install: installed({ apps: 14, running: false }) });
  await run.plan(maintenance({ is: "backup", directory }));
  run.meddle = ({ path }) => (/\/apps\/batch-000[13]\/preferences$/.test(path) ? { status: 403, body: "not authorized" } : null);
  expect(await run.run()).toMatchObject(succeeded);
  const { notes } = run.proof("backup") as BackupProof;
  expect(notes.find((note) => note.startsWith("preferences:"))).toMatch(/\/apps\/batch-000[13]\/preferences and 1 more answered with 403$/);
});
