// A former primary that wrote what nobody received, found down beside a promoted server: the driver's start brings it back without its writes.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, type TestContext } from "vitest";
import type { Turn } from "../../model/step.ts";
import { run } from "./demo/command.ts";
import { until } from "./demo/deadline.ts";
import { debianRelease, type DebianRelease } from "./demo/debian-release.ts";
import { createDemoCluster, temporaryDirectory, type DemoCluster } from "./demo/demo-cluster.ts";
import { partNodes, rows } from "./demo/diverged-pair.ts";
import { serverUser } from "./demo/server-user.ts";
import { steps } from "./steps.ts";
import { driveStep } from "./testing/drive-step.ts";
import { carryOut, describeRun, goal, openTrial, planOf, type Ran } from "./testing/try-run.ts";

let release: DebianRelease;
let cluster: DemoCluster | null = null;
let unpacked = "";
beforeAll(async () => {
  unpacked = await temporaryDirectory("stillwater-debian-");
  release = await debianRelease({ major: 15, directory: unpacked, user: await serverUser() });
  if (release.is === "not run") {
    console.log(`pg_rewind by the driver: not run. ${release.reason}`);
    return;
  }
  cluster = await createDemoCluster({ directory: await temporaryDirectory(), nodes: 2, release });
  await cluster.snapshot();
});
afterAll(async () => {
  await cluster?.destroy();
  await rm(unpacked, { recursive: true, force: true });
});
function here(context: TestContext): DemoCluster {
  if (cluster === null) return context.skip(release.is === "not run" ? `not run: ${release.reason}` : "not run");
  return cluster;
}

test("Release 15: a restart of both nodes with one switchover", async (context) => {
  const demo = here(context);
  const trial = openTrial(demo);
  try {
    const ran = await carryOut(trial, (await planOf(trial, goal({ restart: true }))).turns);
    expect(ran.outcome, describeRun(ran)).toEqual({ is: "succeeded" });
    const facts = await trial.driver.inspect();
    expect(facts.now.nodes).toMatchObject({ pg1: { role: "standby", streaming: true, timeline: 2 }, pg2: { role: "primary", timeline: 2 } });
  } finally {
    await trial.close();
    await demo.restore();
  }
});

test("Its start checkpoints the promoted server first, rewinds, keeps its own configuration, and follows", async (context) => {
  const demo = here(context);
  const pair = await partNodes(demo);
  const trial = openTrial(demo);
  try {
    const conf = join(pair.former.dataDirectory, "postgresql.conf");
    const own = await readFile(conf, "utf8");
    const done = await driveStep(trial, steps.start("start", { node: pair.former.name }));
    expect(done.map(({ step }) => step.split(" ")[0])).toEqual(["slot", "checkpoint", "rewind", "follow", "start"]);
    expect(done.find(({ step }) => step.startsWith("rewind"))!.proof).toMatchObject({ said: expect.stringContaining("Done!") as string });
    expect(await readFile(conf, "utf8")).toBe(own);
    await until("it has the new row", 15_000, async () => ((await pair.rows(pair.former)).includes(rows.onlyOnNew) ? true : null));
    expect(await pair.rows(pair.former)).toEqual([rows.common, rows.onlyOnNew]);
    expect((await trial.driver.inspect()).now.nodes["pg1"]).toMatchObject({ role: "standby", streaming: true });
  } finally {
    await trial.close();
    await demo.restore();
  }
});

async function inProcessOfItsOwn(demo: DemoCluster, turns: readonly Turn[], events: Ran["events"] = []): Promise<Ran> {
  const trial = openTrial(demo);
  try {
    return await carryOut(trial, turns, { events });
  } finally {
    await trial.close();
  }
}

test("A pg_rewind that fails pauses the run with its words; when the cause is mended, a resume runs it again", async (context) => {
  const demo = here(context);
  const pair = await partNodes(demo);
  const { dataDirectory } = pair.former;
  // As another run's pg_rewind would, whose Stillwater has died.
  const other = spawn("flock", ["--no-fork", dataDirectory, "sleep", "60"], { stdio: "ignore" });
  const turns: readonly Turn[] = [{ id: "pg1", nodes: ["pg1"], heals: true, items: [steps.start("start", { node: "pg1" })] }];
  try {
    await until("it is at work", 10_000, async () => ((await run(["flock", "-n", dataDirectory, "true"], { accept: [1] })).code === 1 ? true : null));
    const failed = await inProcessOfItsOwn(demo, turns);
    expect(failed.outcome, describeRun(failed)).toMatchObject({
      is: "paused",
      code: "SW3004",
      why: expect.stringContaining("another pg_rewind") as string,
    });
    const gone = once(other, "exit");
    other.kill();
    await gone;
    const resumed = await inProcessOfItsOwn(demo, turns, failed.events);
    expect(resumed.outcome, describeRun(resumed)).toEqual({ is: "succeeded" });
    expect(await pair.rows(pair.former)).toEqual([rows.common, rows.onlyOnNew]);
  } finally {
    other.kill();
    await demo.restore();
  }
});
