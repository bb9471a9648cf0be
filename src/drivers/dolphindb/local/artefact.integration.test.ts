import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { execFile, spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packRelease } from "../../../../lab/dolphindb/processes/releases.ts";
import { StillwaterError } from "../../../model/errors.ts";
import { contentsDigest } from "../operations/contents.ts";
import { planOptions } from "../planning/options.ts";
import { examinedCluster } from "../testing/examined-cluster.ts";
import { ddFacts, ddGoal } from "../testing/facts-fixture.ts";
import { elf, packageFiles, zipArchive, type PackedFile } from "../testing/packages.ts";
import { readArtefact, readPackage } from "./artefact.ts";
import { completeGoal } from "./complete-goal.ts";
import { readPluginDirectory } from "./plugin-directory.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "stillwater-package-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const linux = (text: string): Buffer => elf(62, `\0some text\0${text}\0more`);
async function file(name: string, files: readonly PackedFile[], change: (bytes: Buffer) => Buffer = (bytes) => bytes): Promise<string> {
  const directory = await mkdtemp(join(root, "p-"));
  const path = join(directory, name);
  await writeFile(path, change(zipArchive(files)));
  return path;
}
async function refusal(reading: Promise<unknown>): Promise<string> {
  const error = await reading.then(
    () => null,
    (cause: unknown) => cause,
  );
  if (!(error instanceof StillwaterError)) throw new Error("it was not refused");
  return `${error.code}: ${error.message}`;
}

describe("a package", () => {
  it("[DD-19] says version, flavour, architecture and plugins, and every file in it is read to its end", async () => {
    const files = packageFiles(linux("2.00.8.12 2023.01.10"));
    const path = await file("DolphinDB_Linux64_V2.00.8.12.zip", files);
    const { artefact, facts } = await readPackage(path);
    expect(artefact).toMatchObject({
      version: "2.00.8.12",
      sha256: createHash("sha256")
        .update(await readFile(path))
        .digest("hex"),
    });
    expect(facts).toMatchObject({ flavour: "plain", architecture: "x86_64", versionFrom: "inside", plugins: { mysql: "2.00.8.1" } });
    const digests = files
      .filter(({ name }) => !name.endsWith("/"))
      .map(({ name, content }) => ({ path: name, sha256: createHash("sha256").update(content).digest("hex") }));
    expect(facts.contents).toBe(contentsDigest(digests));
  });
  it.skipIf(spawnSync("zip", ["-v"]).status !== 0)("is read as zip itself makes it", async () => {
    const directory = await mkdtemp(join(root, "z-"));
    await mkdir(join(directory, "server/plugins"), { recursive: true });
    await writeFile(join(directory, "server/dolphindb"), linux("3.00.5"));
    await writeFile(join(directory, "server/big.so"), Buffer.alloc(3 << 20, 7));
    await promisify(execFile)("zip", ["-q", "-r", "DolphinDB_Linux64_V3.00.5.zip", "server"], { cwd: directory });
    expect(await readPackage(join(directory, "DolphinDB_Linux64_V3.00.5.zip"))).toMatchObject({
      artefact: { version: "3.00.5" },
      facts: { versionFrom: "inside" },
    });
  });
  it("a version that crosses two pieces of the file is found", async () => {
    const text = "2.00.8.12 2023.01.10";
    const binary = Buffer.concat([elf(62, ""), Buffer.alloc((1 << 18) - 64 - 7, 1), Buffer.from(text), Buffer.alloc(1 << 18, 1)]);
    const path = await file("any.zip", packageFiles(binary));
    expect((await readArtefact(path)).version).toBe("2.00.8.12");
  });
  it("nothing inside says the version: its name does, and that is told", async () => {
    const path = await file("DolphinDB_Linux64_V2.00.9.1_JIT.zip", packageFiles(linux("built from numbers")));
    expect(await readPackage(path)).toMatchObject({ artefact: { version: "2.00.9.1" }, facts: { versionFrom: "name", flavour: "JIT" } });
  });
  it("a script that starts a library: the library says the architecture", async () => {
    const files = packageFiles("#!/bin/sh\n# 2.00.8.12\n", [{ name: "server/libDolphinDB.so", content: elf(183, "") }]);
    expect(await readPackage(await file("x.zip", files))).toMatchObject({ artefact: { version: "2.00.8.12" }, facts: { architecture: "aarch64" } });
    expect(await refusal(readArtefact(await file("DolphinDB_Linux64_V2.00.8.12.zip", files)))).toContain(
      "its name says x86_64, and its binary is for aarch64",
    );
  });
  it("the lab's packages are read as what they are, also the one that lies", async () => {
    const directory = await mkdtemp(join(root, "lab-"));
    expect(await readPackage(packRelease(directory, { version: "2.00.9.1", flavour: "JIT" }).path)).toMatchObject({
      artefact: { version: "2.00.9.1" },
      facts: { flavour: "JIT", architecture: "x86_64", versionFrom: "inside", plugins: { mysql: "2.00.9" } },
    });
    expect(await refusal(readArtefact(packRelease(directory, { version: "2.00.8.13", binary: "2.00.7.4" }).path))).toContain(
      "its name says 2.00.8.13, and its binary says 2.00.7.4",
    );
  });
  it("one that was renamed is taken for what it is inside", async () =>
    expect((await readArtefact(await file("new.zip", packageFiles(linux("2.00.8.12 2023.01.10"))))).version).toBe("2.00.8.12"));
});

