// The trap: until release 15, pg_rewind trusts the control file of its source, which names the old timeline until the first checkpoint after a promotion.
// Asked too early it finds nothing to do, exits 0, and the former primary keeps a row that the cluster does not have.
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, expect, test, type TestContext } from "vitest";
import { until } from "./demo/deadline.ts";
import { debianRelease, type DebianRelease } from "./demo/debian-release.ts";
import { createDemoCluster, temporaryDirectory, type DemoCluster } from "./demo/demo-cluster.ts";
import { partNodes, rows } from "./demo/diverged-pair.ts";
import { serverUser } from "./demo/server-user.ts";

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
