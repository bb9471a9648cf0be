import { writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { thisHolder } from "../journal/process-identity.ts";
import type { RunEvent } from "../model/event.ts";
import { StillwaterError } from "../model/errors.ts";
import { abortRun, answerStep, resumeRun } from "./resume.ts";
import type { RunObserver } from "./run-types.ts";
import { Scene } from "./testing/scene.fixture.ts";
import { GRACE_MS, Watchdog } from "./watchdog.ts";

const scenes: Scene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.close();
});
const nobody: RunObserver = { entry: () => undefined, progress: () => undefined };
/** A run that its worker has left in order after these events. */
const left = (...events: readonly RunEvent[]): Promise<Scene> => leftIn(new Scene(), ...events);
async function leftIn(scene: Scene, ...events: readonly RunEvent[]): Promise<Scene> {
  scenes.push(scene);
  await scene.deadRun(...events);
  const store = await scene.workspace.store();
  const claim = await store.holder("orders");
  if (claim) await store.release(claim);
  return scene;
}
const paused: RunEvent = { is: "paused", step: "n2/stop", code: "SW2101", why: "n3 is down" };

describe("an answer", () => {
  test("names the step that waits, with a reason", async () => {
    const scene = await left(paused);
    await expect(answerStep(scene.workspace, { step: "n2/stop", answer: "again", reason: " " })).rejects.toMatchObject({ code: "SW1006" });
    await expect(answerStep(scene.workspace, { step: "n3/stop", answer: "again", reason: "x" })).rejects.toMatchObject({ code: "SW1005" });
    await answerStep(scene.workspace, { step: "n2/stop", answer: "again", reason: "n3 is up" });
    expect((await scene.events()).at(-1)).toMatchObject({ is: "answered", by: expect.stringContaining("ana") as string });
  });
  test("that approves is refused where nobody was asked for an approval: the step's own question has not been read yet", async () => {
    const scene = await left(paused);
    await expect(answerStep(scene.workspace, { step: "n2/stop", answer: "approve", reason: "x" })).rejects.toMatchObject({ code: "SW1005" });
    const unclear = await left({ is: "asked", step: "n2/start", code: "SW2103", question: "did it?" });
    await expect(answerStep(unclear.workspace, { step: "n2/start", answer: "approve", reason: "x" })).rejects.toMatchObject({ code: "SW1005" });
  });
  test("is taken while a host is down: it changes the journal alone", async () => {
    const away = () => Promise.reject(new StillwaterError("SW3001", "h1 does not answer", { object: "h1" }));
    const scene = await leftIn(new Scene({ host: { readRecord: away, claim: away } }), paused);
    await answerStep(scene.workspace, { step: "n2/stop", answer: "skip", reason: "h1 burnt down" });
    expect((await scene.events()).at(-1)).toMatchObject({ is: "answered", answer: "skip" });
    expect(await (await scene.workspace.store()).holder("orders")).toBeNull();
  });
  test("to an unfinished run only", async () => {
    const scene = await left({ is: "finished", as: "aborted" });
    await expect(answerStep(scene.workspace, { step: "n2/stop", answer: "skip", reason: "x" })).rejects.toMatchObject({ code: "SW2005" });
  });
});

describe("an abort", () => {
  const heldBy = async (scene: Scene, verb: string): Promise<() => Promise<void>> => {
    const store = await scene.workspace.store();
    const claim = await store.claim({ cluster: "orders", holder: thisHolder(verb), leaseMs: 15_000, above: 0, holderIsDead: () => true });
    return () => store.release(claim);
  };
  const abort = (scene: Scene, withinMs?: number) =>
    abortRun(scene.workspace, { reason: "called off", ...(withinMs === undefined ? {} : { withinMs }) }, nobody);

  test("waits until the watchdog has put back what it can, and then does it itself: a watchdog reads no signals", async () => {
    const scene = await left();
    await scene.fakeSidecar();
    const release = await heldBy(scene, "watchdog");
    const aborted = abort(scene);
    expect(await Promise.race([aborted.then(() => "over"), delay(300, "waits")])).toBe("waits");
    await release();
    expect(await aborted).toMatchObject({ outcome: { is: "aborted" } });
  });
  test("is refused, naming the holder, when the watchdog does not come to an end", async () => {
    const scene = await left();
    await heldBy(scene, "watchdog");
    await expect(abort(scene, 0)).rejects.toMatchObject({ code: "SW2001", message: expect.stringContaining("watchdog") as string });
    expect(await (await scene.workspace.store()).readSignal(1)).toMatchObject({ desired: "run" });
  });
  test("is left to a worker that lives", async () => {
    const scene = await left();
    await heldBy(scene, "apply");
    expect(await abort(scene)).toBeNull();
    expect(await (await scene.workspace.store()).readSignal(1)).toMatchObject({ desired: "abort", reason: "called off" });
  });
});

test("a resume that fails before it begins leaves the run standing in order: nobody has died", async () => {
  const scene = await left(paused);
  // Where the run's directory should be is something else.
  const store = await scene.workspace.store();
  const record = await store.run(1);
  writeFileSync(`${scene.workspace.stateDirectory}/runs`, "");
  await expect(resumeRun(scene.workspace, {}, nobody)).rejects.toThrow(/EEXIST|ENOTDIR/);
  expect((await scene.events()).map(({ is }) => is)).toEqual(["claimed", "paused", "claimed", "alarm", "paused"]);
  if (record === null) throw new Error("no run");
  const watchdog = new Watchdog(scene.workspace, record);
  await watchdog.look();
  scene.later += GRACE_MS;
  expect(await watchdog.look()).toMatchObject({ is: "standing" });
  expect(await store.holder("orders")).toBeNull();
});

test("a claim that cannot be released does not hide how the run went", async () => {
  const scene = await left();
  await scene.fakeSidecar();
  const store = await scene.workspace.store();
  store.release = () => Promise.reject(new StillwaterError("SW4001", "Another process has kept the journal locked"));
  expect(await resumeRun(scene.workspace, {}, nobody)).toMatchObject({ outcome: { is: "succeeded" } });
});

test("nothing to resume", async () => {
  const scene = await left({ is: "finished", as: "succeeded" });
  await expect(resumeRun(scene.workspace, {}, nobody)).rejects.toMatchObject({ code: "SW2005" });
});
