// CDAP itself replaced in each of the three ways: by the operator of Kubernetes, by a person, by a command.
import { expect, test } from "vitest";
import { REPLACE } from "../../../../lab/cdap/memory/cluster.ts";
import { Kubernetes, type KubernetesOptions } from "../../../../lab/cdap/memory/kubernetes.ts";
import { said } from "../../../../lab/kit/memory-host.ts";
import { goalOf, MemoryRun } from "../testing/memory-run.ts";

const succeeded = { outcome: { is: "succeeded" }, pauses: [], questions: [], defects: [] };
const goal = goalOf({ version: "6.9.2" });
const starts = (run: MemoryRun): readonly number[] =>
  run.sent.flatMap(({ method, path, at }) => (method === "POST" && path.endsWith("/start") ? [at] : []));

async function onKubernetes(more: Partial<KubernetesOptions> = {}): Promise<{ readonly run: MemoryRun; readonly kubernetes: Kubernetes }> {
  const made: Kubernetes[] = [];
  const options = { namespace: "cdap", resource: "main", image: "cdap", userInterfaceImage: "cdap-ui" };
  const run = await MemoryRun.begin({
    apps: 14,
    commands: (cdap) => {
      const kubernetes = new Kubernetes(cdap, { ...options, ...more });
      made.push(kubernetes);
      return kubernetes.command;
    },
    upgrade: { by: "kubernetes", ...options },
  });
  const [kubernetes] = made;
  if (kubernetes === undefined) throw new Error("the lab has made no resource");
  return { run, kubernetes };
}

test("by the operator of Kubernetes: both images set once, and nothing goes on before its own job after the update has ended", async () => {
  const { run, kubernetes } = await onKubernetes({ jobMs: 300_000 });
  const before = run.running();
  expect(await run.examined(goal)).toMatchObject([{ code: "operator-tag", verdict: "passed" }]);
  await run.plan(goal);
  expect(await run.run()).toMatchObject(succeeded);
  expect(kubernetes.patches).toEqual(['{"spec":{"image":"cdap:6.9.2","userInterfaceImage":"cdap-ui:6.9.2"}}']);
  expect(kubernetes.finishedAt).not.toBeNull();
  expect(Math.min(...starts(run))).toBeGreaterThan(kubernetes.finishedAt ?? 0);
  expect(run.running()).toEqual(before);
  expect(run.schedules()).toEqual(run.schedulesAtFirst);
});

test("by the operator of Kubernetes, Stillwater killed right after the patch: the resume finds it, and the end is the same", async () => {
  const { run, kubernetes } = await onKubernetes();
  const before = run.running();
  await run.plan(goal);
  let killed = false;
  run.operator.instants.on(
    (_, { step }, moment) => !killed && step === "replace" && moment === "after" && kubernetes.patches.length > 0 && (killed = true),
  );
  expect(await run.run()).toMatchObject({ ...succeeded, deaths: 1 });
  expect(new Set(kubernetes.patches).size).toBe(1);
  expect(run.lab.settings.release).toBe("6.9.2");
  expect(run.running()).toEqual(before);
});

test("by the operator of Kubernetes, whose job after the update fails: a person is told, and nothing is started on it", async () => {
  const { run } = await onKubernetes({ fails: "post" });
  await run.plan(goal);
  const ended = await run.run();
  expect(ended.outcome).toMatchObject({ is: "asks", step: "replace" });
  expect(ended.questions[0]).toContain("VersionPostUpgradeJobFailed");
  expect(ended.questions[0]).toContain("look at the job's log");
  expect(run.lab.settings.release).toBe("6.9.2");
  expect(starts(run)).toEqual([]);
});

test("by the operator of Kubernetes, whose job before the update fails: it stands still, and goes on once the former image was set", async () => {
  const { run, kubernetes } = await onKubernetes({ fails: "pre" });
  const before = run.running();
  await run.plan(goal);
  const waiting = setBackWhenFailed(kubernetes, run);
  const ended = await run.run();
  expect(waiting.done).toBe(true);
  expect(ended).toMatchObject({ outcome: { is: "succeeded" }, questions: [], defects: [] });
  expect(ended.pauses[0]).toContain("VersionPreUpgradeJobFailed");
  expect(kubernetes.patches).toHaveLength(2);
  expect(run.running()).toEqual(before);
});
/** What a person does: the cause is mended, and the former image set. */
function setBackWhenFailed(kubernetes: Kubernetes, { lab: { world } }: MemoryRun): { done: boolean } {
  const state = { done: false };
  const look = (): void => {
    state.done = kubernetes.conditions.get("VersionUpgradeFailed") === true;
    if (!state.done) return void world.after(1_000, look);
    world.after(3_000, () => {
      kubernetes.mend();
      void kubernetes.command(["kubectl", "-n", "cdap", "patch", "cdapmaster", "main", "-p", '{"spec":{"image":"cdap:6.8.3"}}'], {});
      kubernetes.patches.pop();
    });
  };
  look();
  return state;
}

