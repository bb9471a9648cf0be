import { expect, test } from "vitest";
import type { Goal } from "../../model/goal.ts";
import { releaseChecks } from "./checks/release.ts";
import { goalBack, undoUntil } from "./goal-back.ts";
import { changesFor, refuseSettings, settingKey, unknownKeys } from "./settings/scope.ts";
import { factsFixture } from "./testing/facts-fixture.ts";

const facts = factsFixture();
const goal = (more: Partial<Goal>): Goal => ({
  version: null,
  artefact: null,
  settings: {},
  restart: false,
  mode: "auto",
  only: null,
  options: {},
  ...more,
});

test("The way back: the release that most nodes had, and each node's own former value", () => {
  const back = goalBack(
    facts,
    goal({
      version: "0.9.2",
      settings: { "tablet.gc_interval": "30", "tablet.io_pool_size": "4", "tm1.job.tracker.interval": null, "tablet.zk_cert": "@env:C" },
    }),
  );
  expect(back).toMatchObject({
    version: "0.8.5",
    artefact: null,
    options: { release: "kept", stays: expect.stringContaining("tablet.zk_cert, a secret") as string },
  });
  expect(releaseChecks(facts, back).find(({ code }) => code === "not-put-back")).toMatchObject({
    verdict: "warning",
    what: expect.stringMatching(/^stays as it is: tablet\.zk_cert/) as string,
  });
  const spark = goalBack(facts, goal({ version: "0.9.2", options: { spark: "/s.tgz", "spark-sha256": "0" } }));
  expect(spark.options).toEqual({ release: "kept", stays: expect.stringContaining("Spark distribution") as string });
  expect(goalBack(facts, goal({ version: "0.9.2" })).options).toEqual({ release: "kept" });
  expect(back.settings).toEqual({
    "t1.gc_interval": "60",
    "t2.gc_interval": "90",
    "t1.io_pool_size": null,
    "t2.io_pool_size": null,
    "tm1.job.tracker.interval": "30",
  });
  expect(undoUntil(facts, goal({ settings: { "tablet.zk_cert": "@env:C" } }))).toContain("in the backup beside each file");
});

test("[OC-3] A setting is addressed by role or by node; what is said of the node comes first", () => {
  const settings = { "t1.gc_interval": "5", "tablet.gc-interval": "30", "taskmanager.job.tracker.interval": "10" };
  expect(changesFor(facts, { settings }, "t1")).toEqual({ gc_interval: "5" });
  expect(changesFor(facts, { settings }, "t2")).toEqual({ gc_interval: "30" });
  expect(changesFor(facts, { settings }, "tm1")).toEqual({ "job.tracker.interval": "10" });
  expect(changesFor(facts, { settings }, "ns1")).toEqual({});
  expect(settingKey(facts, "gc_interval")).toBeNull();
});

test.each([
  ["gc_interval", "30", "neither with a role"],
  ["tablet.gc_interval", "often", "a whole number"],
  ["tablet.max_memory_mb", "-1", "outside 0 to 4294967295"],
  ["tablet.binlog_enable_crc", "maybe", "true or false"],
  ["tablet.endpoint", "x:1", "change both by hand"],
  ["nameserver.zk_cluster", "x:1", "one after the other"],
  ["tablet.db_root_path", "./new", "its data lies there"],
  ["apiserver.password", "plain", "it is a secret"],
  ["taskmanager.server.port", "1", "change both by hand"],
  ["tablet.log_level", "a\nb", "line break"],
])("[OC-3] refuses %s=%s before anything is changed", (key, value, words) => {
  expect(() => refuseSettings(facts, { settings: { [key]: value } })).toThrow(words);
});

test("A value by reference and an unset are accepted; a flag that nobody knows is named", () => {
  expect(() =>
    refuseSettings(facts, { settings: { "tablet.zk_cert": "@env:ZK", "t1.gc_interval": null, "tablet.gc_interval": "0x10" } }),
  ).not.toThrow();
  expect(
    unknownKeys(facts, { settings: { "tablet.gc_interval": "1", "tablet.gc_intervall": "1", "taskmanager.new.key": "1", "tablet.gone": null } }),
  ).toEqual(["tablet.gc_intervall", "taskmanager.new.key"]);
});