describe("bad input", () => {
  const good = packageFiles(linux("2.00.8.12 2023.01.10"));
  it.each<readonly [string, string, readonly PackedFile[], ((bytes: Buffer) => Buffer) | undefined, string]>([
    ["the name says another version", "DolphinDB_Linux64_V2.00.8.4.zip", good, undefined, "its name says 2.00.8.4, and its binary says 2.00.8.12"],
    ["the name says another architecture", "DolphinDB_ARM64_V2.00.8.12.zip", good, undefined, "its name says aarch64, and its binary is for x86_64"],
    [
      "the name says another flavour",
      "DolphinDB_Linux64_V2.00.8.12_ABI.zip",
      packageFiles(elf(62, "2.00.8.12_JIT")),
      undefined,
      "its name says the ABI build, and its binary is the JIT one",
    ],
    ["a processor that nobody has", "DolphinDB_Linux64_V2.00.8.12.zip", packageFiles(elf(40, "2.00.8.12")), undefined, "neither x86_64 nor aarch64"],
    ["Windows", "DolphinDB_Win64_V2.00.8.12.zip", [{ name: "server/dolphindb.exe", content: "MZ" }], undefined, "the package for Windows"],
    ["another zip", "photos.zip", [{ name: "a.jpg", content: "x" }], undefined, "there is no server/dolphindb inside"],
    ["packed anew", "x.zip", [{ name: "V2/server/dolphindb", content: "x" }], undefined, "its binary is V2/server/dolphindb"],
    ["nothing says a version", "x.zip", packageFiles(linux("none")), undefined, "neither its name nor its binary says its version"],
    [
      "two versions inside and no name",
      "x.zip",
      packageFiles(linux("2.00.8.12 2023.01.10 \t3.00.0 2024.03.31")),
      undefined,
      "names several versions: 2.00.8.12, 3.00.0",
    ],
    ["cut short", "DolphinDB_Linux64_V2.00.8.12.zip", good, (bytes) => bytes.subarray(0, bytes.length - 60), "cut short"],
    [
      "cut at the half",
      "DolphinDB_Linux64_V2.00.8.12.zip",
      good,
      (bytes) => bytes.subarray(0, bytes.length >> 1),
      "cut short: its table of contents, which comes last, is missing",
    ],
    [
      "a bit that fell over",
      "DolphinDB_Linux64_V2.00.8.12.zip",
      good,
      (bytes) => flipped(bytes, bytes.indexOf("<title>") + 2),
      "does not have its checksum",
    ],
    ["a path out of it", "x.zip", [...good, { name: "server/../../etc/passwd", content: "x" }], undefined, "would be unpacked somewhere else"],
    ["a page of a proxy", "DolphinDB_Linux64_V2.00.8.12.zip", [], () => Buffer.from("<html>502</html>"), "it is no zip archive"],
    ["an empty file", "DolphinDB_Linux64_V2.00.8.12.zip", [], () => Buffer.alloc(0), "it is no zip archive"],
  ])("%s", async (_, name, files, change, why) => {
    const said = await refusal(readArtefact(await file(name, files, change)));
    expect(said).toMatch(/^SW1205: /);
    expect(said).toContain(why);
  });
  it("a file that is not there, and a directory", async () => {
    expect(await refusal(readArtefact(join(root, "nothing.zip")))).toMatch(/^SW1203/);
    expect(await refusal(readArtefact(root))).toMatch(/^SW1205.*not a file/);
  });
  const flipped = (bytes: Buffer, at: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] ?? 0) ^ 1;
    return copy;
  };
});

