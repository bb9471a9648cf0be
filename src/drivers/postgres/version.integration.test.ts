// A minor release and the way back, on real servers under load.
import { chown, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createDemoCluster, temporaryDirectory, type DemoCluster } from "./demo/demo-cluster.ts";
import { startLoad } from "./demo/load.ts";
import { carryOut, describeRun, evidenceOf, goal, openTrial, planOf, type Trial } from "./testing/try-run.ts";

let demo: DemoCluster;
let trial: Trial;
beforeAll(async () => {
  demo = await createDemoCluster({ directory: await temporaryDirectory() });
  await demo.snapshot();
});
beforeEach(() => {
  trial = openTrial(demo);
});
afterEach(async () => {
  await trial.close();
  await demo.restore();
});
afterAll(async () => demo?.destroy());

const layEverywhere = async (): Promise<void> => {
  for (const { name } of demo.nodes) await demo.layNewRelease(name);
};
const versions = async (): Promise<unknown> => {
  const facts = await trial.driver.inspect();
  return Object.fromEntries(trial.driver.nodes(facts).map(({ name, role, version, installed }) => [name, [role, version, installed]]));
};

test("17.0 to 17.10 under load and back: one restart of each node, one switchover, nothing lost, no slot left behind", async () => {
  const artefact = await trial.driver.artefact(await demo.artefact());
  expect(artefact.version).toBe("17.10");
  const before = await trial.driver.inspect();
  const load = await startLoad(demo);
  const plan = await planOf(trial, goal({ version: "17.10", artefact }));
  expect(plan.turns.map(({ id }) => id)).toEqual(["stage", "pg2", "pg3", "pg1"]);
  expect(plan.mode).toBe("zero-downtime");
  expect(plan.unfenced).toEqual([]);
  const ran = await carryOut(trial, plan.turns);
  expect(ran.outcome, describeRun(ran)).toEqual({ is: "succeeded" });
  const acts = ran.events.flatMap((event) => (event.is === "acting" ? [event.step.replace(/.*\/\d+\./, "").split(" ")[0]] : []));
  const count = (name: string): number => acts.filter((act) => act === name).length;
  expect({ stop: count("stop"), swap: count("swap"), start: count("start"), promote: count("promote") }).toEqual({
    stop: 3,
    swap: 3,
    start: 3,
    promote: 1,
  });

  const after = await trial.driver.inspect();
  const leader = after.now.nodes["pg2"]!.role === "primary" ? "pg2" : "pg3";
  const other = leader === "pg2" ? "pg3" : "pg2";
  expect(await versions()).toEqual({
    pg1: ["standby", "17.10", "17.10"],
    [leader]: ["primary", "17.10", "17.10"],
    [other]: ["standby", "17.10", "17.10"],
  });
  expect(Object.fromEntries(after.now.nodes[leader]!.slots.map(({ name, active }) => [name, active]))).toEqual({ pg1: true, [other]: true });
  for (const node of ["pg1", other]) expect(after.now.nodes[node]!.slots, node).toEqual([]);
  const proof = trial.driver.prove(evidenceOf(ran), before, after);
  expect(proof.coverage).toMatch(new RegExp(`^shutdown position of pg1 received by ${leader} \\(0/[0-9A-F]+\\)$`));
  expect(proof.violations).toEqual([]);

  const back = trial.driver.goalBack(before, plan.goal);
  expect(back).toMatchObject({ version: "17.0", artefact: null });
  const rollback = await planOf(trial, back);
  expect(rollback.turns.map(({ id }) => id).at(-1)).toBe(leader);
  const returned = await carryOut(trial, rollback.turns);
  expect(returned.outcome, describeRun(returned)).toEqual({ is: "succeeded" });
  const { lost, acknowledged, longestGapMs } = await load.stop();
  console.log(`there and back: ${String(acknowledged)} acknowledged, longest gap ${String(longestGapMs)} ms`);
  expect(lost).toEqual([]);
  for (const [, version, installed] of Object.values((await versions()) as Record<string, [string, string, string]>))
    expect([version, installed]).toEqual(["17.0", "17.0"]);
});

