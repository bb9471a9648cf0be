import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freeAddresses } from "./addresses.ts";
import { mustBeReachable } from "./server-user.ts";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stillwater-user-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));
const stranger = { name: "nobody", uid: 65_533, gid: 65_533 };

test("a directory that the servers could not enter is named before anything is built in it", async () => {
  const inner = join(directory, "inner");
  await mkdir(inner, { mode: 0o755 });
  await expect(mustBeReachable(inner, stranger)).rejects.toMatchObject({ code: "SW3005", message: `nobody may not enter ${directory}` });
  await chmod(directory, 0o711);
  await expect(mustBeReachable(inner, stranger)).resolves.toBeUndefined();
});

test("servers that run as ourselves can go where we can", async () => {
  await expect(mustBeReachable(directory, null)).resolves.toBeUndefined();
});

test("each node has an address of its own", async () => {
  const found = await freeAddresses(3);
  expect(new Set(found.map(({ host, port }) => `${host}:${String(port)}`)).size).toBe(3);
});
