import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Claim, Store } from "../../journal/store.ts";
import { thisHolder } from "../../journal/process-identity.ts";
import type { RunObserver, RunResult } from "../../usecases/run-types.ts";
import { openWorkspace, type Workspace } from "../../usecases/workspace.ts";
import { StillwaterError } from "../../model/errors.ts";
import { contextOf, until } from "../testing/context.fixture.ts";
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

const never = new Promise<RunResult>(() => undefined);
/** What a narrow screen has broken into lines. */
const flat = ({ text }: { readonly text: string }): string => stripVTControlCharacters(text).replaceAll(/\s+/g, " ");
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
  const context = contextOf(io, workspace);
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
  const context = contextOf(io, workspace);
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
  const ended = showing(contextOf(io, workspace), "orders", async (observer) => {
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

test("a key or Ctrl-C while the journal cannot be written is told, and the worker goes on", async () => {
  for (const columns of [80, undefined]) {
    const io = new TestIo(columns === undefined ? {} : { columns });
    const own = await workspace.store();
    const full = (): Promise<never> => Promise.reject(new StillwaterError("SW4002", "The journal cannot be written: the disk is full"));
    let over: (result: RunResult) => void = () => undefined;
    const ended = showing(contextOf(io, workspace), "orders", async (observer) => {
      await begin(observer);
      return new Promise<RunResult>((resolve) => {
        over = resolve;
      });
    });
    const shown = columns === undefined ? io.err : io.out;
    await until(() => io.out.text.includes("freeze the schedule"));
    const kept = { signal: own.signal.bind(own), signalUnlessAbort: own.signalUnlessAbort.bind(own) };
    Object.assign(own, { signal: full, signalUnlessAbort: full });
    for (const press of io.keys) press("a");
    if (columns !== undefined) await until(() => flat(shown).includes("the abort could not be asked for, and the run goes on"));
    for (const interrupt of io.interrupts) interrupt();
    await until(() => flat(shown).includes("The journal cannot be written: the disk is full (SW4002); Ctrl-C again leaves"));
    expect((await store.readSignal(run)).desired).toBe("run");
    Object.assign(own, kept);
    over({ run, cluster: "orders", outcome: { is: "paused", code: "operator", step: null, why: "lunch" } });
    expect(await ended).toBe(4);
  }
});

test("a journal that cannot be read when the work begins hides the run until it can, and ends nothing", async () => {
  const io = new TestIo();
  const own = await workspace.store();
  const kept = own.read.bind(own);
  const ended = showing(contextOf(io, workspace), "orders", async (observer) => {
    Object.assign(own, { read: () => Promise.reject(new StillwaterError("SW4001", "The journal cannot be opened: it is locked")) });
    await begin(observer);
    await until(() => io.err.text.includes("the run cannot be shown: The journal cannot be opened: it is locked"));
    Object.assign(own, { read: kept });
    const { entries } = await store.append(claim, run, [{ is: "alarm", what: "look at n2", step: null }]);
    for (const entry of entries) observer.entry(entry);
    await until(() => io.out.text.includes("look at n2"));
    throw new Error("over");
  });
  await expect(ended).rejects.toThrow("over");
  expect(io.out.text).toContain("freeze the schedule: begun");
});
