// Whole runs of the real engine on a lab installation in memory. The lab says what really happened: executors, database, Manager.
import { expect, test } from "vitest";
import { isUndo } from "../../model/step.ts";
import { count } from "./count.ts";
import { counted } from "./impact/features.ts";
import { prove } from "./prove.ts";
import { managerWords, type ManagerStepName } from "./step-names.ts";
import { goalOf, MemoryRun, small, TARGET, type MemoryRunOptions } from "./testing/memory-run.ts";

const killedAndRerun = ["AUTO_SCHEDULED FAILED by openapi", "RERUN SUCCESS"];

async function planned(
  mode: Parameters<typeof goalOf>[0],
  options: MemoryRunOptions = {},
  way: Readonly<Record<string, string>> = {},
): Promise<MemoryRun> {
  const run = await MemoryRun.begin({ ...small, ...options });
  await run.plan(goalOf(mode, way));
  return run;
}
/** Nothing of it is left behind. */
async function expectClean(run: MemoryRun): Promise<void> {
  const { data, controls } = run.lab.database;
  expect(controls).toMatchObject({ dispatch: true, tracking: true, maintenance: { on: false, logon: true } });
  expect(Object.values(data.nodes).filter(({ paused }) => paused)).toEqual([]);
  expect(Object.values(data.instances).filter(({ schedulePaused }) => schedulePaused)).toEqual([]);
}
const settle = (run: MemoryRun, ms = 300_000): Promise<void> => run.lab.world.run(run.lab.world.sleep(ms), 2 * ms);

test("[DP-9] downtime: what runs is terminated with a list, nothing starts meanwhile, and each of it runs again exactly once afterwards", async () => {
  const run = await planned("downtime");
  const { before } = run;
  const stretch = { from: 0, to: 0 };
  run.journaled = (event) => {
    if (event.is === "done" && event.step === "stop dispatch") stretch.from = run.lab.world.now();
    if (event.is === "acting" && event.step === "upgrade application") stretch.to = run.lab.world.now();
  };
  expect(await run.toTheEnd()).toEqual({ is: "succeeded" });

  expect(run.ended()).toEqual([killedAndRerun, killedAndRerun, killedAndRerun]);
  const starts = Object.values(run.lab.database.data.instances).flatMap(({ taskruns }) => taskruns.map(({ start }) => start));
  expect(starts.filter((at) => at > stretch.from && at < stretch.to)).toEqual([]);
  expect((await run.lab.world.run(run.lab.records())).at(-1)).toMatchObject({ status: "Upgrade Succeeded", target: TARGET, killList: [] });
  await expectClean(run);

  const after = await run.inspect();
  const proof = prove(run.evidence(), before!, after);
  expect(proof.violations).toEqual([]);
  expect(proof.coverage).toMatch(/^3 instances terminated, 3 of them run again once to a successful end; 3 of 3 real-time instances run on/);
  const counts = count(run.evidence(), null, before!, after);
  expect([counts[counted.killed]?.value, counts[counted.rerun]?.value, counts[counted.rerunTwice]?.value]).toEqual([3, 3, 0]);
});

test("[DP-16] downtime: that the application is restored, and that the console is accessible, are two instants of the journal, the first of them earlier", async () => {
  const run = await planned("downtime");
  const instants = new Map(
    run.turns.flatMap(({ items }) => items.flatMap((item) => (isUndo(item) || item.instant === undefined ? [] : [[item.id, item.instant]]))),
  );
  const at = new Map<string, number>();
  const consoleThen: unknown[] = [];
  run.journaled = (event) => {
    const instant = event.is === "done" ? instants.get(event.step) : undefined;
    if (instant === undefined) return;
    at.set(instant, run.lab.world.now());
    consoleThen.push(run.lab.database.controls.maintenance.logon);
  };
  await run.toTheEnd();
  expect([...at.keys()]).toEqual(["application restored", "console accessible"]);
  expect(at.get("console accessible")! - at.get("application restored")!).toBeGreaterThan(10_000);
  expect(consoleThen).toEqual([false, true]);
});

test("[DP-4] [DP-5] semi-downtime: what runs is left alone, and dispatch stands still only while the application is upgraded", async () => {
  const run = await planned("semi-downtime");
  const gate: [string, boolean][] = [];
  const times = new Map<string, number>();
  run.journaled = (event) => {
    if (event.is === "acted" || event.is === "done") gate.push([event.step, run.lab.database.controls.dispatch]);
    if (event.is === "acting" || event.is === "done") times.set(`${event.is} ${event.step}`, run.lab.world.now());
  };
  const closed: number[] = [];
  const watch = (): void => {
    if (!run.lab.database.controls.dispatch) closed.push(run.lab.world.now());
    run.lab.world.after(500, watch);
  };
  watch();
  expect(await run.toTheEnd()).toEqual({ is: "succeeded" });
  expect(run.ended()).toEqual([]);
  expect([...run.runs().values()].every((all) => all.length === 1)).toBe(true);
  expect(gate.every(([, dispatch]) => dispatch)).toBe(true);
  expect(run.sent).toEqual([]);
  await expectClean(run);
  expect(run.commands).toEqual([
    "select-version",
    "enter-maintenance",
    "backup-database",
    "pre-upgrade",
    "upgrade-application",
    "update-data",
    "leave-maintenance",
  ]);
  // It was closed, and only from the begin of the application upgrade to its end.
  const upgrade = (is: "acting" | "done"): number => times.get(`${is} upgrade application`)!;
  expect(closed.length).toBeGreaterThan(5);
  expect([closed[0]! >= upgrade("acting"), closed.at(-1)! <= upgrade("done")]).toEqual([true, true]);
});

