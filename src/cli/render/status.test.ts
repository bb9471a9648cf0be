import { afterEach, expect, test } from "vitest";
import { statusOf } from "../../usecases/status.ts";
import { abortedLeavingOut, abortedOnWord, abortedWhole } from "../../usecases/testing/aborted.fixture.ts";
import { Scene } from "../../usecases/testing/scene.fixture.ts";
import { statusLines } from "./status.ts";
import { plainStyle } from "./style.ts";

const scenes: Scene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.close();
});

test("status of an aborted run names what is still set, and says that everything was put back only where it was", async () => {
  for (const [events, said, leases] of [
    [abortedWhole, "; everything temporary was put back", "leases none"],
    [abortedOnWord, "; put back by a person's word only: freeze the schedule", "leases put back by a person's word only: freeze the schedule"],
    [abortedLeavingOut, "; still set: freeze the schedule", "leases LEFT BEHIND: freeze the schedule"],
  ] as const) {
    const scene = new Scene();
    scenes.push(scene);
    await scene.deadRun(...events);
    const status = await statusOf(scene.workspace);
    const lines = statusLines(status, plainStyle(100), scene.workspace.now()).join(" ").replaceAll(/\s+/g, " ");
    expect(lines).toContain(said);
    expect(lines).toContain(leases);
  }
});
