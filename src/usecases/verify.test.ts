import { afterEach, expect, test } from "vitest";
import { newestRun } from "../journal/run-records.ts";
import type { RunEvent } from "../model/event.ts";
import { Scene } from "./testing/scene.fixture.ts";
import { verifyRun, type Verification } from "./verify.ts";

const scenes: Scene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.close();
});
async function verified(
  events: readonly RunEvent[],
  change: (scene: Scene) => void = () => undefined,
): Promise<(what: string) => readonly Verification[]> {
  const scene = new Scene();
  scenes.push(scene);
  await scene.deadRun(...events);
  const store = await scene.workspace.store();
  const claim = await store.holder("orders");
  if (claim) await store.release(claim);
  change(scene);
  const { verifications } = await verifyRun(scene.workspace, { run: null });
  return (what) => verifications.filter((each) => each.what.startsWith(what));
}
const taken: readonly RunEvent[] = [
  { is: "acting", step: "n2/freeze", at: 1, settled: 1, before: null },
  { is: "done", step: "n2/freeze", proof: null },
];
const back: readonly RunEvent[] = [
  { is: "acting", step: "undo n2/freeze/thaw", at: 2, settled: 2, before: null },
  { is: "done", step: "undo n2/freeze/thaw", proof: null },
  { is: "undone", step: "n2/freeze" },
];
const aborted: RunEvent = { is: "finished", as: "aborted" };
const succeeded: RunEvent = { is: "finished", as: "succeeded" };

test("a lease that was put back passes, and it is said how that is known", async () => {
  const found = await verified([...taken, ...back, aborted]);
  expect(found("no temporary")).toMatchObject([{ verdict: "passed", evidence: "every held step was put back, says the journal" }]);
  expect(found("nobody holds")).toMatchObject([{ verdict: "passed" }]);
});

test("a lease whose end a person left out is still set, although the journal closed it", async () => {
  const skip: RunEvent = { is: "answered", step: "undo n2/freeze/thaw", answer: "skip", by: "ana", reason: "later" };
  const found = await verified([...taken, skip, { is: "undone", step: "n2/freeze" }, aborted]);
  expect(found("no temporary")).toMatchObject([{ verdict: "failed", evidence: "freeze the schedule: what puts it back was left out" }]);
});

test("that a lease was put back is not taken from a person's word, and what was left out of an earlier putting back does not count for ever", async () => {
  const words: readonly RunEvent[] = [
    { is: "answered", step: "undo n2/freeze/thaw", answer: "done", by: "ana", reason: "by hand" },
    { is: "done", step: "undo n2/freeze/thaw", proof: null, word: "ana" },
  ];
  const told = await verified([...taken, ...words, { is: "undone", step: "n2/freeze" }, aborted]);
  expect(told("no temporary")).toMatchObject([
    { verdict: "not-measured", evidence: "freeze the schedule: that it was put back is a person's word, which nothing confirmed" },
  ]);
  const skip: RunEvent = { is: "answered", step: "undo n2/freeze/thaw", answer: "skip", by: "ana", reason: "later" };
  const again: readonly RunEvent[] = back.map((event) =>
    "step" in event ? { ...event, step: String(event.step).replace("undo n2/freeze", "undo n2/freeze (2)") } : event,
  ) as readonly RunEvent[];
  const found = await verified([...taken, skip, { is: "released", step: "n2/freeze" }, ...taken, ...again, aborted]);
  expect(found("no temporary")).toMatchObject([{ verdict: "passed" }]);
});

test("a run that stands still has its lease left", async () => {
  expect((await verified(taken))("no temporary")).toMatchObject([{ verdict: "failed", evidence: "freeze the schedule" }]);
});

test("the goal is asked of the cluster, not of the journal: succeeded is not the version that runs", async () => {
  const found = await verified([succeeded], (scene) =>
    scene.change((quarry) => {
      for (const node of quarry.nodes) node.version = node.name === "n3" ? "17.0" : "17.10";
    }),
  );
  expect(found("serves with 17.10").map(({ object, verdict }) => [object, verdict])).toEqual([
    ["n1", "passed"],
    ["n2", "passed"],
    ["n3", "failed"],
  ]);
});

test("a node that does not serve fails, whatever the run was for", async () => {
  const found = await verified([aborted], (scene) => scene.change((quarry) => (quarry.leader = "n1")));
  expect(found("serves").every(({ verdict }) => verdict === "passed")).toBe(true);
  const down = await verified([aborted], (scene) =>
    scene.change((quarry) => {
      for (const node of quarry.nodes) if (node.name === "n3") node.up = false;
    }),
  );
  expect(down("serves").filter(({ verdict }) => verdict === "failed")).toMatchObject([{ object: "n3" }]);
});

test("a run that is open has not reached what it was for", async () => {
  expect((await verified(taken))("is finished")).toMatchObject([{ verdict: "failed" }]);
  expect((await verified([succeeded]))("is finished")).toEqual([]);
});

test("a run that was stopped by force has not reached what it was for; marked as succeeded, it is held to it", async () => {
  const forced = (mark: "succeeded" | "failed"): RunEvent => ({
    is: "finished",
    as: "force-stopped",
    forced: { mark, by: "ana on jump1", reason: "the vendor takes it from here", left: [] },
  });
  const failed = await verified([forced("failed")]);
  expect(failed("was carried to its end")).toMatchObject([
    { verdict: "failed", evidence: "stopped by force by ana on jump1, marked failed: the vendor takes it from here" },
  ]);
  const marked = await verified([forced("succeeded")]);
  expect(marked("was carried to its end")).toEqual([]);
  expect(marked("serves with 17.10").map(({ verdict }) => verdict)).toEqual(["failed", "failed", "failed"]);
});

test("settings are compared on the nodes that the plan was for", async () => {
  const scene = new Scene();
  scenes.push(scene);
  await scene.deadRun(succeeded);
  const store = await scene.workspace.store();
  const record = await newestRun(store, "orders");
  const driver = await scene.workspace.driver();
  const goal = { ...record!.plan.goal, settings: { depth: "deep" }, only: ["n1"] };
  store.run = () => Promise.resolve({ ...record!, plan: { ...record!.plan, goal } });
  scene.workspace.driver = () =>
    Promise.resolve({
      ...driver,
      settings: () =>
        Promise.resolve(
          ["n1", "n2"].map((node) => ({ key: "depth", node, value: node === "n1" ? "deep" : null, apply: "restart" as const, secret: false })),
        ),
    });
  const { verifications } = await verifyRun(scene.workspace, { run: null });
  const told = verifications.filter(({ what }) => what.startsWith("setting")).map(({ object, verdict }) => [object, verdict]);
  expect(told).toEqual([["n1", "passed"]]);
});
