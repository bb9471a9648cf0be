// The helper under other shells and other tools than those of this machine.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hostConformance, type HostFixture } from "./conformance.ts";
import { hostOver } from "./connection.ts";
import { busyboxApplets, findBusybox } from "./testing/busybox.ts";
import { claimed } from "./testing/claims.ts";
import { scratchDirectory } from "./testing/scratch.ts";
import { shellTransport } from "./testing/shell-transport.ts";
import { zipOf } from "./testing/zip.ts";

async function fixtureOf(
  shell: (root: string) => { readonly argv: readonly string[]; readonly environment: NodeJS.ProcessEnv },
): Promise<HostFixture> {
  const root = scratchDirectory();
  const directory = join(root, "files");
  await mkdir(directory);
  const { argv, environment } = shell(root);
  return {
    directory,
    open: (cluster) => hostOver({ host: "db1", transport: shellTransport(argv, environment), cluster, stateDirectory: join(root, "state") }),
    close: () => rm(root, { recursive: true }),
  };
}

hostConformance(
  "busybox, shell and tools",
  async () => {
    const busybox = findBusybox();
    if (typeof busybox !== "string") return busybox;
    return fixtureOf((root) => {
      busyboxApplets(busybox, join(root, "bin"));
      return { argv: [join(root, "bin/sh")], environment: { ...process.env, PATH: join(root, "bin") } };
    });
  },
  { runs: 10 },
);
hostConformance(
  "bash as sh",
  async () => {
    if (spawnSync("bash", ["--version"]).status !== 0) return { skip: "there is no bash on this machine" };
    return fixtureOf(() => ({ argv: ["bash", "--posix"], environment: { ...process.env, LC_ALL: "C.UTF-8" } }));
  },
  { runs: 10, parts: ["commands", "claims"] },
);

const toolsWithoutUnzip = `sh flock tar sha256sum timeout stat find sort xargs cat head tail cp mv rm mkdir mktemp chmod chown ln readlink base64 sync setsid
  date sed tr od true`;
test("a host without unzip says so, and unpacks tar archives", async () => {
  const root = scratchDirectory();
  try {
    await mkdir(join(root, "bin"));
    const places = (process.env["PATH"] ?? "").split(":");
    for (const tool of toolsWithoutUnzip.split(/\s+/)) {
      const found = places.map((place) => join(place, tool)).find((path) => existsSync(path));
      if (found === undefined) throw new Error(`this machine has no ${tool}`);
      await symlink(found, join(root, "bin", tool));
    }
    const transport = shellTransport([join(root, "bin/sh")], { ...process.env, PATH: join(root, "bin") });
    const host = hostOver({ host: "db1", transport, cluster: "c", stateDirectory: join(root, "state") });
    const fence = await claimed(host, 1);
    await host.writeFile(fence, join(root, "a.zip"), zipOf([{ name: "file", content: "text", mode: 0o644 }]));
    const outcome = host.unpack(fence, join(root, "a.zip"), join(root, "a"));
    await expect(outcome).rejects.toMatchObject({ code: "SW3002", name: "Refused" });
    await expect(outcome).rejects.toThrow(`unzip is missing, and ${join(root, "a.zip")} is a zip archive`);
    expect(await host.stat(join(root, "a"))).toEqual({ kind: "absent" });
    await host.run(fence, ["tar", "-cf", join(root, "a.tar"), "-C", root, "a.zip"]);
    await host.unpack(fence, join(root, "a.tar"), join(root, "a"));
    expect(await host.list(join(root, "a"))).toEqual(["a.zip"]);
    await host.close();
  } finally {
    await rm(root, { recursive: true });
  }
});

test("a tool that is missing is named", async () => {
  const root = await mkdtemp(join(tmpdir(), "stillwater-host-"));
  await mkdir(join(root, "bin"));
  const fixture = hostOver({ host: "db1", transport: shellTransport(["/bin/sh"], { PATH: join(root, "bin") }), cluster: "c", stateDirectory: root });
  const outcome = fixture.query(["true"]);
  await expect(outcome).rejects.toMatchObject({ code: "SW3002", name: "Refused" });
  await expect(outcome).rejects.toThrow("db1: flock is missing");
  await fixture.close();
  await rm(root, { recursive: true });
});
