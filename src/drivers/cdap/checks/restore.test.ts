import { describe, expect, test } from "vitest";
import type { Check } from "../../../model/facts.ts";
import { appFile, manifestName, namespaceFile, type Manifest, type SecureKey } from "../backup/files.ts";
import type { CdapFacts } from "../facts.ts";
import { factsOf, runOf, system } from "../testing/facts-fixture.ts";
import { MemoryFiles } from "../testing/memory-files.ts";
import { restoreChecks } from "./restore.ts";

const directory = "/backups/tuesday";
async function backup(more: Partial<Manifest> = {}): Promise<MemoryFiles> {
  const files = new MemoryFiles();
  const written: Record<string, { readonly sha256: string; readonly bytes: number }> = {};
  for (const [ns, app] of [
    ["default", "a"],
    ["finance", "b"],
  ] as const) {
    const detail = { name: app, artifact: { name: "cdap-data-pipeline", version: "6.9.2", scope: "SYSTEM" } };
    written[appFile(ns, app, "detail")] = await files.write(directory, appFile(ns, app, "detail"), JSON.stringify(detail));
  }
  const manifest: Manifest = {
    version: 1,
    cluster: "lab",
    release: "6.9.2",
    createdAt: "2026-03-01T12:00:00.000Z",
    applications: { default: ["a"], finance: ["b"] },
    export: null,
    notes: [],
    files: written,
    ...more,
  };
  await files.write(directory, manifestName, JSON.stringify(manifest));
  return files;
}
const facts = factsOf({ artifacts: [system("cdap-data-pipeline", "6.9.2")] });
const checked = (files: MemoryFiles, app: string | null = null, of: CdapFacts = facts): Promise<readonly Check[]> =>
  restoreChecks(files, of, { directory, app, cluster: "lab", keysOf: async () => ["there"] });
const words = (found: readonly Check[]): readonly string[] => found.map(({ code, verdict }) => `${code} ${verdict}`);

describe("before anything is put back", () => {
  test("a whole backup of this cluster passes, as do its artefacts that are there", async () => {
    expect(words(await checked(await backup()))).toEqual(["backup passed", "artefact passed"]);
    expect(words(await checked(await backup(), "a"))).toEqual(["backup passed", "artefact passed"]);
  });
  test("an application that it does not have is refused, with where it has one of that name", async () => {
    const [check] = await checked(await backup(), "a,b");
    expect(check).toMatchObject({ verdict: "blocker", what: "it does not have default.b; it has finance.b" });
    expect(check?.price).toBeUndefined();
  });
  test("one of another cluster is refused unless accepted by name, with its price", async () => {
    const found = await checked(await backup({ cluster: "staging" }));
    expect(found.find(({ code }) => code === "other-cluster")).toMatchObject({
      verdict: "blocker",
      price: expect.stringContaining("overwritten") as string,
    });
  });
  test("one of a newer release, and artefacts that are not there, are told", async () => {
    const old = factsOf({ version: "6.8.3", artifacts: [system("cdap-data-pipeline", "6.8.3")] });
    const found = await checked(await backup(), "a", old);
    expect(words(found)).toEqual(["backup passed", "backup warning", "artefact warning"]);
    expect(found.at(-1)?.what).toBe("not there: cdap-data-pipeline 6.9.2 (1 application)");
  });
  test("programs of a whole instance that run are told, those of workflows once", async () => {
    const runs = [runOf("a"), runOf("a", { runId: "child", childOf: "run-of-a" }), runOf("elsewhere")];
    const found = await checked(await backup(), null, factsOf({ artifacts: [system("cdap-data-pipeline", "6.9.2")], runs }));
    expect(found.find(({ code }) => code === "running")).toMatchObject({
      verdict: "warning",
      what: "1 run of applications that it has: default.a.spark.DataStreamsSparkStreaming",
    });
  });
  test("secure keys that are not there and that it cannot put back are told by name", async () => {
    const files = await backup();
    const name = namespaceFile("default", "securekeys");
    const saved: readonly SecureKey[] = [
      { name: "there", description: "", properties: {} },
      { name: "gone", description: "", properties: {} },
      { name: "sealed", description: "", properties: {}, sealed: "1.a.b.c.d" },
    ];
    const fact = await files.write(directory, name, JSON.stringify(saved));
    const manifest = JSON.parse(new TextDecoder().decode(files.contents.get(`${directory}/${manifestName}`))) as Manifest;
    await files.write(directory, manifestName, JSON.stringify({ ...manifest, files: { ...manifest.files, [name]: fact } }));
    const of = async (app: string | null): Promise<string | undefined> =>
      (await checked(files, app)).find(({ code }) => code === "secure-keys")?.what;
    expect(await of(null)).toBe("not there, and not put back: default.gone");
    expect(await of("a")).toBe("not there, and not put back: default.gone, default.sealed");
    expect(await of("finance.b")).toBeUndefined();
  });
  test("a directory without a manifest, one whose manifest was cut off, and a file that was changed are no backup", async () => {
    expect(words(await checked(new MemoryFiles()))).toEqual(["backup blocker"]);
    const torn = await backup();
    await torn.write(directory, manifestName, '{"version":1,"files":{');
    expect(words(await checked(torn))).toEqual(["backup blocker"]);
    const changed = await backup();
    await changed.write(directory, appFile("default", "a", "detail"), "{}");
    expect((await checked(changed))[0]?.what).toContain("its sha256 differs");
  });
});
