import { spawn } from "node:child_process";
import { readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { Json } from "../../../model/json.ts";
import type { Step } from "../../../model/step.ts";
import { operationTable } from "../../../planner/kit.ts";
import type { DdFacts } from "../facts.ts";
import type { Package } from "../step-names.ts";
import { Crash, oneHost, undoOf, type OneHost } from "../testing/one-host.ts";
import { keptPrefix } from "./installation.ts";
import { replaceOperation } from "./replace.ts";
import { stageOperation } from "./stage.ts";

let open: OneHost[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
  open = [];
});

const binary = (version: string): string => `#!/bin/sh\n# V${version}\nexec sleep 60\n`;
const release = (version: string): Readonly<Record<string, string>> => ({
  dolphindb: binary(version),
  "libDolphinDB.so": `library ${version}\n`,
  "dolphindb.dos": `// ${version}\n`,
  "dolphindb.cfg": "mode=single\n",
  "dolphindb.lic": "community\n",
  "startSingle.sh": "#!/bin/sh\n",
  "stopSingle.sh": "#!/bin/sh\n",
  "web/index.html": `<title>${version}</title>\n`,
  "modules/ops.dos": `module ops // ${version}\n`,
  "plugins/mysql/PluginMySQL.txt": `mysql ${version}\n`,
  "plugins/mysql/libPluginMySQL.so": `plugin ${version}\n`,
  "clusterDemo/startController.sh": "#!/bin/sh\n# shipped\n",
  "clusterDemo/config/controller.cfg": "mode=controller\n",
});
const below = (at: string, files: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${at}/${name}`, text]));
const own = {
  "server/dolphindb.cfg": "mode=single\nlocalSite=h1:8848:mine\n",
  "server/dolphindb.lic": "paid licence\n",
  "server/startSingle.sh": "#!/bin/sh\n# mine\n",
  "server/startup.dos": "// mine\n",
  "server/clusterDemo/startController.sh": "#!/bin/sh\n# mine\n",
  "server/clusterDemo/config/controller.cfg": "mode=controller\nlocalSite=h1:8900:ctl1\n",
  "server/clusterDemo/data/dn1/storage/CHUNK_METADATA/editlog.1": "chunks\n",
  "server/modules/our/strategy.dos": "module our::strategy\n",
  "server/plugins/ours/libOurs.so": "our plugin\n",
  "server/plugins/mysql/mysql.cnf": "our settings\n",
  "server/libLeftByVendor.so": "an old library\n",
};

interface Scene extends OneHost {
  readonly made: Package;
  readonly operations: ReturnType<typeof operationTable<DdFacts>>;
  readonly stage: Step;
  readonly replace: Step;
}
async function scene(options: { readonly plugins?: boolean } = {}): Promise<Scene> {
  const one = await oneHost([
    { name: "ctl1", role: "controller" },
    { name: "dn1", role: "datanode" },
  ]);
  open.push(one);
  await one.write({ ...below("server", release("2.00.7.4")), ...own });
  const made = await one.pack("DolphinDB_Linux64_V2.00.8.12.zip", {
    ...below("server", release("2.00.8.12")),
    "server/libNew.so": "new library\n",
    "server/tzdb/asia": "zone\n",
  });
  const plugins = options.plugins
    ? await one.pack("plugins.zip", { "mysql/libPluginMySQL.so": "our build\n", "kafka/libKafka.so": "kafka\n" })
    : null;
  const [stage, replace] = [stageOperation(one.cluster), replaceOperation(one.cluster)];
  const server = join(one.root, "server");
  return Object.assign(one, {
    made,
    operations: operationTable<DdFacts>(stage, replace),
    stage: stage.step("stage", "stage", { host: "db1", version: "2.00.8.12", package: made, plugins }),
    replace: replace.step("replace", "replace", { host: "db1", server, from: "2.00.7.4", version: "2.00.8.12", package: made, plugins }),
  });
}
const journal = (): Map<string, Json> => new Map();

async function expectNew(on: Scene): Promise<void> {
  const expected = release("2.00.8.12");
  for (const name of ["dolphindb", "libDolphinDB.so", "dolphindb.dos", "web/index.html", "modules/ops.dos", "plugins/mysql/PluginMySQL.txt"])
    expect(await on.text(`server/${name}`)).toBe(expected[name]);
  expect(await on.text("server/libNew.so")).toBe("new library\n");
  for (const [name, text] of Object.entries(own)) expect(await on.text(name)).toBe(text);
}
async function expectOld(on: Scene): Promise<void> {
  const digests = { ...below("server", release("2.00.7.4")), ...own };
  for (const [name, text] of Object.entries(digests)) expect(await on.text(name)).toBe(text);
  expect(await readdir(join(on.root, "server"))).not.toContain("libNew.so");
  expect(await readdir(join(on.root, "server"))).not.toContain("tzdb");
}

test("[DD-19] [DD-6] The release is uploaded, unpacked, compared file by file and put in place; what is the operator's stays", async () => {
  const on = await scene();
  const memory = journal();
  const staged = await on.carryOut(on.operations, on.stage, memory);
  expect(staged).toMatchObject({ archive: on.made.sha256 });
  expect(JSON.stringify(staged)).toMatch(/9 files in .* have the checksums of the package/);
  // Nothing is touched before the nodes are down.
  await expectOld(on);
  const proof = await on.carryOut(on.operations, on.replace, memory);
  expect(proof).toMatchObject({ version: "2.00.8.12", says: "2.00.8.12", files: 9, was: "2.00.7.4" });
  await expectNew(on);
  expect(await readdir(join(on.root, "server"))).toContain("tzdb");
  // A second look, as after a crash between the last act and the journal, finds it done.
  expect((await on.look(on.operations, on.replace, memory)).is).toBe("done");
});

test("The way back puts the former files in place and the new ones where they were, and both ways can be gone again", async () => {
  const on = await scene();
  for (let n = 0; n < 2; n++) {
    const memory = journal();
    await on.carryOut(on.operations, on.stage, memory);
    await on.carryOut(on.operations, on.replace, memory);
    await expectNew(on);
    for (const back of undoOf(on.operations, on.replace, memory))
      expect(await on.carryOut(on.operations, back, memory)).toMatchObject({ version: "2.00.7.4" });
    await expectOld(on);
  }
  // A rollback in a run of its own finds what was kept by its version.
  await on.carryOut(on.operations, on.replace, journal());
  const params = { ...(on.replace.params as object), from: "2.00.8.12", version: "2.00.7.4", package: null, plugins: null } as unknown as Json;
  await on.carryOut(on.operations, { ...on.replace, id: "rollback", params }, journal());
  await expectOld(on);
});

test("Plugins that the operator gives come before those of the package", async () => {
  const on = await scene({ plugins: true });
  const memory = journal();
  await on.carryOut(on.operations, on.stage, memory);
  await on.carryOut(on.operations, on.replace, memory);
  expect(await on.text("server/plugins/mysql/libPluginMySQL.so")).toBe("our build\n");
  expect(await on.text("server/plugins/kafka/libKafka.so")).toBe("kafka\n");
  expect(await on.text("server/plugins/ours/libOurs.so")).toBe("our plugin\n");
  expect(await on.text("server/plugins/mysql/mysql.cnf")).toBe("our settings\n");
});

test("A crash before and after every effect: each time the rest is done, and at no instant can a server start from a mixture", async () => {
  const on = await scene();
  const memory = journal();
  let instants = 0;
  for (const step of [on.stage, on.replace])
    for (let done = false, at = 0; !done; at++) {
      let passed = 0;
      on.interrupt = () => {
        if (passed++ === at) throw new Crash();
      };
      // Each attempt gets one instant further than the one before, and begins with what that one has left.
      try {
        await on.carryOut(on.operations, step, memory);
        done = true;
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
        instants++;
        const names = new Set(await readdir(join(on.root, "server")));
        if (names.has("dolphindb")) {
          const version = (await on.text("server/dolphindb")).includes("2.00.8.12") ? "2.00.8.12" : "2.00.7.4";
          expect(await on.text("server/libDolphinDB.so")).toBe(`library ${version}\n`);
          expect(await on.text("server/web/index.html")).toBe(`<title>${version}</title>\n`);
        }
      }
      on.interrupt = () => undefined;
    }
  expect(instants).toBeGreaterThan(4);
  await expectNew(on);
  expect((await readdir(join(on.root, "server/.stillwater"))).filter((name) => name.startsWith(keptPrefix) && !name.endsWith(".json"))).toHaveLength(
    1,
  );
});

test("[DD-17] Nothing is replaced while a server runs from the directory, whoever started it", async () => {
  const on = await scene();
  const memory = journal();
  await on.carryOut(on.operations, on.stage, memory);
  const clusterDirectory = join(on.root, "server/clusterDemo");
  const child = spawn("sh", ["-c", "sleep 60; : dolphindb -mode agent"], { cwd: clusterDirectory });
  try {
    await expect
      .poll(() => on.look(on.operations, on.replace, memory), { timeout: 20_000 })
      .toMatchObject({ is: "waiting", for: expect.stringContaining("agent (pid") as string });
    // One that begins just after the look: the binary is back only when nothing runs.
    const before = (await on.operations["replace"]?.prepare?.(on.replace.params, { now: 0 })) ?? null;
    memory.set("replace", before);
    await expect(
      on.operations["replace"]?.act?.(
        on.replace.params,
        { before, receipt: null },
        { now: 0, token: "t", send: (_, effect) => Promise.resolve(effect(on.fence)) },
      ),
    ).rejects.toMatchObject({ code: "SW2106" });
    expect(await readdir(join(on.root, "server"))).not.toContain("dolphindb");
    expect(await on.text("server/libDolphinDB.so")).toBe("library 2.00.7.4\n");
  } finally {
    child.kill("SIGKILL");
  }
  await expect.poll(async () => (await on.look(on.operations, on.replace, memory)).is, { timeout: 20_000 }).toBe("open");
  await on.carryOut(on.operations, on.replace, memory);
  await expectNew(on);
});

test("A staged file that somebody has changed is found before anything is stopped; one in place, before anything is started", async () => {
  const on = await scene();
  const memory = journal();
  await on.carryOut(on.operations, on.stage, memory);
  const library = join(on.root, "server/.stillwater", `2.00.8.12-${on.made.sha256.slice(0, 12)}`, "server/libDolphinDB.so");
  await writeFile(library, "another library\n");
  const found = await on.look(on.operations, on.stage, journal());
  expect(found).toMatchObject({ is: "unclear" });
  expect(JSON.stringify(found)).toContain("libDolphinDB.so");
  await writeFile(library, "library 2.00.8.12\n");
  await on.carryOut(on.operations, on.replace, memory);
  await writeFile(join(on.root, "server/web/index.html"), "changed");
  expect(await on.look(on.operations, on.replace, memory)).toMatchObject({
    is: "unclear",
    known: [expect.stringContaining("web/index.html") as string],
  });
});

test("An archive that does not hold what was planned is not used", async () => {
  const on = await scene();
  const wrong = { ...on.made, contents: "0".repeat(64) };
  const step = { ...on.stage, params: { ...(on.stage.params as object), package: wrong } as unknown as Json };
  await expect(on.carryOut(on.operations, step, journal())).rejects.toMatchObject({ code: "SW3013" });
  await expectOld(on);
});

test("A directory that is a link is exchanged as a link, and what it leads to stays", async () => {
  const on = await scene();
  await on.write({ "elsewhere/web/index.html": "shared\n" });
  await rm(join(on.root, "server/web"), { recursive: true });
  await symlink(join(on.root, "elsewhere/web"), join(on.root, "server/web"));
  const memory = journal();
  await on.carryOut(on.operations, on.stage, memory);
  await on.carryOut(on.operations, on.replace, memory);
  await expectNew(on);
  expect(await on.text("elsewhere/web/index.html")).toBe("shared\n");
  for (const back of undoOf(on.operations, on.replace, memory)) await on.carryOut(on.operations, back, memory);
  expect(await on.text("server/web/index.html")).toBe("shared\n");
});
