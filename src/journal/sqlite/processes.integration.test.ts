import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { isDead, thisHolder } from "../process-identity.ts";
import { openSqliteStore } from "./sqlite-store.ts";

const worker = fileURLToPath(new URL("./worker.fixture.ts", import.meta.url));
type Child = ChildProcessByStdio<Writable, Readable, null>;

let directory: string;
let children: Child[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stillwater-processes-"));
});
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  }
  children = [];
  await rm(directory, { recursive: true });
});

/** `shell`: what a shell sets up before it becomes the worker. `next`: the next line that the worker says, null at its end. */
function start(what: string, shell = ""): { readonly child: Child; readonly next: () => Promise<string | null> } {
  const child = spawn("sh", ["-c", `${shell} exec "$@"`, "sh", process.execPath, worker, what, directory], { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string | null> => {
    const { value, done } = await lines.next();
    return done === true ? null : value;
  };
  return { child, next };
}

it("lets one of several processes that begin at once have the cluster, also when the journal is not there yet", async () => {
  for (let round = 0; round < 3; round += 1) {
    const workers = Array.from({ length: 4 }, () => start("claim"));
    for (const each of workers) expect(await each.next()).toBe("ready");
    for (const each of workers) each.child.stdin.write("go\n");
    const answers = await Promise.all(workers.map((each) => each.next()));
    const heard = answers.map((answer) => answer?.split(" ").slice(0, 2).join(" "));
    expect(heard.filter((answer) => answer === "refused SW2001").length).toBe(3);
    expect(heard).toContain(`won ${round + 1}`);
    for (const each of workers) each.child.stdin.write("end\n");
    await Promise.all(workers.map(async (each) => each.child.exitCode ?? (await once(each.child, "exit"))));
  }
  const store = openSqliteStore({ directory, now: Date.now });
  expect((await store.holder("orders"))?.epoch).toBe(3);
  store.close();
});

it("has everything that was said to be durable, without a hole, after kill -9 in the middle of appending", async () => {
  let said = 0;
  for (let round = 1; round <= 5; round += 1) {
    const { child, next } = start("append");
    // Killed at another place each time, between two answers or inside a transaction.
    for (let count = 0; count < 20 * round; count += 1) said = Number(await next());
    child.kill("SIGKILL");
    for (let line = await next(); line !== null; line = await next()) said = Number(line);
    if (child.signalCode === null) await once(child, "exit");

    const store = openSqliteStore({ directory, now: Date.now });
    const entries = await store.read(1, 0);
    expect(entries.map((entry) => entry.n)).toEqual(entries.map((_, index) => index + 1));
    // At most one append was durable before its process could say so.
    expect(entries.length).toBeGreaterThanOrEqual(said);
    expect(entries.length).toBeLessThanOrEqual(said + 3);
    expect(entries.at(-1)?.epoch).toBe(2 * round - 1);
    said = entries.length;
    // The dead holder's claim has most of its minute left, and need not be waited for.
    const claim = await store.claim({ cluster: "orders", holder: thisHolder("resume"), leaseMs: 60_000, above: 0, holderIsDead: isDead });
    expect(claim.epoch).toBe(2 * round);
    await store.release(claim);
    store.close();
  }
});

it("refuses a process that was frozen beyond its claim and wakes up after another has taken over", async () => {
  const { child, next } = start("append when told");
  expect(await next()).toBe("ready");
  child.kill("SIGSTOP");
  const store = openSqliteStore({ directory, now: Date.now });
  const request = { cluster: "orders", holder: thisHolder("resume"), leaseMs: 60_000, above: 0, holderIsDead: isDead };
  // Frozen is not dead: the claim is waited out.
  const claim = await vi.waitFor(() => store.claim(request), { timeout: 10_000, interval: 20 });
  expect(claim.epoch).toBe(2);
  child.kill("SIGCONT");
  child.stdin.write("go\n");
  expect(await next()).toBe("refused SW2003");
  expect(await store.read(1, 0)).toEqual([]);
  store.close();
});

it("stops with SW4002 when the disk takes no more, and has everything that was said to be durable", async () => {
  openSqliteStore({ directory, now: Date.now }).close();
  // The kernel refuses to let a file grow above 400 blocks of 512 bytes: the log of the database is the first that wants to.
  const { child, next } = start("append", "trap '' XFSZ; ulimit -f 400;");
  let said = 0;
  let line = await next();
  for (; line !== null && !line.startsWith("refused"); line = await next()) said = Number(line);
  expect(line).toBe("refused SW4002");
  // Nothing that this handle would say from now on could be trusted.
  expect(await next()).toBe("still refused SW4002");
  child.stdin.end();
  if (child.exitCode === null) await once(child, "exit");
  const store = openSqliteStore({ directory, now: Date.now });
  expect(said).toBeGreaterThan(3);
  expect((await store.read(1, 0)).length).toBe(said);
  store.close();
});
