import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { openHost } from "./connection.ts";
import { claimed, until } from "./testing/claims.ts";

test("an orchestrator that was frozen beyond its claim is refused when it wakes up, and its helpers end with it", async () => {
  const root = await mkdtemp(join(tmpdir(), "stillwater-frozen-"));
  const file = join(root, "file");
  const child = spawn(process.execPath, [join(import.meta.dirname, "testing/frozen-orchestrator.ts"), join(root, "state"), file], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  const host = openHost({ name: "db1", transport: "local", address: null, user: null, stateDirectory: join(root, "state"), domain: null }, "c");
  try {
    await until("it has claimed", () => lines.length === 1);
    child.stdin.write("first\n");
    await until("it has written", () => lines.length === 2);
    child.kill("SIGSTOP");
    child.stdin.write("late\n");
    const fence = await claimed(host, 2);
    await host.writeFile(fence, file, "by the next");
    child.kill("SIGCONT");
    await until("it was answered", () => lines.length === 3);
    expect(lines).toEqual(["claimed", "written", "SW3010"]);
    expect(await readFile(file, "utf8")).toBe("by the next");
  } finally {
    child.kill("SIGKILL");
    await once(child, "exit");
    await host.close();
  }
  const helpers = async (): Promise<number> => {
    let found = 0;
    for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
      const [line, links] = await Promise.all([
        readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""),
        readFile(`/proc/${pid}/environ`, "utf8").catch(() => ""),
      ]);
      if (line.includes("stillwater-helper") && links.includes(root)) found++;
    }
    return found;
  };
  await until("no helper is left", async () => (await helpers()) === 0);
  await rm(root, { recursive: true });
});