describe("plugins", () => {
  const plugin = async (directory: string, name: string, line: string): Promise<void> => {
    await mkdir(join(directory, name), { recursive: true });
    await writeFile(join(directory, name, `Plugin${name}.txt`), `${line}\nf,f,system,0,1\n`);
    await writeFile(join(directory, name, `lib${name}.so`), "library");
  };
  it("[DD-6] a directory of plugins becomes one archive that tar reads, with the version of each", async () => {
    const directory = await mkdtemp(join(root, "plugins-"));
    await plugin(directory, "kafka", "kafka,libkafka.so,2.00.8.3");
    await plugin(directory, "mysql", "mysql,libmysql.so,2.00.8.1");
    const cache = join(root, "cache");
    const made = await readPluginDirectory(directory, { cache });
    expect(made).toMatchObject({ versions: { kafka: "2.00.8.3", mysql: "2.00.8.1" }, directory });
    expect((await readPluginDirectory(directory, { cache })).path).toBe(made.path);
    const { stdout } = await promisify(execFile)("tar", ["-tf", made.path]);
    expect(stdout.split("\n").filter((line) => line !== "")).toEqual([
      "kafka/Pluginkafka.txt",
      "kafka/libkafka.so",
      "mysql/Pluginmysql.txt",
      "mysql/libmysql.so",
    ]);
    const out = await mkdtemp(join(root, "out-"));
    await promisify(execFile)("tar", ["-xf", made.path, "-C", out]);
    expect(await readFile(join(out, "mysql/libmysql.so"), "utf8")).toBe("library");
  });
  it("a plugin without a version, and none at all", async () => {
    const directory = await mkdtemp(join(root, "plugins-"));
    expect(await refusal(readPluginDirectory(directory))).toMatch(/^SW1205.*holds no plugin/);
    await plugin(directory, "old", "old,libold.so");
    expect(await refusal(readPluginDirectory(directory))).toMatch(/^SW1205.*does not say its version/);
    expect(await refusal(readPluginDirectory(join(root, "missing")))).toMatch(/^SW1203/);
  });
  it("[DD-6] what was read goes into the goal, and comes back from it", async () => {
    const path = await file("DolphinDB_Linux64_V2.00.8.12.zip", packageFiles(linux("2.00.8.12 2023.01.10")));
    const directory = await mkdtemp(join(root, "plugins-"));
    await plugin(directory, "kafka", "kafka,libkafka.so,2.00.8.3");
    const artefact = await readArtefact(path);
    const goal = await completeGoal(examinedCluster(ddFacts()), ddGoal({ artefact, options: { plugins: directory } }), {
      cache: join(root, "cache"),
    });
    expect(planOptions(goal)).toMatchObject({
      package: { flavour: "plain", architecture: "x86_64", versionFrom: "inside", plugins: { mysql: "2.00.8.1" } },
      plugins: { directory, versions: { kafka: "2.00.8.3" } },
    });
    expect(
      await refusal(completeGoal(examinedCluster(ddFacts()), ddGoal({ version: null, artefact: null, options: { plugins: directory } }))),
    ).toMatch(/^SW1001/);
  });
});
