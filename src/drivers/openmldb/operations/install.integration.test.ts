import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { Json } from "../../../model/json.ts";
import type { Artefact } from "../../../model/goal.ts";
import type { Step } from "../../../model/step.ts";
import { operationTable } from "../../../planner/kit.ts";
import type { OmFacts } from "../facts.ts";
import { readArtefact, readSparkArtefact } from "../local/artefact.ts";
import { readProcess } from "../processes.ts";
import { Crash, oneHost, undoOf, type OneHost } from "../testing/one-host.ts";
import { backupOperation, swapOperation, unpackOperation, uploadOperation } from "./install.ts";
import { archiveOn, releaseOn, type Part } from "./install-params.ts";

let open: OneHost[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
  open = [];
});

const binary = (version: string): string => `#!/bin/sh\necho 'openmldb version ${version}-c5ffa752'\n`;
const files = (at: string, version: string, says = version): Readonly<Record<string, string>> => ({
  [`${at}/bin/openmldb`]: binary(says),
  [`${at}/bin/start.sh`]: `#!/bin/sh\n# ${version}\n`,
  [`${at}/conf/openmldb-env.sh`]: `export OPENMLDB_VERSION=${version}\n`,
  [`${at}/conf/tablet.flags.template`]: `# ${version}\n`,
  [`${at}/taskmanager/lib/openmldb-taskmanager-${version}.jar`]: "jar",
});
const installed = (at: string, version: string): Readonly<Record<string, string>> => ({
  ...files(at, version),
  [`${at}/conf/tablet.flags`]: "--role=tablet\n",
  [`${at}/db/6_0/binlog/0.log`]: "rows",
});

interface Scene extends OneHost {
  readonly artefact: Artefact;
  readonly operations: ReturnType<typeof operationTable<OmFacts>>;
  steps(node: string, parts?: readonly Part[]): readonly Step[];
  text(path: string): Promise<string>;
}
async function scene(options: { readonly says?: string; readonly nodes?: Parameters<typeof oneHost>[0] } = {}): Promise<Scene> {
  const one = await oneHost(options.nodes ?? [{ name: "t1", role: "tablet", directory: "installed" }]);
  open.push(one);
  await one.write({ ...installed("installed", "0.8.5"), ...files("release", "0.9.2", options.says ?? "0.9.2") });
  const artefact = await readArtefact(join(one.root, "release"), { cache: join(one.root, "cache") });
  const { cluster } = one;
  const [upload, unpack, backup] = [uploadOperation(cluster), unpackOperation(cluster), backupOperation(cluster)];
  const swap = swapOperation(cluster, readProcess);
  return Object.assign(one, {
    artefact,
    operations: operationTable<OmFacts>(upload, unpack, backup, swap),
    steps(name: string, parts: readonly Part[] = ["bin"]) {
      const node = cluster.node(name);
      const [to, directory] = [archiveOn(node, "openmldb", artefact), releaseOn(node, "openmldb", artefact)];
      const { path, sha256, bytes, version } = artefact;
      return [
        upload.step(`upload ${name}`, "stage", { node: name, artefact: path, to, sha256, bytes }),
        unpack.step(`unpack ${name}`, "stage", { node: name, archive: to, directory, version, parts }),
        backup.step(`backup ${name}`, "backup", { node: name, parts }),
        ...parts.map((part) => swap.step(`swap ${part} ${name}`, "replace", { node: name, part, version, release: directory })),
      ];
    },
    text: (path: string) => readFile(join(one.root, path), "utf8"),
  });
}
const journal = (): Map<string, Json> => new Map();
async function all(on: Scene, steps: readonly Step[], memory: Map<string, Json>): Promise<readonly Json[]> {
  const proofs: Json[] = [];
  for (const step of steps) proofs.push(await on.carryOut(on.operations, step, memory));
  return proofs;
}

test("[OM-9] [OM-14] A new bin/ is staged, tried, backed up and put in place; conf and data stay; the way back is the old one", async () => {
  const on = await scene();
  const memory = journal();
  const steps = on.steps("t1");
  const proofs = await all(on, steps, memory);
  expect(proofs[1]).toEqual({ bin: expect.stringContaining("says 0.9.2") as string });
  expect(await on.text("installed/bin/openmldb")).toBe(binary("0.9.2"));
  expect(await on.text("installed/conf/tablet.flags")).toBe("--role=tablet\n");
  expect(await on.text("installed/db/6_0/binlog/0.log")).toBe("rows");
  expect(await readdir(join(on.root, "installed/conf"))).not.toContain("tablet.flags.bak");
  const swap = steps.at(-1) as Step;
  for (const back of undoOf(on.operations, swap, memory)) await on.carryOut(on.operations, back, memory);
  expect(await on.text("installed/bin/openmldb")).toBe(binary("0.8.5"));
  // And once more forward, from what was put aside: nothing is unpacked a second time.
  await all(on, on.steps("t1"), journal());
  expect(await on.text("installed/bin/openmldb")).toBe(binary("0.9.2"));
});

test("[OM-9] Two runs make two backups, without pid files, and neither overwrites the other", async () => {
  const on = await scene();
  await on.write({ "installed/bin/tablet.pid": "999999999\n", "installed/bin/apiserver.pid.child": "999999998\n" });
  const backup = on.steps("t1")[2] as Step;
  const kept = [await on.carryOut(on.operations, backup, journal()), await on.carryOut(on.operations, backup, journal())] as unknown as {
    directory: string;
    sources: string[];
  }[];
  expect(kept[0]?.directory).not.toBe(kept[1]?.directory);
  for (const { directory, sources } of kept) {
    expect((await readdir(directory)).includes("manifest")).toBe(true);
    expect(sources.filter((path) => path.includes(".pid"))).toEqual([]);
    expect(sources.map((path) => path.replace(`${on.root}/installed/`, ""))).toEqual(["bin/openmldb", "bin/start.sh", "conf"]);
  }
});

