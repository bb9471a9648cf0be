import { expect, test } from "vitest";
import type { Grace } from "../../model/goal.ts";
import type { Answer } from "./ledger/inputs.ts";
import type { StartProof } from "./operations/start-programs.ts";
import { isStopProof, type StopProof } from "./operations/stop-runs.ts";
import { goalOf, maintenance, MemoryRun } from "./testing/memory-run.ts";

const succeeded = { outcome: { is: "succeeded" }, pauses: [], questions: [], defects: [] };
const streaming = { programType: "Spark", programId: "DataStreamsSparkStreaming" };
const clicks = { namespace: "default", app: "clicks", type: "SPARK", name: "DataStreamsSparkStreaming" } as const;
/** It needs so long to end. */
async function stubborn(drainSeconds: number, more: object = {}): Promise<MemoryRun> {
  const run = await MemoryRun.begin({ apps: 14, streams: ["clicks", "views"] });
  await run.lab.control("behaviour", { program: clicks, behaviour: { drainMs: drainSeconds * 1_000, ...more } });
  return run;
}
async function stop(run: MemoryRun, grace: Grace): Promise<Answer | undefined> {
  await run.plan(maintenance({ is: "stop-programs", inputs: [{ appId: "clicks", ...streaming }], grace }));
  expect(await run.run()).toMatchObject(succeeded);
  return (run.proof("stopPrograms") as { readonly answers: readonly Answer[] }).answers[0];
}

test("[CD-4] graceful without a time: nothing is ended by force from here, however long it takes; the server's own budget is what ends it", async () => {
  const run = await stubborn(200);
  expect(await stop(run, "never")).toMatchObject({ statusCode: 200, runs: [{ endState: "KILLED" }] });
  const slow = await stubborn(2_000);
  const answer = await stop(slow, "never");
  for (const each of [run, slow]) expect(each.count("POST", /DataStreamsSparkStreaming\/stop$/)).toBe(0);
  // 300 s of budget, its buffer of 60 s, and one interval of the monitor.
  expect(answer?.runs[0]?.seconds).toBeGreaterThanOrEqual(360);
  expect(answer?.runs[0]?.seconds).toBeLessThanOrEqual(700);
});

test("[CD-5] graceful with N seconds: left alone for N seconds, then ended by force with the one request that has no budget", async () => {
  const run = await stubborn(250);
  const began = run.lab.world.now();
  const answer = await stop(run, 60);
  expect(answer).toMatchObject({ statusCode: 200, runs: [{ endState: "KILLED" }] });
  const forced = run.sent.filter(({ method, path }) => method === "POST" && path.endsWith("/DataStreamsSparkStreaming/stop"));
  expect(forced).toHaveLength(1);
  expect(((forced[0]?.at ?? 0) - began) / 1_000).toBeGreaterThanOrEqual(60);
  const quick = await stubborn(20);
  await stop(quick, 60);
  expect(quick.count("POST", /DataStreamsSparkStreaming\/stop$/)).toBe(0);
});

test("[CD-5] what would end runs that nobody named is not done by force", async () => {
  const run = await stubborn(250);
  run.lab.platform.programs.start(clicks, {});
  await run.lab.world.advance(10_000);
  const [first] = run.lab.platform.programs.all().filter(({ program, end }) => program.app === "clicks" && end === null);
  await run.plan(maintenance({ is: "stop-programs", inputs: [{ appId: "clicks", ...streaming, runId: first?.id ?? "" }], grace: 30 }));
  expect(await run.run()).toMatchObject(succeeded);
  expect(run.count("POST", /DataStreamsSparkStreaming\/stop$/)).toBe(0);
  const notes = run.evidence().flatMap(({ proof }) => (isStopProof(proof) ? proof.notes : []));
  expect(notes.join()).toContain("of the same program would have ended too");
  expect(run.running()).toContain("default.clicks.SPARK.DataStreamsSparkStreaming");
});

test("a run that stays STOPPING is STUCK after every deadline of the server: an answer of its own, a violation in the proof, and never silence", async () => {
  const run = await stubborn(0, { onStop: "lost" });
  const answer = await stop(run, "server");
  expect(answer).toMatchObject({ statusCode: 504, runs: [{ endState: "STUCK" }] });
  expect(await run.proved()).toMatchObject({ violations: [{ what: expect.stringContaining("STUCK") as string }] });
});

test("a drain asks a person about a run that is STUCK, and goes on only when he says so", async () => {
  const run = await stubborn(0, { onStop: "lost" });
  await run.plan(goalOf({ version: "6.9.2" }));
  const ended = await run.run();
  expect(ended.questions[0]).toContain("STUCK");
  expect(ended.outcome).toMatchObject({ is: "asks", step: "programs" });
  expect(run.lab.settings.release).toBe("6.8.3");
});

