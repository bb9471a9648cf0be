import { afterEach, describe, expect, test } from "vitest";
import type { RunEvent } from "../model/event.ts";
import { finishRun, forceStopRun, terminateRun } from "./end-run.ts";
import { historyOf } from "./history.ts";
import { stepsOf } from "./plan-words.ts";
import type { RunObserver } from "./run-types.ts";
import { Scene } from "./testing/scene.fixture.ts";

const scenes: Scene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.close();
});
const nobody: RunObserver = { entry: () => undefined, progress: () => undefined };
async function left(...events: readonly RunEvent[]): Promise<Scene> {
  const scene = new Scene();
  scenes.push(scene);
  await scene.deadRun(...events);
  await scene.fakeSidecar();
  return scene;
}

describe("a run that is stopped by force", () => {
  test("ends where it was, with its mark and what is still set", async () => {
    const scene = await left(
      { is: "acting", step: "n2/freeze", at: 1, settled: 1, before: { frozen: false } },
      { is: "done", step: "n2/freeze", proof: null },
    );
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
