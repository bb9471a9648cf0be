// Archives, directories that change places, and copies: complete or not at all.
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHash } from "node:crypto";
import { expect } from "vitest";
import type { Fence } from "../model/fence.ts";
import type { Check } from "./conformance.ts";
import type { HostConnection } from "./connection.ts";
import { smallDisk } from "./testing/small-disk.ts";
import { zipOf } from "./testing/zip.ts";

/** A directory with what directories hold. */
async function plant(host: HostConnection, fence: Fence, directory: string, word: string): Promise<void> {
  await host.makeDirectory(fence, join(directory, "empty"), "0755");
  await host.makeDirectory(fence, join(directory, "bin"), "0755");
  await host.writeFile(fence, join(directory, "bin/server"), `${word} server\n`, { mode: "0755" });
  await host.writeFile(fence, join(directory, "secret"), `${word}\n`, { mode: "0600" });
  await host.writeFile(fence, join(directory, "a b\n'c' é"), "odd", { mode: "0644" });
  await host.run(fence, ["ln", "-s", "bin/server", join(directory, "current")]);
}

export function conformsInTrees(check: Check): void {
  check("the digest of a directory changes with names, modes, links and contents, and with nothing else", async ({ host, fence, path }) => {
    const [one, two] = [await path("one"), await path("two")];
    await plant(host, fence, one, "same");
    await plant(host, fence, two, "same");
    const digest = await host.sha256(one);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(await host.sha256(two)).toBe(digest);
    const changes: readonly (readonly string[])[] = [
      ["chmod", "0700", join(two, "bin")],
      ["sh", "-c", `echo more >>${two}/secret`],
      ["mv", join(two, "secret"), join(two, "secret2")],
      ["ln", "-sfn", "bin", join(two, "current")],
      ["rmdir", join(two, "empty")],
    ];
    const seen = new Set([digest]);
    for (const change of changes) {
      expect((await host.run(fence, change)).code).toBe(0);
      seen.add(await host.sha256(two));
    }
    expect(seen.size).toBe(changes.length + 1);
  });

  check("an archive is unpacked completely or not at all", async ({ host, fence, path }) => {
    const source = await path("release");
    await plant(host, fence, source, "v2");
    const [archive, broken, target] = [await path("release.tar.gz"), await path("broken.tar.gz"), await path("installed")];
    await host.run(fence, ["tar", "-czf", archive, "-C", source, "."]);
    await host.unpack(fence, archive, target);
    expect(await host.sha256(target)).toBe(await host.sha256(source));
    await host.unpack(fence, archive, target);
    await host.run(fence, ["sh", "-c", `head -c 200 ${archive} >${broken}`]);
    await expect(host.unpack(fence, broken, await path("never"))).rejects.toMatchObject({ code: "SW3004", name: "Refused" });
    await expect(host.unpack(fence, broken, target)).rejects.toMatchObject({ code: "SW3011" });
    await expect(host.unpack(fence, await path("absent.tar"), await path("never"))).rejects.toMatchObject({ code: "SW3005" });
    expect(await host.list(await path(""))).toEqual(["broken.tar.gz", "installed", "release", "release.tar.gz"]);
  });

  check("a zip archive is unpacked completely or not at all", async ({ host, fence, path, skip }) => {
    const [archive, broken, target] = [await path("release.zip"), await path("broken.zip"), await path("installed")];
    // Deflate does not make it smaller, so that a cut lies inside of it.
    const library = randomBytes(4_000);
    const zip = zipOf([
      { name: "server/", content: "", mode: 0o755 },
      { name: "server/dolphindb", content: "binary\n", mode: 0o755 },
      { name: "server/lib/libA.so", content: library, mode: 0o644 },
      { name: "server/a b é.txt", content: "odd", mode: 0o644 },
    ]);
    await host.writeFile(fence, archive, zip);
    if ((await host.query(["sh", "-c", "command -v unzip"])).code !== 0) {
      await expect(host.unpack(fence, archive, target)).rejects.toMatchObject({ code: "SW3002", name: "Refused" });
      skip("there is no unzip on this host");
      return;
    }
    await host.unpack(fence, archive, target);
    expect(await host.list(join(target, "server"))).toEqual(["a b é.txt", "dolphindb", "lib"]);
    expect(await host.stat(join(target, "server/dolphindb"))).toMatchObject({ kind: "file", mode: "0755", bytes: 7 });
    expect(await host.sha256(join(target, "server/lib/libA.so"))).toBe(createHash("sha256").update(library).digest("hex"));
    await host.unpack(fence, archive, target);
    const damaged = Buffer.from(zip);
    damaged[zip.indexOf("libA.so") + 1_000] = (zip[zip.indexOf("libA.so") + 1_000] ?? 0) ^ 0xff;
    for (const wrong of [zip.subarray(0, 2_000), damaged]) {
      await host.writeFile(fence, broken, wrong);
      await expect(host.unpack(fence, broken, await path("never"))).rejects.toMatchObject({ code: "SW3004", name: "Refused" });
    }
    await expect(host.unpack(fence, broken, target)).rejects.toMatchObject({ code: "SW3011" });
    expect(await host.list(await path(""))).toEqual(["broken.zip", "installed", "release.zip"]);
  });

  check("a link changes its target at once, and what it was is kept", async ({ host, fence, path }) => {
    const [old, next, link, previous] = [await path("v1"), await path("v2"), await path("current"), await path("previous")];
    await host.makeDirectory(fence, old);
    await host.makeDirectory(fence, next);
    await host.run(fence, ["ln", "-s", old, link]);
    for (let n = 0; n < 2; n++) {
      await host.swap(fence, { path: link, replacement: next, previous });
      expect(await host.stat(link)).toEqual({ kind: "link", target: next });
      expect(await host.stat(previous)).toEqual({ kind: "link", target: old });
    }
    // The way back: what `previous` is.
    await host.swap(fence, { path: link, replacement: previous, previous: await path("undone") });
    expect(await host.stat(link)).toEqual({ kind: "link", target: old });
    await expect(host.swap(fence, { path: link, replacement: await path("absent"), previous })).rejects.toMatchObject({ code: "SW3011" });
    expect(await host.list(await path(""))).toEqual(["current", "previous", "undone", "v1", "v2"]);
  });
  check("a directory changes place with another; a second call completes what a crash left", async ({ host, fence, path }) => {
    const change = { path: await path("app"), replacement: await path("app.new"), previous: await path("app.old") };
    const here = async (): Promise<readonly (string | null)[]> =>
      Promise.all([change.path, change.replacement, change.previous].map(async (directory) => host.readText(join(directory, "version"))));
    await host.makeDirectory(fence, change.path);
    await host.makeDirectory(fence, change.replacement);
    await host.writeFile(fence, join(change.path, "version"), "1");
    await host.writeFile(fence, join(change.replacement, "version"), "2");
    for (let n = 0; n < 2; n++) {
      await host.swap(fence, change);
      expect(await here()).toEqual(["2", null, "1"]);
    }
    await host.run(fence, ["mv", "-T", change.path, change.replacement]);
    expect(await here()).toEqual([null, "2", "1"]);
    await host.swap(fence, change);
    expect(await here()).toEqual(["2", null, "1"]);
    await host.makeDirectory(fence, change.replacement);
    await expect(host.swap(fence, change)).rejects.toMatchObject({ code: "SW3011" });
    expect(await here()).toEqual(["2", null, "1"]);
  });

  check("what was copied is put back as it was", async ({ host, fence, path }) => {
    const [tree, file, copy] = [await path("conf.d"), await path("main.conf"), await path("copy")];
    await plant(host, fence, tree, "before");
    await host.writeFile(fence, file, "before\n", { mode: "0640" });
    const digests = await Promise.all([host.sha256(tree), host.sha256(file)]);
    await host.backup(fence, [tree, file], copy);
    expect(await host.stat(copy)).toMatchObject({ kind: "directory", mode: "0700" });
    for (const name of await host.list(copy)) expect(await host.stat(join(copy, name))).toMatchObject({ mode: "0600" });
    const first = await host.sha256(copy);
    await host.run(fence, ["rm", "-r", join(tree, "bin")]);
    await host.writeFile(fence, file, "after\n", { mode: "0600" });
    await host.writeFile(fence, join(tree, "new"), "");
    // Complete already: a repeated call must not copy what has changed since.
    await host.backup(fence, [tree, file], copy);
    expect(await host.sha256(copy)).toBe(first);
    for (let n = 0; n < 2; n++) {
      await host.restore(fence, copy);
      expect(await Promise.all([host.sha256(tree), host.sha256(file)])).toEqual(digests);
      expect(await host.stat(file)).toMatchObject({ mode: "0640" });
      expect(await host.list(await path(""))).toEqual(["conf.d", "copy", "main.conf"]);
    }
    await host.run(fence, ["rm", "-r", tree, file]);
    await host.restore(fence, copy);
    expect(await Promise.all([host.sha256(tree), host.sha256(file)])).toEqual(digests);
    await expect(host.backup(fence, [file], copy)).rejects.toMatchObject({ code: "SW3011" });
    await expect(host.backup(fence, [await path("absent")], await path("never"))).rejects.toMatchObject({ code: "SW3005" });
    expect(await host.stat(await path("never"))).toEqual({ kind: "absent" });
  });
  check("a damaged copy is not put back", async ({ host, fence, path }) => {
    const [file, other, copy] = [await path("one"), await path("two"), await path("copy")];
    await host.writeFile(fence, file, "one");
    await host.writeFile(fence, other, "two");
    await host.backup(fence, [file, other], copy);
    await host.writeFile(fence, file, "changed");
    await host.run(fence, ["sh", "-c", `printf x | dd of=${copy}/1.tar bs=1 seek=512 conv=notrunc`]);
    await expect(host.restore(fence, copy)).rejects.toMatchObject({ code: "SW3013", name: "Refused" });
    expect(await host.readText(file)).toBe("changed");
    expect(await host.list(await path(""))).toEqual(["copy", "one", "two"]);
    await expect(host.restore(fence, await path("one"))).rejects.toMatchObject({ code: "SW3005" });
  });

  check("a full disk is told by name, and nothing is left behind", async ({ host, fence, path, skip }) => {
    const disk = await smallDisk(host, fence, await path("small"));
    if ("skip" in disk) {
      skip(disk.skip);
      return;
    }
    const local = await mkdtemp(join(tmpdir(), "stillwater-full-"));
    try {
      const on = (name: string): string => join(disk.directory, name);
      const full = { code: "SW3012", name: "Refused" };
      // Does not shrink by being packed, and fits beside nothing.
      const content = randomBytes(700_000);
      const sum = createHash("sha256").update(content).digest("hex");
      await writeFile(join(local, "artefact"), content);
      await host.writeFile(fence, on("kept"), "kept");
      await host.writeFile(fence, on("ballast"), randomBytes(500_000));
      await expect(host.upload(fence, join(local, "artefact"), on("artefact"), sum)).rejects.toMatchObject(full);
      await expect(host.writeFile(fence, on("kept"), content)).rejects.toMatchObject(full);
      const [archive, tree] = [await path("a.tar"), await path("tree")];
      await host.makeDirectory(fence, tree);
      await host.writeFile(fence, join(tree, "data"), content);
      await host.run(fence, ["tar", "-cf", archive, "-C", tree, "."]);
      await expect(host.unpack(fence, archive, on("unpacked"))).rejects.toMatchObject(full);
      await expect(host.backup(fence, [tree], on("copy"))).rejects.toMatchObject(full);
      expect(await host.list(disk.directory)).toEqual(["ballast", "kept"]);
      expect(await host.readText(on("kept"))).toBe("kept");
      await host.backup(fence, [on("kept")], await path("copy"));
      await host.removeFile(fence, on("ballast"));
      await host.upload(fence, join(local, "artefact"), on("artefact"), sum);
      expect(await host.list(disk.directory)).toEqual(["artefact", "kept"]);
    } finally {
      await disk.close();
      await rm(local, { recursive: true });
    }
  });
}