test("by the operator of Kubernetes: an update that goes on already, or has failed before, is refused before anything is stopped", async () => {
  const { run, kubernetes } = await onKubernetes();
  kubernetes.conditions.set("VersionUpdateInprogress", true);
  expect(await run.examined(goal)).toMatchObject([{ code: "replace", verdict: "blocker", what: expect.stringContaining("goes on") as string }]);
  kubernetes.conditions.clear();
  kubernetes.conditions.set("VersionUpgradeFailed", true);
  expect(await run.examined(goal)).toMatchObject([{ code: "replace", verdict: "blocker", what: expect.stringContaining("failed") as string }]);
});

test("by a person: asked once everything is drained, waited for until the new version answers, and what was stopped runs again", async () => {
  const asked: string[] = [];
  const begun: { run: MemoryRun | null } = { run: null };
  const run = await MemoryRun.begin({
    apps: 14,
    upgrade: { by: "operator", instruction: "run the playbook" },
    approve: (_, question) => {
      asked.push(question);
      expect(begun.run?.running()).toEqual([]);
      // He takes his time: the approval comes first.
      begun.run?.lab.world.after(600_000, () => void begun.run?.lab.replace("6.9.2"));
      return true;
    },
  });
  begun.run = run;
  const before = run.running();
  await run.plan(goal);
  expect(await run.run()).toMatchObject({ outcome: { is: "succeeded" }, pauses: [], defects: [] });
  expect(asked).toHaveLength(1);
  expect(asked[0]).toContain("run the playbook");
  expect(run.running()).toEqual(before);
  expect(run.schedules()).toEqual(run.schedulesAtFirst);
});

/** A command of an operator's own in the place of the lab's. */
const withCommand = (work: (run: MemoryRun, attempt: number) => Promise<number>): Promise<MemoryRun> => {
  const begun: { run: MemoryRun | null } = { run: null };
  let attempts = 0;
  return MemoryRun.begin({
    apps: 14,
    commands: () => (argv) => {
      if (argv[0] !== REPLACE || begun.run === null) return null;
      attempts += 1;
      return work(begun.run, attempts).then((code) => ({ ...said(`try ${String(attempts)}\n`), code }));
    },
  }).then((run) => (begun.run = run));
};

test("by a command: the new version may answer before it has ended; nothing is started until it has", async () => {
  let ended = 0;
  const run = await withCommand(async ({ lab }) => {
    await lab.replace("6.9.2");
    await lab.world.sleep(900_000);
    ended = lab.world.now();
    return 0;
  });
  await run.plan(goal);
  expect(await run.run()).toMatchObject(succeeded);
  expect(Math.min(...starts(run))).toBeGreaterThan(ended);
});

test("by a command that fails: it stands still and says how, and runs once more only when a person resumes", async () => {
  const run = await withCommand(async ({ lab }, attempt) => {
    if (attempt === 1) return 3;
    await lab.replace("6.9.2");
    return 0;
  });
  const before = run.running();
  await run.plan(goal);
  const ended = await run.run();
  expect(ended).toMatchObject({ outcome: { is: "succeeded" }, questions: [], defects: [] });
  expect(ended.pauses).toEqual(["SW2106 replace: The command that replaces CDAP ended with 3: try 1. CDAP answers as 6.8.3."]);
  expect(run.running()).toEqual(before);
});

test.each(["a command that failed", "a person who was asked"])(
  "an abort after %s, with the former version still there: what was stopped runs again on it",
  async (by) => {
    const failing = by.startsWith("a command");
    const run = failing ? await withCommand(async () => 3) : await MemoryRun.begin({ apps: 14, upgrade: { by: "operator" }, approve: () => false });
    const before = run.running();
    await run.plan(goal);
    const { outcome } = await run.run();
    expect(outcome?.is).toBe(failing ? "paused" : "asks");
    expect(run.running()).toEqual([]);
    expect(await run.abort()).toMatchObject({ outcome: { is: "aborted" }, defects: [] });
    expect(run.running()).toEqual(before);
    expect(run.schedules()).toEqual(run.schedulesAtFirst);
  },
);
