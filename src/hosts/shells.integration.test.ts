// The helper under other shells and other tools than those of this machine.
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hostConformance, type HostFixture } from "./conformance.ts";
import { hostOver } from "./connection.ts";
import { busyboxApplets, findBusybox } from "./testing/busybox.ts";
import { scratchDirectory } from "./testing/scratch.ts";
import { shellTransport } from "./testing/shell-transport.ts";

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