test("a run of an older version that is STUCK is asked about, too: no status tells of it", async () => {
  const run = await MemoryRun.begin({ apps: 14, release: "6.9.2", streams: ["clicks", "views"] });
  await run.lab.control("behaviour", { program: clicks, behaviour: { onStop: "lost" } });
  await run.redeploy("default", "clicks");
  await run.plan(goalOf({ version: "6.10.0" }));
  const ended = await run.run();
  expect(ended.questions[0]).toContain("default.clicks.spark.DataStreamsSparkStreaming");
  expect(ended.questions[0]).toContain("STUCK");
  expect(ended.outcome).toMatchObject({ is: "asks", step: "programs" });
  expect(run.lab.settings.release).toBe("6.9.2");
});

test("runs of older versions are found and stopped by their ids, and the newest version starts again", async () => {
  const run = await MemoryRun.begin({ apps: 14, release: "6.9.2" });
  const before = run.running();
  const detail = (await run.lab.world.run(run.driver().inspect())).structure.namespaces["default"]?.apps["clicks"];
  await run.redeploy("default", "clicks");
  expect(run.versions()["default.clicks"]).toHaveLength(2);
  await run.plan(goalOf({ version: "6.10.0" }));
  expect(await run.run()).toMatchObject(succeeded);
  const stopped = run.evidence().flatMap(({ proof }) => (isStopProof(proof) ? proof.runs : []));
  expect(stopped.filter(({ app }) => app === "clicks")).toMatchObject([{ endState: "KILLED" }]);
  expect(detail?.version).toBe(run.versions()["default.clicks"]?.[0]);
  expect(run.running()).toEqual(before);
});

test("a trigger that fires during the drain adds to the ledger, and what it started is put back with the rest", async () => {
  const run = await MemoryRun.begin({ apps: 14 });
  await run.plan(goalOf({ version: "6.9.2" }));
  const late = { namespace: "default", app: "batch-0003", type: "WORKFLOW", name: "DataPipelineWorkflow" } as const;
  // It was queued before the schedules were suspended.
  run.lab.world.after(6_000, () => run.lab.platform.programs.start(late, { from: "trigger" }));
  expect(await run.run()).toMatchObject(succeeded);
  const ledgers = run.evidence().flatMap(({ proof }) => (isStopProof(proof) ? [proof.runs] : []));
  expect(ledgers.flat().filter(({ app, type }) => app === "batch-0003" && type === "workflows")).toHaveLength(1);
  expect(run.running()).toContain("default.batch-0003.WORKFLOW.DataPipelineWorkflow");
  expect(run.schedules()).toEqual(run.schedulesAtFirst);
});

test("what had finished in between is not started again, and what an answer was lost of is started once", async () => {
  const run = await MemoryRun.begin({ apps: 14 });
  const first = { namespace: "default", app: "batch-0001", type: "WORKFLOW", name: "DataPipelineWorkflow" } as const;
  await run.lab.control("behaviour", { program: first, behaviour: { onStop: "completes" } });
  const before = run.running();
  await run.plan(goalOf({ version: "6.9.2" }));
  run.lose(({ method, path }) => method === "POST" && path.endsWith("/start"), 2);
  const ended = await run.run();
  expect(ended).toMatchObject({ outcome: { is: "succeeded" }, defects: [] });
  const { started } = run.proof("startPrograms") as StartProof;
  expect(started.filter(({ app }) => app === "batch-0001")).toMatchObject([{ is: "not started", why: "it had finished its work" }]);
  expect(run.running()).toEqual(before.filter((program) => !program.includes("batch-0001")));
});

test("an upgrade whose chunked answer is cut off goes on with what the server says afterwards, and upgrades nothing twice", async () => {
  const run = await MemoryRun.begin({ apps: 14 });
  await run.lab.world.run(run.lab.replace("6.9.2"));
  await run.lab.world.advance(60_000);
  const versions = run.versions();
  await run.plan(goalOf({ options: { apps: "all" } }));
  await run.lab.control("upgrade-cut", { after: 2 });
  expect(await run.run()).toMatchObject({ outcome: { is: "succeeded" }, pauses: [], defects: [] });
  const after = run.versions();
  for (const [app, all] of Object.entries(versions)) expect((after[app]?.length ?? 0) - all.length, app).toBeLessThanOrEqual(1);
});

test("[CD-8] a real-time pipeline that the server does not upgrade is deployed again only when that was asked for", async () => {
  const run = await MemoryRun.begin({ apps: 14, streams: ["clicks"] });
  await run.lab.world.run(run.lab.replace("6.9.2"));
  await run.lab.world.advance(60_000);
  await run.plan(goalOf({ options: { apps: "all", "real-time": "redeploy" } }));
  expect(await run.run()).toMatchObject({ outcome: { is: "succeeded" }, pauses: [], defects: [] });
  const facts = await run.inspect();
  expect(facts.structure.namespaces["default"]?.apps["clicks"]?.artifact.version).toBe("6.9.2");
  expect(run.running()).toContain("default.clicks.SPARK.DataStreamsSparkStreaming");
  expect((run.proof("stopRuns") as StopProof).runs.filter(({ app }) => app === "clicks")).toHaveLength(1);
});
