import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readArtefact, readSparkArtefact } from "./artefact.ts";

let scratch: string;
beforeAll(async () => void (scratch = await mkdtemp(join(tmpdir(), "stillwater-artefact-"))));
afterAll(async () => rm(scratch, { recursive: true, force: true }));

const files = (version: string): Readonly<Record<string, string>> => ({
  "bin/openmldb": "#!/bin/sh\n",
  "bin/start.sh": "#!/bin/bash\n",
  "bin/mon": "x".repeat(70_000),
  "conf/openmldb-env.sh": `#! /usr/bin/env bash\nexport OPENMLDB_VERSION=${version}\n`,
  "conf/tablet.flags.template": "--role=tablet\n",
  [`taskmanager/lib/openmldb-taskmanager-${version}.jar`]: "jar",
});
async function release(name: string, content: Readonly<Record<string, string>>): Promise<string> {
  for (const [file, text] of Object.entries(content)) {
    const path = join(scratch, name, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { mode: file.startsWith("bin/") ? 0o755 : 0o644 });
  }
  return join(scratch, name);
}
async function archive(name: string, content: Readonly<Record<string, string>>): Promise<string> {
  await release(name, content);
  execFileSync("tar", ["-czf", join(scratch, `${name}.tar.gz`), "-C", scratch, name]);
  return join(scratch, `${name}.tar.gz`);
}
async function written(name: string, bytes: Uint8Array): Promise<string> {
  await writeFile(join(scratch, name), bytes);
  return join(scratch, name);
}
const without = (content: Readonly<Record<string, string>>, ...names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(content).filter(([name]) => !names.includes(name)));

test("[OM-9] The version is what the release holds, whatever the file is called", async () => {
  const path = await archive("openmldb-0.9.2-linux", files("0.8.5"));
  const content = await readFile(path);
  expect(await readArtefact(path)).toEqual({
    path,
    version: "0.8.5",
    bytes: content.length,
    sha256: createHash("sha256").update(content).digest("hex"),
  });
  expect((await readArtefact(await written("x.tar", gunzipSync(content)))).version).toBe("0.8.5");
  expect((await readArtefact(await written("y", zstdCompressSync(gunzipSync(content))))).version).toBe("0.8.5");
});

test("One source of the version is enough; two that differ are refused", async () => {
  const all = files("0.9.2");
  expect((await readArtefact(await archive("no-env", without(all, "conf/openmldb-env.sh")))).version).toBe("0.9.2");
  expect((await readArtefact(await archive("no-jar", without(all, "taskmanager/lib/openmldb-taskmanager-0.9.2.jar")))).version).toBe("0.9.2");
  const mixed = await archive("mixed", { ...all, "taskmanager/lib/openmldb-taskmanager-0.8.5.jar": "jar" });
  await expect(readArtefact(mixed)).rejects.toMatchObject({ code: "SW1205", object: mixed });
  // What other software brings along is not the release's own word.
  expect((await readArtefact(await archive("demo", { ...all, "demo/conf/openmldb-env.sh": "export OPENMLDB_VERSION=0.1.0\n" }))).version).toBe(
    "0.9.2",
  );
});

test("Cut short anywhere, damaged or foreign: refused before anything is planned", async () => {
  const content = await readFile(await archive("whole", files("0.9.2")));
  const refused = async (name: string, bytes: Uint8Array): Promise<void> => {
    const path = await written(name, bytes);
    await expect(readArtefact(path), name).rejects.toMatchObject({ code: "SW1205", object: path });
  };
  for (const part of [1, 100, 0.3, 0.9, 0.9999])
    await refused(`cut-${String(part)}`, content.subarray(0, part >= 1 ? part : Math.floor(content.length * part)));
  const tar = gunzipSync(content);
  for (const part of [0.2, 0.5, 0.8]) await refused(`cut-tar-${String(part)}`, tar.subarray(0, Math.floor(tar.length * part)));
  const damaged = Buffer.from(content);
  damaged.fill(0x55, Math.floor(content.length / 2), Math.floor(content.length / 2) + 64);
  await refused("damaged", damaged);
  await refused("empty", new Uint8Array(0));
  await refused("text", Buffer.from("no archive\n".repeat(500)));
  await refused("another", await readFile(await archive("other", { "README.md": "x" })));
  await refused("no start.sh", await readFile(await archive("scriptless", without(files("0.9.2"), "bin/start.sh"))));
  await refused("silent", await readFile(await archive("mute", { "bin/openmldb": "", "bin/start.sh": "" })));
  await expect(readArtefact(join(scratch, "absent"))).rejects.toMatchObject({ code: "SW1203" });
});

test("A directory is packed once: the same bytes, without data, logs and pid files, and with its links followed", async () => {
  const directory = await release("unpacked", {
    ...files("0.9.2"),
    [`taskmanager/lib/${"long-".repeat(30)}.jar`]: "jar",
    "db/6_0/binlog/00000000.log": "data",
    "logs/tablet.log": "log",
    "bin/tablet.pid": "17",
    "bin/tablet.pid.child": "18",
  });
  await symlink("openmldb-taskmanager-0.9.2.jar", join(directory, "taskmanager/lib/current.jar"));
  const cache = join(scratch, "cache");
  const artefact = await readArtefact(directory, { cache });
  expect(artefact.version).toBe("0.9.2");
  expect(dirname(artefact.path)).toBe(cache);
  expect(await readArtefact(directory, { cache })).toEqual(artefact);
  const listed = execFileSync("tar", ["-tf", artefact.path], { encoding: "utf8" }).trim().split("\n");
  expect(listed.filter((name) => /pid|^db|^logs/.test(name))).toEqual([]);
  expect(listed).toContain(`taskmanager/lib/${"long-".repeat(30)}.jar`);
  const target = join(scratch, "back");
  await mkdir(target);
  execFileSync("tar", ["-xf", artefact.path, "-C", target]);
  expect(await readFile(join(target, "taskmanager/lib/current.jar"), "utf8")).toBe("jar");
  expect(execFileSync("stat", ["-c", "%a", join(target, "bin/openmldb"), join(target, "conf/tablet.flags.template")], { encoding: "utf8" })).toBe(
    "755\n644\n",
  );
});

test("[OM-22] The Spark distribution is an artefact of its own, by the OpenMLDB version that it was built for", async () => {
  const spark = await archive("spark-3.2.1-bin-openmldbspark", {
    "bin/spark-submit": "",
    "jars/openmldb-batch-0.9.2.jar": "",
    RELEASE: "Spark 3.2.1",
  });
  expect(await readSparkArtefact(spark)).toMatchObject({ version: "0.9.2" });
  await expect(readArtefact(spark)).rejects.toMatchObject({ code: "SW1205" });
  await expect(readSparkArtefact(await archive("server", files("0.9.2")))).rejects.toMatchObject({ code: "SW1205" });
});
