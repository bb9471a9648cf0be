// What the server refuses is told in its own words, and stands still: nothing is asked for over and over, and nothing is claimed that was not seen.
import { expect, test } from "vitest";
import { goalOf, MemoryRun, type Sent } from "../testing/memory-run.ts";

/** The first of these requests is answered so. */
const once = (
  which: (sent: Sent) => boolean,
  status: number,
  body: string,
): ((sent: Sent) => { readonly status: number; readonly body: string } | null) => {
  let left = 1;
  return (sent) => (which(sent) && left-- > 0 ? { status, body } : null);
};

test("a schedule that cannot be disabled: once asked, told, and asked again when a person resumes", async () => {
  const run = await MemoryRun.begin({ apps: 14 });
  const before = run.running();
  await run.plan(goalOf({ version: "6.9.2" }));
  run.meddle = once(({ path }) => path.endsWith("/disable"), 400, "no, not so");
  const ended = await run.run();
  expect(ended).toMatchObject({ outcome: { is: "succeeded" }, questions: [], defects: [] });
  expect(ended.pauses).toHaveLength(1);
  expect(ended.pauses[0]).toMatch(/^SW2106 schedules\/\S+: Schedules could not be disabled: default\.\S+: 400 no, not so$/);
  expect(run.running()).toEqual(before);
  expect(run.schedules()).toEqual(run.schedulesAtFirst);
});

test("system artefacts that the new release has not loaded by itself are loaded; that it refuses is told in its words", async () => {
  const run = await MemoryRun.begin({ apps: 14 });
  await run.plan(goalOf({ version: "6.9.2" }));
  const posts = (): number => run.count("POST", /\/namespaces\/system\/artifacts$/);
  run.meddle = ({ method, path }) => {
    if (!path.endsWith("/namespaces/system/artifacts") || run.lab.settings.release !== "6.9.2" || posts() > 1) return null;
    return method === "GET" ? { status: 200, body: "[]" } : { status: 400, body: "no, not so" };
  };
  const ended = await run.run();
  expect(ended).toMatchObject({ outcome: { is: "succeeded" }, questions: [], defects: [] });
  expect(ended.pauses).toEqual(["SW2106 system artefacts: The system artefacts of 6.9.2 were not loaded: 400 no, not so"]);
  expect(posts()).toBe(2);
});

test("a verification whose backup is gone does not say that it has compared", async () => {
  const run = await MemoryRun.begin({ apps: 14 });
  await run.lab.world.run(run.lab.replace("6.9.2"));
  await run.lab.world.advance(60_000);
  await run.plan(goalOf({ options: { apps: "batch-0001,batch-0003" } }));
  run.meddle = ({ path }) => {
    if (path.endsWith("/upgrade")) for (const name of run.files.contents.keys()) if (name.includes("/batch-0001/")) run.files.contents.delete(name);
    return null;
  };
  expect(await run.run()).toMatchObject({ outcome: { is: "succeeded" }, pauses: [] });
  expect((await run.proved()).violations).toMatchObject([
    { object: "default.batch-0001", what: expect.stringContaining("nothing proves") as string },
  ]);
});