test("A release whose binary says another version is found out on the host, before anything is stopped", async () => {
  const on = await scene({ says: "0.7.3" });
  expect(on.artefact.version).toBe("0.9.2");
  await expect(all(on, on.steps("t1").slice(0, 2), journal())).rejects.toMatchObject({ code: "SW1206" });
  expect(await on.text("installed/bin/openmldb")).toBe(binary("0.8.5"));
});

test("A component that runs is waited for: its bin/ is not taken from under it", async () => {
  const on = await scene();
  const swap = swapOperation(on.cluster, () => Promise.resolve({ process: "background", pid: 17, monPid: null, stale: [] }));
  const memory = journal();
  await expect(all({ ...on, operations: { ...on.operations, swap: swap.operation } }, on.steps("t1"), memory)).rejects.toThrow("t1 to be stopped");
  expect(await on.text("installed/bin/openmldb")).toBe(binary("0.8.5"));
});

test("Components that share a directory: one swap serves both, and the other's pid files come along", async () => {
  const on = await scene({
    nodes: [
      { name: "ns1", role: "nameserver", directory: "installed" },
      { name: "api1", role: "apiserver", directory: "installed" },
    ],
  });
  await on.write({
    "installed/bin/nameserver.pid": "999999999\n",
    "installed/bin/apiserver.pid": "999999998\n",
    "installed/bin/apiserver.pid.child": "999999997\n",
  });
  const memory = journal();
  await all(on, on.steps("ns1"), memory);
  expect((await readdir(join(on.root, "installed/bin"))).toSorted()).toEqual(["apiserver.pid", "apiserver.pid.child", "openmldb", "start.sh"]);
  const proofs = await all(on, on.steps("api1"), memory);
  expect(proofs.at(-1)).toEqual({ version: "0.9.2", previous: null });
  // Nothing was acted for it, so an abort of its turn leaves the directory to the other.
  expect(memory.has("swap bin api1")).toBe(false);
});

test("[OM-22] [OM-23] The taskmanager has bin, taskmanager and Spark replaced, and both directories backed up", async () => {
  const on = await scene({ nodes: [{ name: "tm1", role: "taskmanager", directory: "installed", sparkHome: "spark" }] });
  await on.write({
    "installed/taskmanager/conf/taskmanager.properties": "a=1\n",
    "spark/jars/openmldb-batch-0.8.5.jar": "old",
    "spark/bin/spark-submit": "old",
  });
  await on.write({ "new-spark/jars/openmldb-batch-0.9.2.jar": "new", "new-spark/bin/spark-submit": "new", "new-spark/conf/x": "" });
  const spark = await readSparkArtefact(join(on.root, "new-spark"), { cache: join(on.root, "cache") });
  const node = on.cluster.node("tm1");
  const [to, directory] = [archiveOn(node, "spark", spark), releaseOn(node, "spark", spark)];
  const memory = journal();
  const proofs = await all(on, on.steps("tm1", ["bin", "taskmanager"]), memory);
  const kept = proofs[2] as unknown as { sources: string[] };
  expect(kept.sources.map((path) => path.replace(`${on.root}/installed/`, ""))).toEqual(["bin/openmldb", "bin/start.sh", "conf", "taskmanager"]);
  const step = (id: string, what: string, params: Json): Step => ({ id, phase: "replace", do: what, params });
  await all(
    on,
    [
      step("upload spark", "upload", { node: "tm1", artefact: spark.path, to, sha256: spark.sha256, bytes: spark.bytes }),
      step("unpack spark", "unpack", { node: "tm1", archive: to, directory, version: "0.9.2", parts: ["spark"] }),
      step("swap spark", "swap", { node: "tm1", part: "spark", version: "0.9.2", release: directory }),
    ],
    memory,
  );
  expect(await readdir(join(on.root, "installed/taskmanager/lib"))).toEqual(["openmldb-taskmanager-0.9.2.jar"]);
  expect(await on.text("spark/bin/spark-submit")).toBe("new");
});

test("A crash before or after any effect: the same steps go on to the same end, and an undo from there returns to the beginning", async () => {
  const effects: string[] = [];
  {
    const on = await scene();
    on.interrupt = (when, effect) => void (when === "before" && effects.push(effect));
    await all(on, on.steps("t1"), journal());
  }
  expect(effects.length).toBeGreaterThan(6);
  for (let instant = 0; instant < effects.length * 2; instant++) {
    const on = await scene();
    await on.write({ "installed/bin/apiserver.pid": "999999998\n" });
    const memory = journal();
    let passed = 0;
    on.interrupt = () => {
      if (passed++ === instant) throw new Crash(String(instant));
    };
    await expect(all(on, on.steps("t1"), memory)).rejects.toBeInstanceOf(Crash);
    on.interrupt = () => undefined;
    if (instant % 2 === 0) {
      await all(on, on.steps("t1"), memory);
      expect(await on.text("installed/bin/openmldb")).toBe(binary("0.9.2"));
      expect(await on.text("installed/bin/apiserver.pid")).toBe("999999998\n");
    } else {
      for (const step of on.steps("t1").toReversed())
        if (memory.has(step.id)) for (const back of undoOf(on.operations, step, memory)) await on.carryOut(on.operations, back, memory);
      expect(await on.text("installed/bin/openmldb")).toBe(binary("0.8.5"));
    }
    expect(await on.text("installed/conf/tablet.flags")).toBe("--role=tablet\n");
  }
}, 120_000);
