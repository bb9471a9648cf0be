import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { newestRun } from "../journal/run-records.ts";
import { isDead, thisHolder } from "../journal/process-identity.ts";
import type { SystemDriver } from "../model/driver.ts";
import { StillwaterError } from "../model/errors.ts";
import type { RunEvent } from "../model/event.ts";
import { isUndo, type Turn } from "../model/step.ts";
import { isConcluded } from "./conclude.ts";
import { finishRun, forceStopRun, terminateRun } from "./end-run.ts";
import { historyOf } from "./history.ts";
import { stepsOf } from "./plan-words.ts";
import { resumeRun } from "./resume.ts";
import type { RunObserver } from "./run-types.ts";
import { sidecarFiles } from "./sidecar.ts";
import { Scene } from "./testing/scene.fixture.ts";
import { verifyRun } from "./verify.ts";

const scenes: Scene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.close();
});
const nobody: RunObserver = { entry: () => undefined, progress: () => undefined };
async function left(...[first, ...rest]: readonly [(Scene | RunEvent)?, ...RunEvent[]]): Promise<Scene> {
  const scene = first instanceof Scene ? first : new Scene();
  const events = first === undefined || first instanceof Scene ? rest : [first, ...rest];
  scenes.push(scene);
  await scene.deadRun(...events);
  await scene.fakeSidecar();
  return scene;
}
const taken: readonly RunEvent[] = [
  { is: "acting", step: "n2/freeze", at: 1, settled: 1, before: { frozen: false } },
  { is: "done", step: "n2/freeze", proof: null },
];

describe("a run that is stopped by force", () => {
  test("ends where it was, with its mark and what is still set", async () => {
    const scene = await left(...taken);
    const ended = await forceStopRun(scene.workspace, { mark: "failed", reason: "the vendor takes it from here" });
    expect(ended).toMatchObject({ run: 1, mark: "failed", left: ["freeze the schedule"] });
    expect((await scene.events()).at(-1)).toMatchObject({
      is: "finished",
      as: "force-stopped",
      forced: { mark: "failed", reason: "the vendor takes it from here" },
    });
    const { runs } = await historyOf(scene.workspace);
    expect(runs[0]?.record.status).toBe("Force-Stopped and Marked as Failed");
    expect(await (await scene.workspace.store()).holder("orders")).toBeNull();
  });
  test("does not name what was put back when its worker stood still or died", async () => {
    const scene = await left(...taken, { is: "released", step: "n2/freeze" });
    expect(await forceStopRun(scene.workspace, { mark: "failed", reason: "x" })).toMatchObject({ left: [] });
    const { verifications } = await verifyRun(scene.workspace, { run: 1 });
    expect(verifications.find(({ what }) => what === "no temporary setting is left")).toMatchObject({ verdict: "passed" });
  });
  test("also when a host is gone for good: what does not answer is no reason to keep it open", async () => {
    const gone = () => Promise.reject(new StillwaterError("SW3001", "h1 does not answer", { object: "h1" }));
    const scene = await left(new Scene({ host: { readRecord: gone, claim: gone } }), ...taken);
    expect(await forceStopRun(scene.workspace, { mark: "failed", reason: "h1 burnt down" })).toMatchObject({ left: ["freeze the schedule"] });
    expect((await scene.events()).at(-1)).toMatchObject({ is: "finished", as: "force-stopped" });
  });
  test("is asked to stand still while its worker lives, and whoever waits is told for whom", async () => {
    const scene = await left();
    const store = await scene.workspace.store();
    const claim = await store.claim({ cluster: "orders", holder: thisHolder("apply"), leaseMs: 15_000, above: 0, holderIsDead: isDead });
    const waited: string[] = [];
    const waits = (holder: string): void => {
      waited.push(holder);
    };
    const request = { mark: "failed", reason: "x" } as const;
    await expect(forceStopRun(scene.workspace, { ...request, withinMs: 0 }, waits)).rejects.toMatchObject({ code: "SW2001" });
    expect(await store.readSignal(1)).toMatchObject({ desired: "pause", reason: "to be stopped by force" });
    const ended = forceStopRun(scene.workspace, request, waits);
    await vi.waitFor(() => expect(waited).toHaveLength(2));
    await store.append(claim, 1, [{ is: "paused", step: null, code: "operator", why: "asked" }]);
    await store.release(claim);
    expect(await ended).toMatchObject({ run: 1, mark: "failed" });
    expect(waited[1]).toBe(`${claim.holder.operator} on ${claim.holder.host} (pid ${String(process.pid)}, apply)`);
  });
  test("holds the cluster and its hosts until it is concluded, however long that takes: records are still read", async () => {
    let renewed = 0;
    const renew = (): Promise<void> => Promise.resolve(void renewed++);
    const scene = await left(new Scene({ host: { renew } }));
    const conclusion = join(scene.workspace.runDirectory(1), sidecarFiles.conclusion);
    rmSync(conclusion);
    const ended = forceStopRun(scene.workspace, { mark: "failed", reason: "x" });
    await vi.waitFor(async () => expect((await scene.events()).at(-1)).toMatchObject({ is: "finished" }));
    const store = await scene.workspace.store();
    for (const more of [10_000, 10_000]) {
      scene.later += more;
      const late = scene.workspace.now();
      await vi.waitFor(async () => expect((await store.holder("orders"))?.until).toBeGreaterThan(late + 14_000), { timeout: 4_000 });
    }
    const apply = { cluster: "orders", holder: thisHolder("apply"), leaseMs: 15_000, above: 0, holderIsDead: isDead };
    await expect(store.claim(apply)).rejects.toMatchObject({ code: "SW2001", message: expect.stringContaining("force-stop") as string });
    expect(renewed).toBeGreaterThan(0);
    await scene.fakeSidecar();
    expect(await ended).toMatchObject({ mark: "failed" });
    expect(await store.holder("orders")).toBeNull();
  });
  test("killed before its report was written, it is concluded by a resume", async () => {
    const scene = await left(...taken, { is: "finished", as: "force-stopped", forced: { mark: "failed", by: "ana", reason: "x", left: [] } });
    expect(await resumeRun(scene.workspace, {}, nobody)).toMatchObject({ outcome: { is: "force-stopped" } });
    expect(await isConcluded(scene.workspace, (await newestRun(await scene.workspace.store(), "orders"))!)).toBe(true);
  });
  test("needs a reason, and a run that has not ended", async () => {
    const scene = await left();
    await expect(forceStopRun(scene.workspace, { mark: "failed", reason: " " })).rejects.toMatchObject({ code: "SW1006" });
    const over = await left({ is: "finished", as: "aborted" });
    await expect(forceStopRun(over.workspace, { mark: "failed", reason: "x" })).rejects.toMatchObject({ code: "SW2005" });
  });
});

