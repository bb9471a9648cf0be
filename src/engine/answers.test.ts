// What a person says is looked at before it counts, and a clock that jumps sends nothing twice.
import { expect, test } from "vitest";
import type { Look } from "../model/driver.ts";
import { Unreachable } from "../model/errors.ts";
import type { RunEvent } from "../model/event.ts";
import { looking, sceneWith, step, turnOf, type Scene } from "./testing/loop-scene.ts";

const says = (answer: "done" | "again", id: string): RunEvent => ({ is: "answered", step: id, answer, by: "ana", reason: "looked at it" });
const leased = [turnOf("t", step("lease", { held: "release" }), step("work"), { undo: "lease" })];
const undo = "undo lease/clear";
/** Whether the lease may be cleared is not clear until somebody says so. */
function unclearWay(): { readonly scene: Scene; look: Look | null } {
  const world: { scene: Scene; look: Look | null } = { scene: sceneWith(), look: { is: "unclear", known: ["rows"], unknown: ["may they go"] } };
  world.scene = sceneWith({
    clear: {
      look: async () => world.look ?? { is: world.scene.set.has("lease") ? "open" : "done" },
      act: (params, _, context) => context.send("h", () => (world.scene.set.delete(params as string), null)),
    },
  });
  return world;
}

test("who says that it has happened is believed once a look has confirmed it", async () => {
  const world = unclearWay();
  expect(await world.scene.go(leased)).toMatchObject({ is: "asks", step: undo });
  world.scene.set.delete("lease");
  world.look = null;
  world.scene.events.push(says("done", undo));
  expect(await world.scene.go(leased)).toEqual({ is: "succeeded" });
  expect(world.scene.events).toContainEqual({ is: "done", step: undo, proof: null });
});

test("who says that it has happened where it has not is asked again, and nothing counts as put back", async () => {
  const world = unclearWay();
  await world.scene.go(leased);
  world.look = null;
  world.scene.events.push(says("done", undo));
  const question = "ana says that it has happened, and it has not";
  expect(await world.scene.go(leased)).toEqual({ is: "asks", code: "SW2103", step: undo, question });
  expect(world.scene.events.some(({ is }) => is === "undone")).toBe(false);
  world.scene.events.push(says("again", undo));
  expect(await world.scene.go(leased)).toEqual({ is: "succeeded" });
  expect(world.scene.set.has("lease")).toBe(false);
});

test("where no look can tell, his word is taken, and kept as his word", async () => {
  const world = unclearWay();
  await world.scene.go(leased);
  world.scene.events.push(says("done", undo));
  expect(await world.scene.go(leased)).toEqual({ is: "succeeded" });
  expect(world.scene.events).toContainEqual({ is: "done", step: undo, proof: null, word: "ana" });
});

test("his word of a point of no return counts for an abort", async () => {
  const scene = sceneWith({ format: looking({ is: "unclear", known: [], unknown: ["whether"] }) });
  const turns = [turnOf("t", step("stop"), step("format", { do: "format", commits: { of: "turn", why: "it is another format" } }), step("start"))];
  await scene.go(turns);
  scene.events.push(says("done", "format"));
  scene.signal = { desired: "abort", by: "op", reason: "off" };
  expect(await scene.go(turns)).toEqual({ is: "aborted" });
  expect([...scene.set]).toEqual(["stop", "start"]);
});

test("an abort while the effect of an unclear step may still arrive waits for that, and is carried out", async () => {
  const scene = sceneWith({
    remote: { settleMs: 60_000, look: async () => ({ is: "unclear", known: [], unknown: ["x"] }), act: async () => null, undo: () => [] },
  });
  scene.events.push({ is: "acting", step: "r", at: 1_000, settled: 61_000, before: null }, { is: "asked", step: "r", code: "SW2103", question: "?" });
  scene.signal = { desired: "abort", by: "op", reason: "off" };
  expect(await scene.go([turnOf("t", step("r", { do: "remote" }))])).toEqual({ is: "aborted" });
  expect(scene.now).toBeGreaterThanOrEqual(61_000);
});

test("a clock that was set back since an act makes nobody wait until that future", async () => {
  let sent = 0;
  const scene = sceneWith({
    remote: {
      settleMs: 1_000,
      look: async () => ({ is: sent > 1 ? "done" : "open" }),
      act: async (_, __, context) => {
        await context.send(null, () => void sent++);
        if (sent === 1) throw new Unreachable("no answer");
        return null;
      },
    },
  });
  const turns = [turnOf("t", step("r", { do: "remote", withinMs: 10_000 }))];
  scene.now = 10_000_000;
  scene.happens = (event) => {
    if (event?.is === "acting" && sent === 0) scene.signal = { desired: "pause", by: "op", reason: "lunch" };
  };
  await scene.go(turns);
  scene.signal = { desired: "run", by: "op", reason: "" };
  scene.now -= 3_600_000;
  const resumed = scene.now;
  expect(await scene.go(turns)).toEqual({ is: "succeeded" });
  expect(sent).toBe(2);
  expect(scene.now - resumed).toBeGreaterThanOrEqual(1_000);
  expect(scene.now - resumed).toBeLessThan(5_000);
});
