import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Claim, Store } from "../../journal/store.ts";
import { thisHolder } from "../../journal/process-identity.ts";
import type { RunObserver, RunResult } from "../../usecases/run-types.ts";
import { openWorkspace, type Workspace } from "../../usecases/workspace.ts";
import type { Context } from "../context.ts";
import { styleFor } from "../render/style.ts";
import { TestIo } from "../testing/io.fixture.ts";
import { samplePlan } from "../testing/plan.fixture.ts";
import { showing } from "./carry-out.ts";

let directory: string;
let workspace: Workspace;
let store: Store;
let claim: Claim;
let run: number;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "stillwater-work-"));
  workspace = openWorkspace({ stateDirectory: directory, operator: "ana" });
  store = await workspace.store();
  claim = await store.claim({ cluster: "orders", holder: thisHolder("apply"), leaseMs: 60_000, above: 0, holderIsDead: () => false });
  run = (await store.createRun(claim, await samplePlan())).id;
});
afterEach(async () => {
  await workspace.close();
  rmSync(directory, { recursive: true });
});

function contextOf(io: TestIo): Context & { left: boolean } {
  return {
    io,
    json: false,
    style: styleFor(io.out, io.environment),
    workspace,
    parts: {},
    left: false,
    leaveAtOnce() {
      this.left = true;
    },
    print: (lines) => io.out.write(lines.map((line) => `${line}\n`).join("")),
    document: () => undefined,
  };
}
const never = new Promise<RunResult>(() => undefined);
const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
};
async function begin(observer: RunObserver): Promise<void> {
  const record = await store.run(run);
  if (record !== null) observer.begun?.(record);
  const { entries } = await store.append(claim, run, [
    { is: "claimed", holder: "ana on jump1", verb: "apply", pid: 1 },
    { is: "acting", step: "n2/freeze", at: 1, settled: 1, before: null },
  ]);
  for (const entry of entries) observer.entry(entry);
}

test("what is shown is the worker's own record: its plan, which may have megabytes, is read by nobody a second time", async () => {
  const io = new TestIo();
  const context = contextOf(io);
  const own = await context.workspace.store();
  let read = 0;
  const ended = showing(context, "orders", async (observer) => {
    await begin(observer);
    const refuse = (): Promise<never> => Promise.reject(new Error(`read ${String(++read)} times`));
    Object.assign(own, { run: refuse, runs: refuse });
    await until(() => io.out.text.includes("freeze the schedule: begun"));
    throw new Error("over");
  });
  await expect(ended).rejects.toThrow("over");
  expect(read).toBe(0);
});

test("the first Ctrl-C asks the worker to pause, the second leaves at once", async () => {
  const io = new TestIo();
  const context = contextOf(io);
  const ended = showing(context, "orders", async (observer) => {
    await begin(observer);
    return never;
  });
  await until(() => io.out.text.includes("freeze the schedule: begun"));
  const interrupt = (): void => {
    for (const handler of io.interrupts) handler();
  };
  interrupt();
  await until(async () => (await store.readSignal(run)).desired === "pause");
  expect(io.err.text).toContain("Ctrl-C again leaves");
  interrupt();
  expect(await ended).toBe(4);
  expect(context.left).toBe(true);
  expect(io.err.text).toContain("Left at once.");
  expect(io.interrupts.size).toBe(0);
});

test("on a terminal: a screen with keys that ask to pause and to abort, and details", async () => {
  const io = new TestIo({ columns: 80 });
  const press = (key: string): void => {
    for (const handler of io.keys) handler(key);
  };
  const ended = showing(contextOf(io), "orders", async (observer) => {
    await begin(observer);
    return never;
  });
  await until(() => io.out.text.includes("[p] pause  [a] abort  [d] details"));
  expect(io.out.text).toContain("orders  17.0 -> 17.10  run 1  turn 1 of 4");
  press("d");
  await until(() => io.out.text.includes("not begun"));
  press("p");
  await until(async () => (await store.readSignal(run)).desired === "pause");
  press("a");
  await until(async () => (await store.readSignal(run)).desired === "abort");
  expect(io.out.text).toContain("aborting: everything temporary is put back");
  for (const handler of io.interrupts) handler();
  for (const handler of io.interrupts) handler();
  expect(await ended).toBe(4);
  expect(io.keys.size).toBe(0);
});