test("what does not wait for a result to be verified cannot be finished", async () => {
  const scene = await left({ is: "asked", step: "n2/start", code: "SW2103", question: "did it?" });
  await expect(finishRun(scene.workspace, { reason: "tried" }, nobody)).rejects.toMatchObject({ code: "SW1005" });
});

test("a run without a point of no return is terminated like an abort", async () => {
  const scene = await left();
  const result = await terminateRun(scene.workspace, { reason: "withdrawn" }, nobody);
  expect(result?.outcome).toEqual({ is: "aborted" });
});

test("past a point of no return a run is not terminated: the error says why", async () => {
  const plain = await left();
  const committing = (await plain.plan()).turns.flatMap(stepsOf).find((step) => step.commits !== undefined);
  if (committing === undefined) throw new Error("the made-up system has no point of no return any more");
  const scene = await left({ is: "acting", step: committing.id, at: 1, settled: 1, before: null });
  await expect(terminateRun(scene.workspace, { reason: "withdrawn" }, nobody)).rejects.toMatchObject({
    code: "SW2010",
    message: expect.stringContaining("clients follow the leader") as string,
  });
  expect((await scene.events()).map(({ is }) => is)).toEqual(["claimed", "acting"]);
});

test("a point of no return that a person was told to pass, and has passed without saying so, is looked at", async () => {
  const told = (driver: SystemDriver): SystemDriver => {
    const move = driver.operations["move"]!;
    const byHand: typeof move = { look: (...all) => move.look(...all) };
    const ask = (turn: Turn): Turn => ({
      ...turn,
      items: turn.items.map((item) => (isUndo(item) || item.id !== "move" ? item : { ...item, ask: "move it" })),
    });
    return {
      ...driver,
      operations: { ...driver.operations, move: byHand },
      plan: (facts, goal) => {
        const draft = driver.plan(facts, goal);
        return "refused" in draft ? draft : { ...draft, turns: draft.turns.map(ask) };
      },
    };
  };
  const asked: RunEvent = { is: "asked", step: "move", code: "SW2007", question: "move it", before: null };
  const scene = await left(new Scene({ driver: told }), asked);
  scene.change((quarry) => (quarry.leader = "n2"));
  await expect(terminateRun(scene.workspace, { reason: "withdrawn" }, nobody)).rejects.toMatchObject({ code: "SW2010", object: "move" });
  const waits = await left(new Scene({ driver: told }), asked);
  expect(await terminateRun(waits.workspace, { reason: "withdrawn" }, nobody)).toMatchObject({ outcome: { is: "aborted" } });
});
