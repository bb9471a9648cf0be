import { expect, test } from "vitest";
import type { DetachedState } from "../../../model/host.ts";
import { acting, ScriptedServers, snapshotOf, type ScriptedNode } from "../testing/scripted-servers.ts";
import { beforeStart } from "./rejoin.ts";
import { rewindOperation } from "./rewind.ts";

const params = { node: "pg1", from: "pg2", timeline: 2 };
const down: ScriptedNode = { is: "down" };
const script = (pg1: ScriptedNode = down): ScriptedServers => new ScriptedServers({ pg1, pg2: { is: "primary" } });
const exited = (code: number, output: string): DetachedState => ({ is: "exited", code, output });
/** The tries so far, by their place behind the name. */
const tries = (...states: readonly DetachedState[]): ScriptedNode => ({
  ...down,
  detached: (token) => states[Number(token.split("-").at(-1)) - 1] ?? { is: "absent" },
});

test("a former primary on the timeline of the present one is asked about: pg_rewind would do nothing, and call that a success", async () => {
  const servers = new ScriptedServers({
    pg1: { ...down, files: { "/pg/pg1/bin/pg_rewind": "" } },
    pg2: { is: "primary", rows: (sql) => [sql.includes("walfile") ? { timeline: 1 } : { former: "", names: [] }] },
  });
  expect(await beforeStart(servers, "pg1", snapshotOf(down))).toMatchObject({ is: "unclear", known: [expect.stringContaining("timeline 1")] });
});
test("a pg_rewind that found nothing to do is no rewind, whatever its exit code", async () => {
  const output = "pg_rewind: source and target cluster are on the same timeline\npg_rewind: no rewind required\n";
  for (const code of [0, 76]) {
    const { operation } = rewindOperation(script(tries(exited(code, output))));
    expect(await operation.look(params, { before: { name: "r" }, receipt: null }, { now: 0 })).toMatchObject({ is: "unclear" });
  }
});
test("each step of each run has tries of its own: neither an earlier failure nor an earlier success counts for it", async () => {
  const { operation } = rewindOperation(script());
  const [first, later] = [await operation.prepare?.(params, { now: 1 }), await operation.prepare?.(params, { now: 2 })];
  expect(first).toEqual({ name: "rewind-c-pg1-0-1078-1" });
  expect(later).not.toEqual(first);
  const parted = rewindOperation(script({ ...down, control: { checkpointEnd: "0/2000" } })).operation;
  expect(await parted.prepare?.(params, { now: 1 })).toEqual({ name: "rewind-c-pg1-0-2000-1" });
});
test("a failure is told to a person, who mends its cause and resumes: then it is tried again", async () => {
  const before = { name: "r" };
  const failing = tries(exited(1, "connection refused\n"));
  const first = script(failing);
  const { operation } = rewindOperation(first);
  expect(await operation.look(params, { before, receipt: null }, { now: 0 })).toEqual({
    is: "open",
    why: "pg_rewind ended with 1: connection refused",
  });
  const told = await operation.act?.(params, { before, receipt: null }, acting);
  expect(told).toEqual({ failed: 1 });
  await expect(operation.act?.(params, { before, receipt: told ?? null }, acting)).rejects.toMatchObject({ code: "SW3004" });
  expect(first.begun).toEqual([]);

  const resumed = script(failing);
  const again = rewindOperation(resumed).operation;
  await again.act?.(params, { before, receipt: told ?? null }, acting);
  expect(resumed.begun).toEqual(["r-2"]);
  const mended = rewindOperation(script(tries(exited(1, ""), exited(0, "pg_rewind: Done!\n")))).operation;
  expect(await mended.look(params, { before, receipt: told ?? null }, { now: 0 })).toMatchObject({ is: "done", proof: { said: "pg_rewind: Done!" } });
  const failedAgain = rewindOperation(script(tries(exited(1, ""), exited(1, "")))).operation;
  expect(await failedAgain.act?.(params, { before, receipt: told ?? null }, acting)).toEqual({ failed: 2 });
});
test("while a try runs none is added, and a node that a person has copied anew needs none", async () => {
  const before = { name: "r" };
  const running = script(tries({ is: "running", pid: 7, output: "copying\n" }));
  const { operation } = rewindOperation(running);
  expect(await operation.look(params, { before, receipt: null }, { now: 0 })).toMatchObject({ is: "waiting" });
  await operation.act?.(params, { before, receipt: null }, acting);
  expect(running.begun).toEqual([]);
  const copied = rewindOperation(script({ ...tries(exited(1, "")), standbySignal: true })).operation;
  expect(await copied.look(params, { before, receipt: null }, { now: 0 })).toMatchObject({ is: "done" });
});
