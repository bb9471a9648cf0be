import { describe, expect, test } from "vitest";
import type { Goal } from "../../../model/goal.ts";
import type { CdapPipeline } from "../facts.ts";
import { planOptions, type PlanOptions } from "../planning/options.ts";
import { appOn, appsGoal, factsOf, maintenanceGoal, pipelineNamed, platformGoal, runOf, system, type FactsWords } from "../testing/facts-fixture.ts";
import { pipelineChecks } from "./pipelines.ts";
import { budgetOf, verdictOf } from "./verdicts.ts";

const optionsOf = (goal: Goal): PlanOptions => {
  const options = planOptions(goal);
  if ("refused" in options) throw new Error(options.refused);
  return options;
};
const instance = (pipeline: CdapPipeline, words: FactsWords = {}) =>
  factsOf({
    apps: { p: appOn(system("cdap-data-streams", "6.9.2")) },
    artifacts: [system("cdap-data-streams", "6.9.2"), system("cdap-data-streams", "6.9.3")],
    pipelines: [pipeline],
    runs: [runOf("p")],
    ...words,
  });
const judged = (more: Partial<CdapPipeline>, goal: Goal, words: FactsWords = {}) => {
  const pipeline = pipelineNamed("p", more);
  return verdictOf(instance(pipeline, words), goal, optionsOf(goal), pipeline);
};
const redeploy = appsGoal({ "real-time": "redeploy" });
const log: Partial<CdapPipeline> = { sources: [{ plugin: "Kafka", kind: "log", begins: "latest" }] };

describe("the upgrade of a real-time pipeline by the API", () => {
  test.each([["SPARK_CHECKPOINTING"], ["NONE"]] as const)("with mode %s is refused, with the documented way around [CD-8]", (mode) => {
    const verdict = judged({ mode }, appsGoal());
    expect(verdict).toMatchObject({ is: "not-supported", wayAround: expect.stringContaining("real-time=redeploy") as string });
    const pipeline = pipelineNamed("p", { mode });
    const [check] = pipelineChecks(instance(pipeline), appsGoal(), optionsOf(appsGoal()));
    expect(check).toMatchObject({ code: "real-time", verdict: "blocker", object: "default.p" });
    expect(check?.price).toBeUndefined();
  });
  test("with mode STATE_STORE is taken from 6.9 on, and loses nothing; before, it is not", () => {
    expect(judged({ mode: "STATE_STORE" }, appsGoal())).toMatchObject({ is: "no-loss", way: "api" });
    expect(judged({ mode: "STATE_STORE" }, appsGoal(), { version: "6.8.3" })).toMatchObject({ is: "not-supported" });
  });
  test("leaves it as it is where that was asked for", () => {
    expect(judged({}, appsGoal({ "real-time": "leave" }))).toMatchObject({ is: "no-loss", way: "untouched" });
  });
  test("does not concern one that is on the newest artefact already, or that was not named", () => {
    const current = { artifacts: [system("cdap-data-streams", "6.9.2")] };
    expect(judged({}, appsGoal(), current)).toMatchObject({ way: "untouched" });
    expect(judged({}, appsGoal({ apps: "other" }))).toMatchObject({ way: "untouched" });
  });
});

describe("a new deployment [CD-7]", () => {
  test("loses nothing with a write-ahead log and time enough to end by itself", () => {
    expect(judged({}, redeploy)).toMatchObject({ is: "no-loss", way: "redeploy" });
  });
  test.each([
    ["without a write-ahead log", { wal: false }, {}, "write-ahead log is off"],
    ["when nobody knows whether it is on", { wal: null }, {}, "not known"],
    ["without checkpoints", { mode: "NONE" }, {}, "keeps no state"],
    ["when its mode is not known", { mode: null }, {}, "not known"],
    ["when it does not stop gracefully", { stopGracefully: false }, {}, "stopGracefully is off"],
    ["when the server's budget is cut", {}, { budgetSeconds: 20 }, "killed after 20 s"],
    ["of a log whose offsets are in the checkpoint", log, {}, "begins with what comes next"],
  ] as const)("may lose records %s", (_, more, words, why) => {
    const verdict = judged(more, redeploy, words);
    expect(verdict.is).toBe("loss-possible");
    expect(verdict.is === "loss-possible" ? verdict.because.join() : "").toContain(why);
  });
  test("may lose records when we are told to kill it early [CD-5]", () => {
    expect(judged({}, appsGoal({ "real-time": "redeploy", grace: "5" }))).toMatchObject({ is: "loss-possible" });
  });
  test("long batches need a longer budget", () => {
    expect(judged({ batchIntervalMs: 120_000 }, redeploy)).toMatchObject({ is: "loss-possible" });
    expect(judged({ batchIntervalMs: 120_000 }, redeploy, { budgetSeconds: 600 })).toMatchObject({ is: "no-loss" });
  });
  test("of a log that is read from its first record loses nothing", () => {
    expect(judged({ ...log, sources: [{ plugin: "Kafka", kind: "log", begins: "earliest" }] }, redeploy)).toMatchObject({ is: "no-loss" });
  });
  test("has nothing in flight where it does not run", () => {
    expect(judged({ wal: false }, redeploy, { runs: [] })).toMatchObject({ is: "no-loss" });
  });
  test("is refused unless it is accepted by name, at its price", () => {
    const pipeline = pipelineNamed("p", { wal: false });
    const [check] = pipelineChecks(instance(pipeline), redeploy, optionsOf(redeploy));
    expect(check).toMatchObject({ code: "data-loss", verdict: "blocker", price: expect.stringContaining("default.p") as string });
    expect(check?.what).toContain("loss possible");
  });
});

