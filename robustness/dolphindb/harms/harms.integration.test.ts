// Each harm of the tutorial's procedure, shown on a lab cluster, and its absence on the same cluster with ours.
import { describe, expect, it } from "vitest";
import { playTrial, type TrialResult } from "../seeds/trial.ts";
import { RELEASES } from "../stand.ts";
import { playTutorial, scenes, type SceneName } from "./scenes.ts";

const SEED = 1;
const ours = (name: SceneName): Promise<TrialResult> => {
  const { cluster, workMs } = scenes[name];
  return playTrial({ seed: SEED, fault: null, cluster, replaceMs: workMs });
};
const asItMustEnd = (result: TrialResult): void => {
  expect(result.ended).toMatchObject({ outcome: { is: "succeeded" }, pauses: [], questions: [], defects: [] });
  expect(result.state).toEqual({ leftovers: [], notUpgraded: [], extraRestarts: [], doubleActions: [] });
  expect(result.rows).toMatchObject({ lost: [], duplicatedByServer: [], foreign: [], unequal: [] });
  expect(result.rows.acknowledged).toBeGreaterThan(100);
  expect(result.history).toEqual({ exposed: [], copies: [] });
};

describe("with the tutorial's gate alone", () => {
  it("[DD-13] a second host goes down while a chunk has one replica, which its gate calls COMPLETE", async () => {
    const { history, refusals, stoodStillBefore } = await playTutorial(scenes["second host down"], SEED);
    expect(history.exposed.length).toBeGreaterThan(0);
    expect(history.exposed[0]?.chunks.length).toBeGreaterThan(0);
    const felt = [...refusals.keys()].some((words) => words.includes("S01012") || words.includes("replica")) || stoodStillBefore !== null;
    expect(felt).toBe(true);
  });
  it("[DD-22] not with ours: the next host waits for every replica", async () => {
    asItMustEnd(await ours("second host down"));
  });
});

describe("dfsRecoveryWaitTime=30000 and a slow host", () => {
  it("[DD-8] the tutorial: it counts as a minute, and the chunks of the host are copied to the others", async () => {
    const { history } = await playTutorial(scenes["re-replication"], SEED);
    expect(history.copies.length).toBeGreaterThan(0);
  });
  it("[DD-8] not with ours: recovery is suspended on every controller, and resumed", async () => {
    asItMustEnd(await ours("re-replication"));
  });
});

describe("upgrade.sh that fails", () => {
  it("[DD-19] the tutorial: it ends with 0, and every node runs the old release", async () => {
    const { after, said } = await playTutorial(scenes["old binary"], SEED);
    expect(said.filter((line) => line.includes("upgrade.sh: 0 UpLoadFailure")).length).toBeGreaterThan(0);
    expect(new Set(after.nodes.map(({ version }) => version))).toEqual(new Set([RELEASES.from]));
  });
  it("[DD-19] [DD-23] not with ours: every node is asked, and says the new one", async () => {
    const result = await ours("old binary");
    asItMustEnd(result);
    expect(new Set(Object.values(result.versions))).toEqual(new Set([RELEASES.to]));
  });
});
