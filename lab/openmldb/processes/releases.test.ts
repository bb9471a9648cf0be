import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { packRelease, packSpark } from "./releases.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lab-releases-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe("packRelease", () => {
  it("makes the vendor's archive: one directory on top, the binary says its version", async () => {
    const { path } = await packRelease(directory, "0.9.3");
    expect(path).toBe(join(directory, "openmldb-0.9.3-linux.tar.gz"));
    execFileSync("tar", ["-xzf", path, "-C", directory]);
    const top = join(directory, "openmldb-0.9.3-linux");
    expect(readdirSync(top).toSorted()).toEqual(["bin", "conf", "sbin", "taskmanager", "udf"]);
    expect(execFileSync(join(top, "bin/openmldb"), ["--version"], { encoding: "utf8" })).toBe("openmldb version 0.9.3-lab\n");
    expect(readFileSync(join(top, "conf/openmldb-env.sh"), "utf8")).toContain("export OPENMLDB_VERSION=0.9.3\n");
    expect(existsSync(join(top, "taskmanager/lib/openmldb-taskmanager-0.9.3.jar"))).toBe(true);
    expect(readdirSync(directory).toSorted()).toEqual(["openmldb-0.9.3-linux", "openmldb-0.9.3-linux.tar.gz"]);
  });

  it("makes archives that lie: by their name, and by their binary", async () => {
    const byName = await packRelease(directory, "0.9.4", { version: "0.9.2" });
    const byBinary = await packRelease(directory, "0.9.5", { version: "0.9.5", binary: "0.9.2" });
    expect([byName.inside, byBinary.inside]).toEqual(["0.9.2", "0.9.2"]);
    for (const { path } of [byName, byBinary]) execFileSync("tar", ["-xzf", path, "-C", directory]);
    const says = (version: string): string =>
      execFileSync(join(directory, `openmldb-${version}-linux/bin/openmldb`), ["--version"], { encoding: "utf8" });
    expect([says("0.9.4"), says("0.9.5")]).toEqual(["openmldb version 0.9.2-lab\n", "openmldb version 0.9.2-lab\n"]);
    expect(readdirSync(join(directory, "openmldb-0.9.5-linux/taskmanager/lib"))).toContain("openmldb-taskmanager-0.9.5.jar");
  });
});

it("packSpark names the version of OpenMLDB in its jars", async () => {
  const path = await packSpark(directory, "0.9.3");
  expect(execFileSync("tar", ["-tzf", path], { encoding: "utf8" })).toContain("/jars/openmldb-batch-0.9.3.jar\n");
});