describe("across a new version of CDAP", () => {
  test("with a write-ahead log and time enough nothing is lost; without a log it may be", () => {
    expect(judged({}, platformGoal("6.10.1"))).toMatchObject({ is: "no-loss", way: "platform" });
    expect(judged({ wal: false }, platformGoal("6.10.1"))).toMatchObject({ is: "loss-possible" });
    expect(judged({ mode: "STATE_STORE", ...log }, platformGoal("6.10.1"))).toMatchObject({ is: "no-loss" });
  });
});

describe("after CDAP itself", () => {
  const after = (realTime: string) => platformGoal("6.10.1", { "apps-after": "all", ...(realTime === "" ? {} : { "real-time": realTime }) });
  test("what the upgrade call does not take is refused, left or deployed again, as it was asked for [CD-8]", () => {
    expect(judged({}, after(""))).toMatchObject({ is: "not-supported" });
    expect(judged({}, after("leave"))).toMatchObject({ is: "no-loss", way: "platform" });
    expect(judged({}, after("redeploy"))).toMatchObject({ is: "no-loss", way: "redeploy" });
  });
  test("the new server decides what its call takes", () => {
    expect(judged({ mode: "STATE_STORE", ...log }, platformGoal("6.9.2", { "apps-after": "all" }), { version: "6.8.3" })).toMatchObject({
      is: "no-loss",
      way: "api",
    });
  });
});

describe("a stop alone", () => {
  test("judges what is named, and nothing else", () => {
    const named = (appId: string, programType = "Spark") =>
      maintenanceGoal({ is: "stop-programs", inputs: [{ appId, programType }], grace: "never" });
    const risky = pipelineNamed("p", { wal: false });
    const way = (goal: ReturnType<typeof named>) => verdictOf(instance(risky), goal, optionsOf(goal), risky).way;
    expect([way(named("p")), way(named("other")), way(named("p", "Workflow"))]).toEqual(["stop", "untouched", "untouched"]);
  });
  const stop = (grace: "never" | number) => maintenanceGoal({ is: "stop-programs", inputs: [{}], grace });
  test("leaves everything in the log, which the same deployment reads, however it ended", () => {
    expect(judged({}, stop(1))).toMatchObject({ is: "no-loss", way: "stop" });
    expect(judged({ wal: false }, stop("never"))).toMatchObject({ is: "loss-possible" });
  });
});

test("code of its own is a warning, not a refusal: it need not stream", () => {
  const goal = platformGoal("6.10.1");
  const custom = pipelineNamed("p", { known: false, mode: null, wal: null });
  expect(pipelineChecks(instance(custom), goal, optionsOf(goal))).toMatchObject([{ verdict: "warning", code: "data-loss" }]);
});

describe("how long a run has [CD-4]", () => {
  test.each([
    ["the server's own", "server", {}, 300],
    ["never killed by us, but by the server", "never", {}, 300],
    ["less than the server's", 30, {}, 30],
    ["more than the server's", 900, {}, 300],
    ["its default where nobody may read it", "server", { budgetSeconds: null }, 300],
    ["for ever, in a build that honours it", "never", { graceful: "honoured" }, null],
    ["as long as was asked for, in a build that honours it", 900, { graceful: "honoured" }, 900],
  ] as const)("%s", (_, grace, words, seconds) => {
    expect(budgetOf(factsOf(words), grace).seconds).toBe(seconds);
  });
});
