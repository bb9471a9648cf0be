import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { lockForLife } from "./process-lock.ts";

const directory = mkdtempSync(join(tmpdir(), "stillwater-lock-"));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test("is one process's alone, anybody's once that was killed, and leaves nothing beside its file", async () => {
  const file = join(directory, "lock");
  const holder = `import { lockForLife } from ${JSON.stringify(new URL("process-lock.ts", import.meta.url).href)};
    const lock = lockForLife(${JSON.stringify(file)});
    console.log(lock === null ? "turned away" : "held");
    setInterval(() => lock, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", holder], { stdio: ["ignore", "pipe", "inherit"] });
  const over = new Promise((resolve) => child.once("exit", resolve));
  const said = await new Promise<string>((resolve) => child.stdout.setEncoding("utf8").once("data", resolve));
  expect(said.trim()).toBe("held");
  expect(lockForLife(file)).toBeNull();
  child.kill("SIGKILL");
  await over;
  const lock = lockForLife(file);
  expect(lock).not.toBeNull();
  expect(lockForLife(file)).toBeNull();
  lock?.release();
  lockForLife(file)?.release();
  expect(readdirSync(directory)).toEqual(["lock"]);
});

test("a file that cannot be made is an error, and no other holder", () => {
  expect(() => lockForLife(join(directory, "gone", "lock"))).toThrow("unable to open database file");
});
