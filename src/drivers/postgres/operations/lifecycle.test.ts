import { expect, test } from "vitest";
import type { Look } from "../../../model/driver.ts";
import { acting, ScriptedServers } from "../testing/scripted-servers.ts";
import { readyOperation, startOperation, stopOperation } from "./lifecycle.ts";

const memory = { before: null, receipt: null };
const leading = { version: "17.0", recovery: false, started: "at first", status: null, replayed: null };

test("a primary goes on serving while the replay of the standby that takes over is held back", async () => {
  const stop = async (heldBack: boolean): Promise<Look> => {
    const servers = new ScriptedServers({
      pg1: { is: "primary", rows: () => [{ position: "0/1000" }] },
      pg2: { rows: () => [{ streaming: true, received: "0/1000", heldBack }] },
    });
    return stopOperation(servers).operation.look({ node: "pg1", takesOver: "pg2" }, memory, { now: 0 });
  };
  expect(await stop(true)).toMatchObject({ is: "waiting", for: expect.stringContaining("goes on serving writes") as string });
  expect(await stop(false)).toEqual({ is: "open" });
});

test("a node that has come up as a primary beside another is neither started nor ready: a person is asked which of the two it is", async () => {
  const beside = new ScriptedServers({ pg1: { is: "primary", rows: () => [leading] }, pg2: { is: "primary" }, pg3: {} });
  const asked = { is: "unclear", known: ["pg1 serves as a primary, and so does pg2"] };
  expect(await startOperation(beside).operation.look({ node: "pg1" }, memory, { now: 0 })).toMatchObject(asked);
  expect(await readyOperation(beside).operation.look({ node: "pg1", version: null }, memory, { now: 0 })).toMatchObject(asked);

  const alone = new ScriptedServers({ pg1: { is: "primary", rows: () => [leading] }, pg2: { is: "down" }, pg3: {} });
  const done = { is: "done", proof: { role: "primary" } };
  expect(await startOperation(alone).operation.look({ node: "pg1" }, memory, { now: 0 })).toMatchObject(done);
  expect(await readyOperation(alone).operation.look({ node: "pg1", version: null }, memory, { now: 0 })).toMatchObject(done);
});
test("the start of a standby asks nobody else", async () => {
  const servers = new ScriptedServers({ pg1: { is: "primary" }, pg2: {} });
  expect(await startOperation(servers).operation.look({ node: "pg2" }, memory, { now: 0 })).toMatchObject({ is: "done" });
  expect(servers.asked).toEqual(["pg2 role"]);
});

test("what the stop's answer says of the host is believed while it is fresh: its age counts from when the host looked, not from when the answer came", async () => {
  let now = 0;
  // Longer than what is seen is believed for; the host says how much of that it was at work before it looked.
  const answer = (afterMs: number, said: string) => async () => {
    now += afterMs;
    return { code: 0, stdout: `${said}\nproc ok\ndata /data/pg1\nown data\ncontrol\n`, stderr: "" };
  };
  const stopped = async (run: ReturnType<typeof answer>): Promise<Look> => {
    now = 0;
    const servers = new ScriptedServers({ pg1: { is: "primary", run } }, () => now);
    const stop = stopOperation(servers).operation;
    await stop.act?.({ node: "pg1" }, memory, acting);
    return stop.look({ node: "pg1" }, memory, { now });
  };
  expect(await stopped(answer(400, "uptime 100.00\nuptime 100.38"))).toMatchObject({ is: "done" });
  // Somebody's init system has started the server again while the answer was under way.
  expect(await stopped(answer(12_000, "uptime 100.00\nuptime 100.38"))).toEqual({ is: "open" });
  expect(await stopped(answer(400, "uptime unknown"))).toEqual({ is: "open" });
});