test("An abort after any step of a turn leaves every node serving, one primary, and no node between two releases", async () => {
  await layEverywhere();
  const plan = await planOf(trial, goal({ version: "17.10" }));
  const last = plan.turns.at(-1)!;
  // Only the primary's turn: the standbys' are the same without the switchover.
  for (const at of ["slot", "stop", "promote", "follow", "swap", "start"]) {
    const ran = await carryOut(trial, [last], {
      watch: (event) => (event.is === "acting" && (event.step.split(/[./]/).at(-1) ?? "").startsWith(at) ? "abort" : "run"),
    });
    expect(ran.outcome.is, `${at}\n${describeRun(ran)}`).toBe("aborted");
    const facts = await trial.driver.inspect();
    const roles = Object.values(facts.now.nodes).map(({ role, up }) => [up, role]);
    expect(roles.filter(([up]) => up).length, at).toBe(3);
    expect(roles.filter(([, role]) => role === "primary").length, at).toBe(1);
    for (const node of Object.keys(facts.now.nodes))
      expect(facts.structure.nodes[node]!.installed, `${at} ${node}`).toBe(facts.now.nodes[node]!.running);
    for (const { slots, role } of Object.values(facts.now.nodes))
      if (role === "standby" && at !== "promote" && at !== "follow") expect(slots, at).toEqual([]);
    await trial.close();
    await demo.restore();
    await layEverywhere();
    trial = openTrial(demo);
  }
});

test("In its place and all together: the primary stays the primary, every node restarts once", async () => {
  await layEverywhere();
  for (const [mode, version] of [
    ["semi-downtime", "17.10"],
    ["downtime", "17.0"],
  ] as const) {
    const plan = await planOf(trial, goal({ version, mode }));
    expect(plan.mode).toBe(mode);
    const ran = await carryOut(trial, plan.turns);
    expect(ran.outcome, describeRun(ran)).toEqual({ is: "succeeded" });
    expect(await versions()).toEqual({ pg1: ["primary", version, version], pg2: ["standby", version, version], pg3: ["standby", version, version] });
  }
});

test("An installation that is a directory, not a link: exchanged by renames, kept beside, and put back by the rollback", async () => {
  await demo.stop();
  for (const { installation, releasesDirectory } of demo.nodes) {
    await rm(installation);
    await rename(join(releasesDirectory, "17.0"), installation);
    if (demo.serverUser !== null) await chown(installation, demo.serverUser.uid, demo.serverUser.gid);
  }
  await demo.start();
  const before = await trial.driver.inspect();
  expect(before.now.nodes["pg1"]).toMatchObject({ linkTarget: null, releases: [] });
  const artefact = await trial.driver.artefact(await demo.artefact());
  const there = await planOf(trial, goal({ version: "17.10", artefact, mode: "semi-downtime" }));
  const aborted = await carryOut(trial, there.turns, { watch: (event) => (event.is === "done" && event.step === "swap pg3" ? "abort" : "run") });
  expect(aborted.outcome.is, describeRun(aborted)).toBe("aborted");
  expect(await versions()).toMatchObject({ pg2: ["standby", "17.10", "17.10"], pg3: ["standby", "17.0", "17.0"] });
  const again = await carryOut(trial, (await planOf(trial, there.goal)).turns);
  expect(again.outcome.is, describeRun(again)).toBe("succeeded");
  expect(await versions()).toMatchObject({ pg1: ["primary", "17.10", "17.10"], pg3: ["standby", "17.10", "17.10"] });
  expect((await trial.driver.inspect()).now.nodes["pg1"]!.releases).toEqual([
    { version: "17.0", root: `${demo.node("pg1").installation}.releases/17.0-kept` },
  ]);
  const back = await carryOut(trial, (await planOf(trial, { ...trial.driver.goalBack(before, there.goal), mode: "semi-downtime" })).turns);
  expect(back.outcome.is, describeRun(back)).toBe("succeeded");
  expect(await versions()).toMatchObject({ pg1: ["primary", "17.0", "17.0"], pg2: ["standby", "17.0", "17.0"], pg3: ["standby", "17.0", "17.0"] });
});

test("A major release, a release that is not there, and nothing to do are refused with what is needed", async () => {
  await expect(planOf(trial, goal({ version: "18.1" }))).rejects.toMatchObject({
    code: "SW2110",
    message: expect.stringContaining("major release") as string,
  });
  await expect(planOf(trial, goal({ version: "17.9" }))).rejects.toMatchObject({
    code: "SW2110",
    remedy: expect.stringContaining("--artifact") as string,
  });
  await expect(planOf(trial, goal({ version: "17.0" }))).rejects.toMatchObject({ code: "SW2109" });
});
