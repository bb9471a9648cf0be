import { expect, test } from "vitest";
import { installed } from "../../../lab/cdap/apps/install.ts";
import type { CdapFacts } from "./facts.ts";
import { goalOf, maintenance, MemoryRun } from "./testing/memory-run.ts";

const succeeded = { outcome: { is: "succeeded" }, pauses: [], questions: [], defects: [] };
const artefactsOf = ({ structure: { namespaces } }: CdapFacts): readonly string[] =>
  Object.entries(namespaces).flatMap(([ns, { apps }]) =>
    Object.entries(apps).map(([app, { artifact, plugins }]) =>
      [`${ns}.${app}: ${artifact.version}`, ...plugins.map(({ stage, artifact: of }) => `${stage} ${of?.version ?? "-"}`)].join(", "),
    ),
  );

test.each([
  ["6.8.3", "6.9.2"],
  ["6.10.1", "6.11.1"],
] as const)(
  "after CDAP went from %s to %s, applications that were upgraded go back to the artefacts that they had, and nothing else does",
  async (from, to) => {
    const run = await MemoryRun.begin({ install: installed({ apps: 14, running: false }), release: from });
    await run.lab.world.run(run.lab.replace(to));
    await run.lab.world.advance(60_000);
    const goal = goalOf({ version: "latest", options: { apps: "batch-0001,batch-0003" } });
    await run.plan(goal);
    const before = run.planned;
    if (before === null) throw new Error("nothing was planned");
    expect(await run.run()).toMatchObject(succeeded);
    expect(artefactsOf(await run.inspect())).not.toEqual(artefactsOf(before));
    // Somebody has changed something else meanwhile: that stays.
    const { api } = run.cluster();
    const fence = { run: "1", epoch: 1, connection: 1, signal: new AbortController().signal };
    await run.lab.world.run(api.effect(fence, "PUT", "/v3/namespaces/default/preferences", { region: "new" }));
    const back = run.driver().goalBack(before, goal);
    await run.plan(back);
    expect(await run.run()).toMatchObject(succeeded);
    expect(artefactsOf(await run.inspect())).toEqual(artefactsOf(before));
    expect(await run.lab.world.run(api.preferences({ ns: "default" }))).toEqual({ region: "new" });
  },
);

test("an application that the backup does not have is not restored with success", async () => {
  const run = await MemoryRun.begin({ install: installed({ apps: 14, running: false }) });
  await run.plan(maintenance({ is: "backup", directory: "/backups/tuesday" }));
  expect(await run.run()).toMatchObject(succeeded);
  await run.plan(maintenance({ is: "restore-backup", directory: "/backups/tuesday", app: "batch-0004" }));
  const ended = await run.run();
  expect(ended.outcome?.is).not.toBe("succeeded");
  expect(ended.questions[0]).toContain("finance.batch-0004");
});