test("[DP-18] zero-downtime: the applications are rolled, nothing else is touched", async () => {
  const run = await planned("zero-downtime");
  expect(await run.toTheEnd()).toEqual({ is: "succeeded" });
  expect(run.commands).toEqual(["select-version", "upgrade-application"]);
  expect([run.ended(), run.sent, run.questions]).toEqual([[], [], []]);
  const after = await run.inspect();
  expect(after.structure.version).toBe(TARGET);
  expect(prove(run.evidence(), run.before!, after).violations).toEqual([]);
});

test("[DP-2] by an operator: each step in the Manager is asked for in the vendor's words, and counts only when it is seen", async () => {
  const run = await planned("downtime", { by: "operator" });
  const words = new Map(
    run.turns.flatMap(({ items }) => items.flatMap((item) => (isUndo(item) ? [] : [[item.id, managerWords[item.do as ManagerStepName]] as const]))),
  );
  const done: string[] = [];
  run.person = async (step) => {
    const word = step.startsWith("undo maintenance") ? "leave-maintenance" : words.get(step);
    if (word !== undefined) {
      done.push(word);
      await run.lab.command(word, "downtime", TARGET);
    }
    return "approve";
  };
  expect(await run.toTheEnd()).toEqual({ is: "succeeded" });
  expect(done).toEqual([
    "select-version",
    "enter-maintenance",
    "stop-dispatch",
    "shut-down",
    "backup-database",
    "pre-upgrade",
    "upgrade-application",
    "update-data",
    "leave-maintenance",
  ]);
  expect(run.questions.filter((text) => text.includes("Dataphin Manager"))).toHaveLength(9);
  expect(run.ended()).toEqual([killedAndRerun, killedAndRerun, killedAndRerun]);
  await expectClean(run);
});

test("an operator who says that it is done, and it is not: the run waits for what can be seen, and says for what", async () => {
  const run = await planned("downtime", { by: "operator" });
  run.person = async (step) => {
    if (step === "select version") await run.lab.command("select-version", "downtime", TARGET);
    return "approve";
  };
  expect(await run.toTheEnd()).toMatchObject({
    is: "paused",
    step: "maintenance",
    code: "SW2102",
    why: expect.stringContaining("to be in maintenance") as string,
  });
  expect(run.sent).toEqual([]);
});

test("[DP-9] terminated before the shutdown: what was killed runs again once, dispatch works, maintenance is over", async () => {
  const run = await planned("downtime");
  run.journaled = (event) => {
    if (event.is === "done" && event.step === "kill list") run.signal = { desired: "abort", by: "ana", reason: "not today" };
  };
  expect(await run.toTheEnd()).toEqual({ is: "aborted" });
  await settle(run);
  expect(run.ended()).toEqual([killedAndRerun, killedAndRerun, killedAndRerun]);
  expect((await run.lab.world.run(run.lab.records())).at(-1)).toMatchObject({ status: "Upgrade Stopped" });
  expect(run.commands).not.toContain("shut-down");
  await expectClean(run);
});

test("after the shutdown there is no way back: an abort finishes the upgrade", async () => {
  const run = await planned("downtime");
  run.journaled = (event) => {
    if (event.is === "done" && event.step === "shut down") run.signal = { desired: "abort", by: "ana", reason: "too late" };
  };
  expect(await run.toTheEnd()).toEqual({ is: "aborted" });
  expect((await run.inspect()).structure.version).toBe(TARGET);
  expect(run.ended()).toEqual([killedAndRerun, killedAndRerun, killedAndRerun]);
  await expectClean(run);
});

test("a command that fails is shown to the operator, and run once more when he says so", async () => {
  const run = await planned("semi-downtime");
  const command = run.lab.command.bind(run.lab);
  let failures = 1;
  run.lab.command = async (step, mode, version) => {
    if (step === "backup-database" && failures-- > 0) throw new Error("no space left for the backup");
    await command(step, mode, version);
  };
  expect(await run.toTheEnd()).toEqual({ is: "succeeded" });
  expect(run.questions[0]).toMatch(/"backupDatabase" did not succeed: it ended with exit code 1, and said "no space left for the backup"/);
  expect(run.commands.filter((step) => step === "backup-database")).toHaveLength(2);
});

