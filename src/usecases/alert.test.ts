import { afterEach, expect, test } from "vitest";
import { alertOperator } from "./alert.ts";
import { Scene } from "./testing/scene.fixture.ts";

const scenes: Scene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.close();
});
function told(...alert: readonly string[]): Scene["workspace"] {
  const scene = new Scene({ definition: (made) => ({ ...made, hooks: { ...made.hooks, alert } }) });
  scenes.push(scene);
  return scene.workspace;
}

test("an alert command that fails is an error that says how", async () => {
  await expect(alertOperator(told("sh", "-c", "exit 3"), {})).rejects.toMatchObject({
    code: "SW3004",
    message: expect.stringContaining("exit code 3") as string,
  });
});

test("one that hangs, and heeds no TERM, is ended: whoever waits for it holds the report of a run", async () => {
  const hangs = told("sh", "-c", 'trap "" TERM; while :; do sleep 0.1; done');
  await expect(alertOperator(hangs, {}, 200)).rejects.toMatchObject({ message: expect.stringContaining("SIGKILL") as string });
}, 5_000);
