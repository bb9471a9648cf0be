// The trap: until release 15, pg_rewind trusts the control file of its source, which names the old timeline until the first checkpoint after a promotion.
// Asked too early it finds nothing to do, exits 0, and the former primary keeps a row that the cluster does not have.
import { access, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test, type TestContext } from "vitest";
import { until } from "./demo/deadline.ts";
import { debianRelease, type DebianRelease } from "./demo/debian-release.ts";
import { createDemoCluster, temporaryDirectory, type DemoCluster } from "./demo/demo-cluster.ts";
import { partNodes, rows } from "./demo/diverged-pair.ts";
import { serverUser } from "./demo/server-user.ts";
import { steps } from "./steps.ts";
import { driveStep } from "./testing/drive-step.ts";
import { openTrial } from "./testing/try-run.ts";

let release: DebianRelease;
let cluster: DemoCluster | null = null;
let unpacked = "";

beforeAll(async () => {
  unpacked = await temporaryDirectory("stillwater-debian-");
  release = await debianRelease({ major: 15, directory: unpacked, user: await serverUser() });
  if (release.is === "not run") {
    console.log(`pg_rewind after a promotion: not run. ${release.reason}`);
    return;
  }
  cluster = await createDemoCluster({ directory: await temporaryDirectory(), nodes: 2, release });
  await cluster.snapshot();
});
beforeEach(async () => cluster?.restore());
afterAll(async () => {
  await cluster?.destroy();
  await rm(unpacked, { recursive: true, force: true });
});
function here(context: TestContext): DemoCluster {
  if (cluster === null) return context.skip(release.is === "not run" ? `not run: ${release.reason}` : "not run");
  return cluster;
}

test("the trap: asked right after the promotion, pg_rewind does nothing and says so with exit code 0", async (context) => {
  const pair = await partNodes(here(context));
  const result = await pair.rewind();
  expect(result.code).toBe(0);
  expect(result.stdout + result.stderr).toContain("no rewind required");
  await pair.rejoin();
  expect(await pair.rows(pair.former)).toEqual([rows.common, rows.onlyOnFormer]);
  expect(await pair.rows(pair.present)).toEqual([rows.common, rows.onlyOnNew]);
  expect(await pair.streams()).toBe(false);
});

test("after a checkpoint of the promoted server, pg_rewind takes the diverged row away and the server follows", async (context) => {
  const pair = await partNodes(here(context));
  await pair.checkpoint();
  const result = await pair.rewind();
  expect(result.code).toBe(0);
  expect(result.stdout + result.stderr).toContain("Done!");
  await pair.rejoin();
  await until("the former primary streams", 15_000, async () => ((await pair.streams()) ? true : null));
  await until("it has the new row", 15_000, async () => ((await pair.rows(pair.former)).includes(rows.onlyOnNew) ? true : null));
  expect(await pair.rows(pair.former)).toEqual([rows.common, rows.onlyOnNew]);
});

test("the driver's own step takes it for no rewind: a person is asked, and the server does not become a standby with its own row", async (context) => {
  const demo = here(context);
  const pair = await partNodes(demo);
  const trial = openTrial(demo);
  try {
    const step = steps.rewind("rewind", { node: pair.former.name, from: pair.present.name, timeline: 2 });
    await expect(driveStep(trial, step)).rejects.toThrow(/nothing to rewind/);
    await expect(access(join(pair.former.dataDirectory, "standby.signal"))).rejects.toThrow(/ENOENT/);
  } finally {
    await trial.close();
  }
});
