import { expect, test } from "vitest";
import { said } from "../../../../lab/kit/memory-host.ts";
import type { ClusterOptions } from "../options.ts";
import { goalOf, MemoryRun } from "../testing/memory-run.ts";

const goal = goalOf({ version: "latest", options: { apps: "clicks", "real-time": "redeploy" } });
/** Artefacts of 6.9.2 are there, and `clicks` is a real-time pipeline on those of 6.8.3 that the server does not upgrade. */
async function begun(checkpoints: NonNullable<ClusterOptions["checkpoints"]>, codes: readonly number[] = []) {
  const copies: { readonly argv: readonly string[]; readonly version: number; readonly running: boolean }[] = [];
  const held: { run: MemoryRun | null } = { run: null };
  const run = await MemoryRun.begin({
    apps: 14,
    streams: ["clicks"],
    checkpoints,
    commands: () => (argv) => {
      if (argv[0] !== "/opt/copy" || held.run === null) return null;
      copies.push({
        argv: argv.slice(1),
        version: held.run.versions()["default.clicks"]?.length ?? 0,
        running: held.run.running().some((program) => program.includes(".clicks.")),
      });
      return Promise.resolve({ ...said("copied\n"), code: codes[copies.length - 1] ?? 0 });
    },
  });
  held.run = run;
  await run.lab.world.run(run.lab.replace("6.9.2"));
  await run.lab.world.advance(60_000);
  return { run, copies };
}
const copied = { copy: ["/opt/copy", "-p"] };
/** As its program says. */
const checkpoint = "/cdap/namespaces/default/data/defaultCheckpointDataset/clicks";

test("the checkpoint is copied once its pipeline is drained and before it is deployed again, beside where it lies", async () => {
  const { run, copies } = await begun(copied);
  expect((await run.examined(goal)).filter(({ code }) => code === "checkpoints")).toMatchObject([{ verdict: "passed", object: "default.clicks" }]);
  const before = run.versions()["default.clicks"]?.length ?? 0;
  await run.plan(goal);
  expect(await run.run()).toMatchObject({ outcome: { is: "succeeded" }, pauses: [], defects: [] });
  const at = run.planned?.now.observedAt ?? 0;
  expect(copies).toEqual([{ argv: ["-p", checkpoint, `${checkpoint}.before-${String(at)}`], version: before, running: false }]);
  expect(run.versions()["default.clicks"]).toHaveLength(before + 1);
  const { objects } = await run.proved();
  expect(objects.find(({ object }) => object === "checkpoint of default.clicks")?.evidence).toContain(`clicks.before-${String(at)}`);
});

test("a copy that fails stands still before anything is deployed, and is made once more when a person resumes", async () => {
  const { run, copies } = await begun(copied, [5]);
  await run.plan(goal);
  const ended = await run.run();
  expect(ended).toMatchObject({ outcome: { is: "succeeded" }, questions: [], defects: [] });
  expect(ended.pauses).toEqual(["SW2106 checkpoints default.clicks: The copy of the checkpoint of default.clicks ended with 5: copied."]);
  expect(copies.map(({ version }) => version)).toEqual([copies[0]?.version, copies[0]?.version]);
});
