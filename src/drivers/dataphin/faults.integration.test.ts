// What goes wrong in whole runs of the real engine on a lab installation in memory (facts 5.4): what the operator is told, what he may do, and what is left.
import { describe, expect, test } from "vitest";
import { Decider } from "../../engine/decide.ts";
import { RunFold } from "../../engine/run-fold.ts";
import { operationsOf } from "./operations/table.ts";
import { prove } from "./prove.ts";
import { goalOf, Killed, MemoryRun, small, TARGET, type MemoryRunOptions } from "./testing/memory-run.ts";

const killed = "AUTO_SCHEDULED FAILED by openapi";
const killedAndRerun = [killed, "RERUN SUCCESS"];
const before = "6.2.0.1";

async function planned(
  mode: Parameters<typeof goalOf>[0],
  way: Readonly<Record<string, string>> = {},
  options: MemoryRunOptions = {},
): Promise<MemoryRun> {
  const run = await MemoryRun.begin({ ...small, ...options });
  await run.plan(goalOf(mode, way));
  return run;
}
const platform = (run: MemoryRun, kind: string): Promise<unknown> =>
  run.lab.world.run(run.lab.ask("POST", run.lab.endpoints.platform, "/lab/platform/fault", { kind, count: 1 }));
const clean = { dispatch: true, tracking: true, maintenance: { on: false, logon: true } };
const lastRecord = async (run: MemoryRun) => (await run.lab.world.run(run.lab.records())).at(-1);
const settle = (run: MemoryRun): Promise<void> => run.lab.world.run(run.lab.world.sleep(300_000), 600_000);
const abortAt = (run: MemoryRun, step: string): void => {
  run.journaled = (event) => {
    if (event.is === "done" && event.step === step) run.signal = { desired: "abort", by: "ana", reason: "not today" };
  };
};