test("nodes that must not run twice unseen: a person is asked, and may leave them", async () => {
  const keys = { declared: { notIdempotent: [{ node: "load_2", source: "its owner" }] } };
  const run = await planned("downtime", { keys });
  run.person = async (_, question) => (question.startsWith("Run again") ? "skip" : "approve");
  expect(await run.toTheEnd()).toEqual({ is: "succeeded" });
  expect(run.questions[0]).toMatch(/^Run again load_2 \(due .*\)\? the cluster file says that they must not run twice unseen/);
  expect(run.ended()).toEqual([killedAndRerun, ["AUTO_SCHEDULED FAILED by openapi"], killedAndRerun]);
  const proof = prove(run.evidence(), run.before!, await run.inspect());
  expect(proof.violations).toEqual([]);
  expect(proof.objects).toContainEqual(expect.objectContaining({ evidence: expect.stringContaining("left to the operator") as string }));
});

test("an instance that finished between list and terminate is not run again", async () => {
  const run = await planned("downtime", { workload: { ...small.workload, longMs: 10 * 60_000 } });
  let finished = "";
  run.journaled = (event) => {
    if (event.is !== "expanded" || event.step !== "kill list") return;
    const [instance] = Object.values(run.lab.database.data.instances).filter(({ status }) => status === "RUNNING");
    const last = instance?.taskruns.at(-1);
    if (finished !== "" || instance === undefined || last === undefined) return;
    finished = instance.id;
    // As the tracker would have found it: its executor said so a moment ago.
    last.status = instance.status = "SUCCESS";
    last.end = run.lab.world.now();
  };
  expect(await run.toTheEnd()).toEqual({ is: "succeeded" });
  expect(run.lab.database.data.instances[finished]?.taskruns).toHaveLength(1);
  expect(run.ended()).toEqual([killedAndRerun, killedAndRerun]);
});

test("an instance that the platform runs again by itself is run again once, and not by us too", async () => {
  const run = await planned("downtime");
  for (const node of Object.values(run.lab.database.data.nodes)) Object.assign(node, { autoRerun: { count: 1, intervalMs: 1_000 } });
  expect(await run.toTheEnd()).toEqual({ is: "succeeded" });
  const again = run.ended().map((all) => all.slice(1));
  expect(again).toHaveLength(3);
  for (const runs of again) expect(runs).toEqual([expect.stringMatching(/^(AUTO_)?RERUN SUCCESS$/) as string]);
});

test("[DP-9] killed instances that depend on each other run again in the order of their dependencies", async () => {
  const run = await planned("downtime");
  const { data } = run.lab.database;
  const idOf = (name: string): string => Object.values(data.nodes).find((node) => node.name === name)!.id;
  // Both run: the dependency was made after they had begun.
  Object.assign(data.nodes[idOf("load_2")]!, { upstream: [idOf("load_1")] });
  expect(await run.toTheEnd()).toEqual({ is: "succeeded" });
  const again = (name: string) =>
    Object.values(data.instances).find(({ nodeId, taskruns }) => nodeId === idOf(name) && taskruns.length > 1)!.taskruns[1]!;
  expect(again("load_2").start).toBeGreaterThanOrEqual(again("load_1").end!);
  expect(run.ended()).toEqual([killedAndRerun, killedAndRerun, killedAndRerun]);
  expect(run.sent.filter(({ parameters }) => JSON.stringify(parameters).includes("RERUN"))).toHaveLength(2);
});

test("[DP-9] answers that are lost: terminate and re-run are looked for in the system, and nothing is done twice", async () => {
  const run = await planned("downtime");
  const lost = new Set<string>();
  run.disturb = (action, parameters) => {
    const operation = /"Operation":"(\w+)"/.exec(JSON.stringify(parameters))?.[1];
    if (action !== "OperateInstance" || operation === undefined || lost.has(operation)) return "pass";
    lost.add(operation);
    return "lose";
  };
  expect(await run.toTheEnd()).toEqual({ is: "succeeded" });
  expect([...lost]).toEqual(["TERMINATE", "RERUN"]);
  expect(run.ended()).toEqual([killedAndRerun, killedAndRerun, killedAndRerun]);
  // To terminate twice does no harm; to run again twice would.
  expect(run.sent.filter(({ parameters }) => JSON.stringify(parameters).includes("RERUN"))).toHaveLength(1);
});

test("a drain: what ends by itself within the given minutes is not killed", async () => {
  const run = await planned("downtime", {}, { drain: "3" });
  expect(await run.toTheEnd()).toEqual({ is: "succeeded" });
  expect([run.ended(), run.sent.filter(({ action }) => action === "OperateInstance")]).toEqual([[], []]);
  expect([...run.said].some((text) => text.startsWith("kill list: 3 running instances to end by themselves"))).toBe(true);
});
