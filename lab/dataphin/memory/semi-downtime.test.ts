import { beforeAll, describe, expect, it } from "vitest";
import { addNode, instanceNow } from "../logic/workload.ts";
import { memoryCluster, type MemoryCluster } from "./cluster.ts";
import { between, stepOf, watchedUpgrade, type Watched } from "./watched-upgrade.ts";

describe("a semi-downtime upgrade", () => {
  let cluster: MemoryCluster;
  let seen: Watched;
  const due: Record<string, string> = {};
  const failing: Record<string, string> = {};
  let falseTimeout = "";

  beforeAll(async () => {
    cluster = await memoryCluster({
      settings: { backupMs: 60_000, preUpgradeMs: 30_000, podStartMs: 30_000 },
      workload: { longJobs: 6, longMs: 300_000 },
    });
    const { database, world, workload } = cluster;
    const { apis } = workload;
    const broken = addNode(database, { name: "broken", schedule: { kind: "manual" }, durationMs: 5_000, fails: true });
    const slow = addNode(database, { name: "slow", schedule: { kind: "manual" }, durationMs: 60_000 });
    database.data.alertRules.push(
      { id: "r1", type: "ERROR", object: broken.id, limit: 0 },
      { id: "r2", type: "TIME_OUT", object: slow.id, limit: 90_000 },
    );
    const status =
      (id: number, how: Parameters<MemoryCluster["callApi"]>[1] = {}) =>
      async () =>
        (await cluster.callApi(id, how)).status;
    seen = await watchedUpgrade(cluster, {
      mode: "semi-downtime",
      target: "6.3.0.1",
      probes: {
        logon: async () => (await cluster.ask("GET", cluster.endpoints.console, "/")).status,
        direct: status(apis.direct),
        logicalTable: status(apis.logicalTable),
        composite: status(apis.compositeLogical),
        fields: async () => ((await cluster.callApi(apis.fields, { app: "partial", fields: ["a", "b"] })).body.includes('"b"') ? 1 : 0),
        resourceGroup: async () => (await cluster.operate("change-resource-group", workload.nodes["smoke"] ?? "")).status,
        viewLog: async () => (await cluster.operate("view-log", workload.running[0] ?? "")).status,
        realtime: async () => (await cluster.ask("GET", cluster.endpoints.realtime, "/jobs")).status,
      },
      during: async (step) => {
        due[step] = instanceNow(database, workload.nodes["smoke"] ?? "", world.now());
        failing[step] = instanceNow(database, broken.id, world.now());
        if (step === "backup-database") falseTimeout = instanceNow(database, slow.id, world.now());
      },
    });
    await world.run(world.sleep(120_000));
  });
  const inStep = (instance: string | undefined): string => {
    const start = cluster.database.data.instances[instance ?? ""]?.taskruns[0]?.start ?? 0;
    return seen.record.steps.findLast((step) => (step.start ?? Number.POSITIVE_INFINITY) <= start)?.step ?? "";
  };

  it("[DP-3] users log on again once the application is upgraded, before the data update", () => {
    const { end } = stepOf(seen, "upgrade-application");
    expect(new Set(between(seen.samples["logon"], seen.from + 1_000, end - 1_000))).toEqual(new Set([503]));
    expect(new Set(between(seen.samples["logon"], end + 1_000, seen.finished))).toEqual(new Set([200]));
    expect(stepOf(seen, "update-data").start).toBeGreaterThanOrEqual(end);
  });
  it("[DP-8] resource groups and logs are out of reach until users log on again", () => {
    const { end } = stepOf(seen, "upgrade-application");
    for (const name of ["resourceGroup", "viewLog"]) {
      expect(new Set(between(seen.samples[name], seen.from + 1_000, end - 1_000)), name).toEqual(new Set([503]));
      expect(new Set(between(seen.samples[name], end + 1_000, seen.finished)), name).toEqual(new Set([200]));
    }
  });
  it("[DP-4] running instances are not touched, and real-time jobs and API calls go on", () => {
    for (const id of cluster.workload.running.slice(0, 6)) expect(cluster.database.data.instances[id]?.taskruns).toHaveLength(1);
    for (const name of ["direct", "logicalTable", "composite", "realtime"]) {
      const answers = between(seen.samples[name], seen.from, seen.finished);
      expect(answers.filter((answer) => answer !== 200).length, name).toBeLessThanOrEqual(3);
    }
    expect(new Set(between(seen.samples["fields"], 0, Number.POSITIVE_INFINITY))).toEqual(new Set([0]));
  });
  it("[DP-5] instances are dispatched in every phase but the upgrade of the application", () => {
    expect(inStep(due["backup-database"])).toBe("backup-database");
    expect(inStep(due["pre-upgrade"])).toBe("pre-upgrade");
    const { start } = cluster.database.data.instances[due["upgrade-application"] ?? ""]?.taskruns[0] ?? { start: 0 };
    expect(start).toBeGreaterThan(seen.applicationRestored - 2_000);
    expect(inStep(due["update-data"])).toBe("update-data");
  });
  it("[DP-6] alerts of the gap are sent after the upgrade, each once, with the time at which it happened", () => {
    const { alertEvents, notifications } = cluster.database.data;
    for (const step of ["backup-database", "pre-upgrade"]) {
      const events = alertEvents.filter(({ reason, uniqueKey }) => reason === "VDM_BATCH_ERROR" && uniqueKey.includes(failing[step] ?? "none"));
      expect(events, step).toHaveLength(1);
      const [event] = events;
      expect(event?.occurredAt).toBeLessThan(seen.finished - 60_000);
      const sent = notifications.filter(({ eventId }) => eventId === event?.id);
      expect(sent).toHaveLength(1);
      expect(sent[0]?.sentAt).toBeGreaterThan(seen.finished - 1_000);
    }
  });
  it("[DP-7] a run-timeout rule fires for an instance that succeeded in time: its end was seen late", () => {
    const instance = cluster.database.data.instances[falseTimeout];
    const [run] = instance?.taskruns ?? [];
    expect(instance?.status).toBe("SUCCESS");
    expect((run?.end ?? 0) - (run?.start ?? 0)).toBeLessThan(61_000);
    const events = cluster.database.data.alertEvents.filter(
      ({ reason, uniqueKey }) => reason === "VDM_BATCH_TIME_OUT" && uniqueKey.includes(falseTimeout),
    );
    expect(events).toHaveLength(1);
  });
  it("an executor that is lost in the gap is found afterwards: the instance has failed, and its alert comes late", async () => {
    const other = await memoryCluster({
      settings: { backupMs: 20_000, preUpgradeMs: 5_000, podStartMs: 5_000 },
      workload: { longJobs: 1, longMs: 900_000 },
    });
    const [lost = ""] = other.workload.running;
    const upgrade = await watchedUpgrade(other, {
      mode: "semi-downtime",
      target: "6.3.0.1",
      probes: {},
      during: async (step) => {
        if (step === "backup-database") await other.ask("POST", other.endpoints.executors, "/lab/executors/lose", { instance: lost });
      },
    });
    const instance = other.database.data.instances[lost];
    expect(instance?.status).toBe("FAILED");
    const [event] = other.database.data.alertEvents.filter(({ uniqueKey }) => uniqueKey.includes(lost));
    expect(event?.firstAlertTime).toBeGreaterThan(upgrade.finished - 1_000);
  });
});