describe.each(["downtime", "semi-downtime", "zero-downtime"] as const)("%s", (mode) => {
  test("a pod that never becomes ready: the run holds with the Manager's words, and goes on once the operator says so", async () => {
    const run = await planned(mode);
    await platform(run, "pod-never-ready");
    expect(await run.toTheEnd()).toEqual({ is: "succeeded" });
    expect(run.questions.filter((text) => text.includes('"upgradeApplication"'))).toEqual([
      expect.stringMatching(/did not succeed: it ended with exit code 1, and said ".*application pods are not ready: /) as string,
    ]);
    expect(run.commands.filter((step) => step === "upgrade-application")).toHaveLength(2);
    expect(run.ended()).toEqual(mode === "downtime" ? [killedAndRerun, killedAndRerun, killedAndRerun] : []);
    expect(run.lab.database.data.schema).toBe(TARGET);
    expect(run.lab.database.controls).toMatchObject(clean);
  });
});

test("by an operator: an application that does not answer as the target is waited for, whatever he says, and its version is told", async () => {
  const run = await planned("zero-downtime", {}, { by: "operator" });
  run.person = async () => {
    run.lab.world.after(30_000, () => (run.signal = { desired: "pause", by: "ana", reason: "to look" }));
    return "approve";
  };
  expect(await run.toTheEnd()).toMatchObject({ is: "paused" });
  expect([...run.said].at(-1)).toContain(`the server to answer with ${TARGET}: it says v${before}`);
});

describe("a database backup that fails on a full disk", () => {
  test("semi-downtime: nothing has been changed, and the operator ends it cleanly", async () => {
    const run = await planned("semi-downtime");
    await platform(run, "backup");
    run.person = async () => null;
    expect(await run.toTheEnd()).toMatchObject({ is: "asks" });
    expect(run.questions).toEqual([expect.stringMatching(/"backupDatabase" did not succeed: .*no space left/) as string]);
    run.signal = { desired: "abort", by: "ana", reason: "no space" };
    expect(await run.toTheEnd()).toEqual({ is: "aborted" });
    expect(run.lab.database.data.schema).toBe(before);
    expect(run.lab.database.controls).toMatchObject(clean);
    expect(await lastRecord(run)).toMatchObject({ status: "Upgrade Stopped" });
    expect([run.ended(), run.commands.includes("pre-upgrade")]).toEqual([[], false]);
  });
  test("downtime: nothing is changed before there is one; with space it goes on, and what was killed runs again", async () => {
    const run = await planned("downtime");
    await platform(run, "backup");
    const schemas: string[] = [];
    run.person = async (_, question) => {
      if (question.includes("backupDatabase")) schemas.push(run.lab.database.data.schema);
      return "approve";
    };
    expect(await run.toTheEnd()).toEqual({ is: "succeeded" });
    expect(schemas).toEqual([before]);
    expect(run.ended()).toEqual([killedAndRerun, killedAndRerun, killedAndRerun]);
  });
});

test("a data update that fails half-way is shown with its statement, and goes on where it was", async () => {
  const run = await planned("downtime");
  await platform(run, "data-update");
  expect(await run.toTheEnd()).toEqual({ is: "succeeded" });
  expect(run.questions.filter((text) => text.includes("updateData"))).toEqual([expect.stringMatching(/statement 3 of 4 failed/) as string]);
  expect(run.lab.database.data.schema).toBe(TARGET);
  expect(run.ended()).toEqual([killedAndRerun, killedAndRerun, killedAndRerun]);
});

test.each([
  ["approve", killedAndRerun],
  ["skip", [killed]],
] as const)("terminated before the shutdown, the re-runs asked for first: %s", async (answer, runs) => {
  const run = await planned("downtime", { reruns: "ask" });
  abortAt(run, "kill list");
  run.person = async (_, question) => (question.startsWith("Run again") ? answer : "approve");
  expect(await run.toTheEnd()).toEqual({ is: "aborted" });
  await settle(run);
  expect(run.ended()).toEqual([runs, runs, runs]);
  expect(run.lab.database.controls).toMatchObject(clean);
  expect(prove(run.evidence(), run.before!, await run.inspect()).violations).toEqual([]);
});

const maintenance = "start the upgrade: maintenance mode, no logon";
const pause = "pause the nodes whose instances run or are due, and note which";
const dispatch = "stop task dispatch: nothing starts any more";
const terminate = "terminate 3 instances";
test.each([
  ["select version", []],
  ["maintenance", [maintenance]],
  ["pause nodes", [maintenance, pause]],
  ["stop dispatch", [maintenance, pause, dispatch]],
  ["kill list", [maintenance, pause, dispatch, terminate]],
  ["shut down", [maintenance, pause, dispatch, terminate]],
  ["database backup", [maintenance, pause, dispatch, terminate]],
  ["pre-upgrade", [maintenance, pause, dispatch, terminate]],
  ["upgrade application", [maintenance, pause, dispatch, terminate]],
  ["data update", [maintenance]],
] as const)("stopped by force after %s: what is still set is named", async (step, left) => {
  const run = await planned("downtime");
  run.journaled = (event) => {
    if (event.is === "done" && event.step === step) throw new Killed();
  };
  expect(await run.process()).toBe("killed");
  const decider = new Decider(new RunFold(run.turns, run.events), operationsOf(run.open()));
  expect(decider.left().map(({ title, id }) => title ?? id)).toEqual(left);
});

/** Of the instances that were sent this command. */
function idsOf(run: MemoryRun, operation: "TERMINATE" | "RERUN"): readonly string[] {
  const commands = run.sent.flatMap(({ parameters }) => (parameters["OperateCommand"] as Command | undefined) ?? []);
  return commands
    .filter((command) => command.Operation === operation)
    .flatMap(({ InstanceIdList }) => InstanceIdList.map(({ Id }) => Id))
    .toSorted();
}
type Command = { readonly Operation: string; readonly InstanceIdList: readonly { readonly Id: string }[] };
test("killed while the application is down: a new process, which the OpenAPI tells nothing, runs again what its journal lists", async () => {
  const run = await planned("downtime");
  run.journaled = (event) => {
    if (event.is !== "done" || event.step !== "shut down") return;
    run.journaled = () => undefined;
    throw new Killed();
  };
  expect(await run.process()).toBe("killed");
  expect((await run.inspect()).now.instances).toBeNull();
  expect(await run.toTheEnd()).toEqual({ is: "succeeded" });
  expect(idsOf(run, "TERMINATE")).toHaveLength(3);
  expect(idsOf(run, "RERUN")).toEqual(idsOf(run, "TERMINATE"));
  expect(run.ended()).toEqual([killedAndRerun, killedAndRerun, killedAndRerun]);
});

test("a re-run that the platform has accepted and forgotten is not sent again: a person is told, and what he runs counts", async () => {
  const run = await planned("downtime");
  const { instances } = run.lab.database.data;
  run.sending = (moment) => {
    if (moment !== "after" || idsOf(run, "RERUN").length === 0) return;
    const waiting = Object.values(instances).filter(({ trigger, status }) => trigger === "RERUN" && status === "WAIT_SCHEDULE");
    for (const instance of waiting) instance.status = "FAILED";
    run.lab.world.after(120_000, () => {
      for (const instance of waiting) instance.status = "WAIT_SCHEDULE";
    });
  };
  expect(await run.toTheEnd()).toEqual({ is: "succeeded" });
  expect([...run.said].some((text) => /accepted \d+ s ago: load_1, load_2, load_3; if it does not, rerun it in Task O&M/.test(text))).toBe(true);
  expect(idsOf(run, "RERUN")).toHaveLength(3);
  expect(run.ended()).toEqual([killedAndRerun, killedAndRerun, killedAndRerun]);
});
