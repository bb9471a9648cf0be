import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Goal } from "../../../model/goal.ts";
import { oneHost, type OneHost } from "../testing/one-host.ts";
import { completeGoal } from "./complete-goal.ts";

let on: OneHost;
beforeEach(async () => {
  on = await oneHost([
    { name: "t1", role: "tablet", directory: "work" },
    { name: "tm1", role: "taskmanager", directory: "work" },
  ]);
  await on.write({
    "work/conf/tablet.flags": "--endpoint=127.0.0.1:10000\n--gc_interval=60\n--io_pool_size=2\n",
    "work/conf/taskmanager.properties": "server.port=9902\n",
  });
});
afterEach(async () => on.close());
const goal = (options: Goal["options"], settings: Goal["settings"] = {}): Goal => ({
  version: null,
  artefact: null,
  settings,
  restart: false,
  mode: "auto",
  only: null,
  options,
});

test("[OC-3] An edited file becomes the settings in which it differs; what is set on the command line comes first", async () => {
  await on.write({
    "mine.flags": "# edited\n--endpoint=127.0.0.1:10000\n--gc_interval=30\n--max_memory_mb=4096\n",
    "mine.properties": "server.port=9902\njob.tracker.interval=10\n",
  });
  const options = { "edited.tablet": join(on.root, "mine.flags"), "edited.tm1": join(on.root, "mine.properties"), fence: "tablet" };
  const complete = await completeGoal(on.cluster, goal(options, { "tablet.max_memory_mb": "8192" }));
  expect(complete.options).toEqual({ fence: "tablet" });
  expect(complete.settings).toEqual({
    "tablet.gc_interval": "30",
    "tablet.io_pool_size": null,
    "tablet.max_memory_mb": "8192",
    "tm1.job.tracker.interval": "10",
  });
});

test("An edit of what a run may not change is refused, and so is one of nobody's file, or of none", async () => {
  await on.write({ "mine.flags": "--endpoint=127.0.0.1:1\n" });
  const mine = join(on.root, "mine.flags");
  await expect(completeGoal(on.cluster, goal({ "edited.t1": mine }))).rejects.toMatchObject({ code: "SW6002" });
  await expect(completeGoal(on.cluster, goal({ "edited.t9": mine }))).rejects.toMatchObject({ code: "SW1001" });
  await expect(completeGoal(on.cluster, goal({ "edited.t1": join(on.root, "absent") }))).rejects.toMatchObject({ code: "SW1203" });
});

test("[OM-22] The Spark distribution is described from the file itself", async () => {
  await on.write({ "spark/bin/spark-submit": "x", "spark/jars/openmldb-batch-0.9.2.jar": "x" });
  const cache = join(on.root, "cache");
  const { options } = await completeGoal(on.cluster, goal({ spark: join(on.root, "spark") }), { cache });
  expect(options).toMatchObject({ "spark-version": "0.9.2" });
  expect(options["spark"]?.startsWith(cache)).toBe(true);
  expect(options["spark-sha256"]).toMatch(/^[0-9a-f]{64}$/);
  await expect(completeGoal(on.cluster, goal({ spark: join(on.root, "spark"), "spark-sha256": "0" }), { cache })).rejects.toMatchObject({
    code: "SW1204",
  });
});
