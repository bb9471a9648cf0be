import { afterEach, expect, test } from "vitest";
import { thisHolder } from "../journal/process-identity.ts";
import type { Signal, Store } from "../journal/store.ts";
import type { RunEvent } from "../model/event.ts";
import { pauseRun } from "./pause.ts";
import { abortRun, resumeRun } from "./resume.ts";
import type { RunObserver } from "./run-types.ts";
import { askToPause } from "./signals.ts";
import { Scene } from "./testing/scene.fixture.ts";

const scenes: Scene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.close();
});
const nobody: RunObserver = { entry: () => undefined, progress: () => undefined };
const asked = { by: "ben on jump2", reason: "lunch" };
const stopping: readonly RunEvent[] = [
  { is: "acting", step: "n2/freeze", at: 1, settled: 1, before: null },
  { is: "done", step: "n2/freeze", proof: null },
];

/** A run on which a process works that is this one. */
async function underWay(...events: readonly RunEvent[]): Promise<Scene> {
  const scene = new Scene();
  scenes.push(scene);
  await scene.deadRun(...events);
  await scene.fakeSidecar();
  scene.change((quarry) => (quarry.frozen = true));
  const store = await scene.workspace.store();
  await store.claim({ cluster: "orders", holder: thisHolder("apply"), leaseMs: 15_000, above: 0, holderIsDead: () => true });
  return scene;
}

test("a pause does not overtake an abort that has not begun: the worker that dies before it is aborted by the resume", async () => {
  const scene = await underWay(...stopping);
  const store = await scene.workspace.store();
  expect(await abortRun(scene.workspace, { reason: "called off" }, nobody)).toBeNull();
  await expect(pauseRun(scene.workspace, { reason: "lunch" })).rejects.toMatchObject({ code: "SW2009" });
  expect((await store.readSignal(1)).desired).toBe("abort");
  const claim = await store.holder("orders");
  if (claim) await store.release(claim);
  expect(await resumeRun(scene.workspace, {}, nobody)).toMatchObject({ outcome: { is: "aborted" } });
  expect(scene.quarry).toMatchObject({ frozen: false });
  expect(scene.quarry.nodes.map((node) => node.version)).toEqual(["17.0", "17.0", "17.0"]);
});

/** Somebody else asks for an abort in the very moment before this store writes a signal. */
function abortComesFirst(store: Store): void {
  const abort = store.signal.bind(store);
  for (const method of ["signal", "signalUnlessAbort"] as const) {
    const write = store[method].bind(store);
    const late = async (run: number, signal: Signal): Promise<unknown> => {
      await abort(run, { desired: "abort", by: "cleo on jump3", reason: "called off" });
      return write(run, signal);
    };
    Object.assign(store, { [method]: late });
  }
}

test("an abort that comes while somebody asks to pause, or resumes, is not lost", async () => {
  const pausing = await underWay(...stopping);
  const store = await pausing.workspace.store();
  const record = await store.run(1);
  abortComesFirst(store);
  expect(record && (await askToPause(store, record, asked))).toBe(false);
  expect((await store.readSignal(1)).desired).toBe("abort");

  const resuming = await underWay(...stopping);
  const other = await resuming.workspace.store();
  const claim = await other.holder("orders");
  if (claim) await other.release(claim);
  abortComesFirst(other);
  expect(await resumeRun(resuming.workspace, {}, nobody)).toMatchObject({ outcome: { is: "aborted" } });
  expect(resuming.quarry).toMatchObject({ frozen: false });
});

test("an abort that has begun may be paused, and the resume goes on aborting", async () => {
  const scene = await underWay(...stopping, { is: "aborting", turn: "n2", finish: false, by: "ana", reason: "" });
  const store = await scene.workspace.store();
  await store.signal(1, { desired: "abort", by: "ana", reason: "" });
  const record = await store.run(1);
  expect(record && (await askToPause(store, record, asked))).toBe(true);
  const claim = await store.holder("orders");
  if (claim) await store.release(claim);
  expect(await resumeRun(scene.workspace, {}, nobody)).toMatchObject({ outcome: { is: "aborted" } });
});

test("an abort overtakes a pause, and a pause that a dead worker left behind holds up no resume", async () => {
  const scene = await underWay(...stopping);
  const store = await scene.workspace.store();
  await pauseRun(scene.workspace, { reason: "lunch" });
  expect(await store.readSignal(1)).toMatchObject({ desired: "pause" });
  await abortRun(scene.workspace, { reason: "called off" }, nobody);
  expect(await store.readSignal(1)).toMatchObject({ desired: "abort" });

  const other = await underWay(...stopping);
  await pauseRun(other.workspace, { reason: "lunch" });
  const left = await other.workspace.store();
  const claim = await left.holder("orders");
  if (claim) await left.release(claim);
  expect(await resumeRun(other.workspace, {}, nobody)).toMatchObject({ outcome: { is: "succeeded" } });
});

test("a run that nobody has written anything into yet is gone on with", async () => {
  const scene = new Scene();
  scenes.push(scene);
  const store = await scene.workspace.store();
  const claim = await store.claim({ cluster: "orders", holder: thisHolder("apply"), leaseMs: 15_000, above: 0, holderIsDead: () => true });
  await store.createRun(claim, await scene.plan());
  await store.release(claim);
  await scene.fakeSidecar();
  expect(await resumeRun(scene.workspace, {}, nobody)).toMatchObject({ outcome: { is: "succeeded" } });
});
