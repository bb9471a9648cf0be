import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { probeFiles } from "../continuity/files.ts";
import { readStatus } from "../continuity/status.ts";
import { runWatching } from "../continuity/watching/process.ts";
import type { FeatureOutcome, Watches } from "../model/watch.ts";
import { judgeProbe } from "./probe-verdict.ts";
import { startProbe, stopProbe } from "./probe-start.ts";
import { Scene } from "./testing/scene.fixture.ts";

const scenes: Scene[] = [];
let running: Promise<unknown> = Promise.resolve();
afterEach(async () => {
  for (const scene of scenes.splice(0)) {
    await stopProbe(scene.workspace).catch(() => undefined);
    await running;
    await scene.close();
  }
});

function watched(logon: () => FeatureOutcome): { readonly scene: Scene; readonly watches: Watches } {
  const watches: Watches = {
    features: [{ feature: "logon", everyMs: 10, withinMs: 100, try: () => Promise.resolve(logon()) }],
    events: [
      {
        name: "alerts",
        everyMs: 10,
        policy: "queue",
        why: "the platform drops them",
        collect: async () => ({ events: [{ key: "a", at: 1, object: "job 7", what: "failed" }], cursor: null }),
      },
    ],
    close: async () => undefined,
  };
  const scene = new Scene({
    driver: (driver) => {
      const { ...bare } = driver;
      delete bare.continuity;
      return { ...bare, watches: () => Promise.resolve(watches) };
    },
  });
  scenes.push(scene);
  return { scene, watches };
}
const launch = (watches: Watches, told: string[] = []) => ({
  readyWithinMs: 5_000,
  launch: (directory: string) => {
    running = runWatching({ watches, directory, signals: false, say: () => undefined, deliver: async ({ key }) => void told.push(key) });
    return Promise.resolve(process.pid);
  },
});

test("a system whose clients write no records is watched, and judged by what works", async () => {
  let outcome: FeatureOutcome = { is: "works" };
  const { scene, watches } = watched(() => outcome);
  const told: string[] = [];
  expect(await startProbe(scene.workspace, {}, launch(watches, told))).toMatchObject({ rate: 0, partitions: ["logon"] });
  expect(await judgeProbe(scene.workspace)).toMatchObject({ running: true, continuity: { verdict: "pass", notApplicable: true } });
  outcome = { is: "refused", why: "503 maintenance" };
  await expect.poll(async () => (await judgeProbe(scene.workspace)).continuity.verdict, { timeout: 5_000 }).toBe("fail");
  outcome = { is: "works" };
  await expect.poll(async () => (await judgeProbe(scene.workspace)).continuity.verdict, { timeout: 5_000 }).toBe("pass");
  expect(told).toEqual([]);
  await stopProbe(scene.workspace);
  const last = await judgeProbe(scene.workspace);
  expect(last).toMatchObject({ running: false, final: true, sentence: "1 feature watched.", continuity: { verdict: "pass" } });
  expect(last.watched?.features[0]?.outages).toHaveLength(1);
  expect(told).toEqual(["a"]);
});

test("what does not work when the probe ends is said", async () => {
  const { scene, watches } = watched(() => ({ is: "failed", why: "no route" }));
  await startProbe(scene.workspace, {}, launch(watches));
  await stopProbe(scene.workspace);
  expect(await judgeProbe(scene.workspace)).toMatchObject({ final: true, continuity: { verdict: "fail", why: ["logon does not work: no route"] } });
});

test("a probe whose heart has stopped proves nothing of now: it is said since when, and nothing passes", async () => {
  const { scene, watches } = watched(() => ({ is: "works" }));
  const { directory } = await startProbe(scene.workspace, {}, launch(watches));
  await stopProbe(scene.workspace);
  await running;
  const { at } = readStatus(directory)!;
  // As a process leaves it that was killed.
  const file = join(directory, probeFiles.status);
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, "utf8")) as object), state: "running" }));
  scene.later += 60_000;
  expect((await judgeProbe(scene.workspace)).continuity).toMatchObject({
    verdict: "not-measured",
    why: [`its process gives no sign of life since ${new Date(at).toISOString()}: nothing is known of the time after it`],
  });
});

test("what belongs to records is refused or not claimed: a pace of writes, and records that were removed", async () => {
  const { scene, watches } = watched(() => ({ is: "works" }));
  await expect(startProbe(scene.workspace, { rate: 100 }, launch(watches))).rejects.toMatchObject({ code: "SW1001", object: "--rate" });
  await startProbe(scene.workspace, {}, launch(watches));
  await expect(stopProbe(scene.workspace, { discard: true })).rejects.toMatchObject({ code: "SW1001", object: "--discard" });
  expect((await judgeProbe(scene.workspace)).running).toBe(true);
});
