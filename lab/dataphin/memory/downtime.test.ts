import { beforeAll, describe, expect, it } from "vitest";
import { dateOf } from "../logic/times.ts";
import { memoryCluster, type MemoryCluster } from "./cluster.ts";
import { between, stepOf, watchedUpgrade, type Watched } from "./watched-upgrade.ts";

interface Executed {
  readonly outputs: readonly { readonly instanceId: string; readonly at: number }[];
}
/** Field `b` is in the answer. */
const LEAKED = 1;
const LIMITED_CALLS = 7;

describe("a downtime upgrade from 23:56 over midnight", () => {
  let cluster: MemoryCluster;
  let seen: Watched;
  let dueInGap = "";
  let streamsBefore: readonly { readonly committed: number }[] = [];
  const committed = async (): Promise<readonly { readonly committed: number; readonly restarts: number }[]> =>
    (
      await cluster.asked<{ readonly jobs: readonly { readonly committed: number; readonly restarts: number }[] }>(
        cluster.endpoints.realtime,
        "/lab/realtime",
      )
    ).jobs;
  const failCheckpoint = (job: string) => cluster.ask("POST", cluster.endpoints.realtime, "/lab/realtime", { fault: "fail-checkpoint", job });

  beforeAll(async () => {
    const start = Date.UTC(2026, 10, 20, 23, 56, 0);
    cluster = await memoryCluster({
      start,
      settings: { checkpointMs: 20_000 },
      workload: { longJobs: 6, longMs: 480_000, expireDate: dateOf(start) },
    });
    const { apis } = cluster.workload;
    const status =
      (id: number, how: Parameters<MemoryCluster["callApi"]>[1] = {}) =>
      async () =>
        (await cluster.callApi(id, how)).status;
    streamsBefore = await cluster.world.run(committed());
    await cluster.world.run(failCheckpoint("orders_1"));
    seen = await watchedUpgrade(cluster, {
      mode: "downtime",
      target: "6.3.0.1",
      probes: {
        logon: async () => (await cluster.ask("GET", cluster.endpoints.console, "/")).status,
        openApi: async () => (await cluster.openApi("GetServerVersion")).status,
        direct: status(apis.direct),
        serviceUnit: status(apis.serviceUnit),
        composite: status(apis.composite),
        registered: status(apis.registered),
        logicalTable: status(apis.logicalTable),
        dataphinSource: status(apis.dataphinSource),
        compositeLogical: status(apis.compositeLogical),
        development: status(apis.direct, { env: "DEV" }),
        wrongSecret: status(apis.direct, { secret: "wrong" }),
        unknownKey: status(apis.direct, { key: "999" }),
        ungranted: status(apis.direct, { app: "ungranted" }),
        expiring: status(apis.expiring),
        fields: async () => ((await cluster.callApi(apis.fields, { app: "partial", fields: ["a", "b"] })).body.includes('"b"') ? LEAKED : 0),
        limited: async () => {
          const answers = await Promise.all(Array.from({ length: LIMITED_CALLS }, () => cluster.callApi(apis.limited, {})));
          return answers.filter((reply) => reply.status === 429).length;
        },
        publish: async () => (await cluster.operate("publish-api", String(apis.direct))).status,
        viewState: async () => (await cluster.operate("view-api-state", String(apis.direct))).status,
        resourceGroup: async () => (await cluster.operate("change-resource-group", cluster.workload.nodes["smoke"] ?? "")).status,
        viewStream: async () => (await cluster.operate("view-stream-job", "716555")).status,
      },
      during: async (step) => {
        if (step === "pre-upgrade") {
          await failCheckpoint("orders_2");
          const { database, world } = cluster;
          const { instanceNow } = await import("../logic/workload.ts");
          dueInGap = instanceNow(database, cluster.workload.nodes["report"] ?? "", world.now());
        }
        if (step === "update-data") await failCheckpoint("orders_3");
      },
    });
    await cluster.world.run(cluster.world.sleep(600_000));
  });
  /** From the end of the shut-down to the application's return. */
  const gap = (name: string): readonly number[] => between(seen.samples[name], stepOf(seen, "shut-down").start, stepOf(seen, "rerun").start - 11_000);
  const before = (name: string): readonly number[] => between(seen.samples[name], 0, seen.from);
  const after = (name: string): readonly number[] => between(seen.samples[name], seen.finished + 1_000, Number.POSITIVE_INFINITY);

  it("[DP-3] nobody logs on from the begin of maintenance to Finish", () => {
    const during = between(seen.samples["logon"], seen.from + 1_000, seen.finished);
    expect(during.length).toBeGreaterThan(50);
    expect(new Set(during)).toEqual(new Set([503]));
    expect(new Set(after("logon"))).toEqual(new Set([200]));
  });
  it("[DP-9] every running instance is ended once, and runs again once, upstream first", async () => {
    const { instances } = cluster.database.data;
    expect(seen.record.killList).toHaveLength(7);
    for (const { id } of seen.record.killList) {
      const instance = instances[id];
      expect(instance?.taskruns.map(({ status, killedBy }) => [status, killedBy])).toEqual([
        ["FAILED", "manager"],
        ["SUCCESS", null],
      ]);
    }
    const { outputs } = await cluster.world.run(cluster.asked<Executed>(cluster.endpoints.executors, "/lab/executors"));
    const of = (name: string) =>
      outputs.filter(({ instanceId }) => {
        const instance = instances[instanceId];
        return instance?.nodeId === cluster.workload.nodes[name] && instance?.bizDate === "2026-11-19";
      });
    expect([of("chain_a").length, of("chain_b").length, of("chain_c").length]).toEqual([1, 1, 1]);
    expect(of("chain_c")[0]?.at).toBeGreaterThan(of("chain_b")[0]?.at ?? Number.POSITIVE_INFINITY);
  });
  it("[DP-9] what is due meanwhile is dispatched when the application is back, once", () => {
    const runs = cluster.database.data.instances[dueInGap]?.taskruns ?? [];
    expect(runs).toHaveLength(1);
    expect(runs[0]?.start).toBeGreaterThan(stepOf(seen, "upgrade-application").start);
    expect(runs[0]?.start).toBeLessThan(seen.applicationRestored + 5_000);
  });
  it("[DP-10] real-time jobs neither restart nor stop committing", async () => {
    const now = await cluster.world.run(committed());
    expect(now.map(({ restarts }) => restarts)).toEqual([0, 0, 0]);
    now.forEach(({ committed: total }, job) => {
      expect(total).toBeGreaterThan((streamsBefore[job]?.committed ?? 0) + 600 * 20);
    });
  });
  it("[DP-11] by class: direct, service-unit, registered and plain composite APIs work but for the restart of DataService", () => {
    for (const name of ["direct", "serviceUnit", "composite", "registered"]) {
      const answers = between(seen.samples[name], seen.from, seen.finished);
      const failed = answers.filter((answer) => answer !== 200);
      expect(failed.length, name).toBeLessThanOrEqual(2);
    }
  });
  it("[DP-11] by class: logical tables, the Dataphin data source, composites of them, and calls in development fail while the application is down", () => {
    for (const name of ["logicalTable", "dataphinSource", "compositeLogical", "development"]) {
      expect(new Set(gap(name)), name).toEqual(new Set([503]));
      expect(new Set(before(name)), name).toEqual(new Set([200]));
      expect(new Set(after(name)), name).toEqual(new Set([200]));
    }
  });
  it("[DP-12] wrong secrets, unknown keys and missing grants stay refused", () => {
    for (const name of ["wrongSecret", "unknownKey", "ungranted"]) {
      const answers = new Set((seen.samples[name] ?? []).map(({ answer }) => answer));
      expect(answers.has(200), name).toBe(false);
      expect(answers.has(name === "unknownKey" ? 400 : 403), name).toBe(true);
    }
  });
  it("[DP-12] a field without a grant is open once the cache of 300 s has lapsed, until the application is back", () => {
    const leaks = (seen.samples["fields"] ?? []).filter(({ answer }) => answer === LEAKED);
    const first = (leaks[0]?.at ?? 0) - stepOf(seen, "shut-down").start;
    expect(first).toBeGreaterThan(285_000);
    expect(first).toBeLessThan(305_000);
    expect(leaks.at(-1)?.at).toBeLessThan(seen.applicationRestored);
    expect(new Set(after("fields"))).toEqual(new Set([0]));
  });
  it("[DP-12] a grant that ends at midnight goes on until the application is back", () => {
    const midnight = Date.UTC(2026, 10, 21);
    expect(stepOf(seen, "shut-down").end).toBeLessThan(midnight);
    const overrun = between(seen.samples["expiring"], midnight, stepOf(seen, "upgrade-application").end - 15_000);
    expect(overrun.length).toBeGreaterThan(10);
    expect(overrun.filter((answer) => answer !== 200 && answer !== 502)).toEqual([]);
    expect(new Set(after("expiring"))).toEqual(new Set([403]));
  });
  it("[DP-13] [DP-14] [DP-17] what needs a logon is refused until Finish", () => {
    for (const name of ["publish", "viewState", "resourceGroup", "viewStream"]) {
      expect(new Set(between(seen.samples[name], seen.from + 1_000, seen.finished)), name).toEqual(new Set([503]));
      expect(new Set(after(name)), name).toEqual(new Set([200]));
    }
  });
  it("[DP-15] no call is throttled while the application is down", () => {
    expect(Math.min(...before("limited"))).toBeGreaterThan(0);
    expect(new Set(gap("limited"))).toEqual(new Set([0]));
    expect(Math.min(...after("limited"))).toBeGreaterThan(0);
  });
  it("[DP-15] no API alert comes of it: nobody looks at the figures of the gateway", () => {
    const alerts = cluster.database.data.alertEvents.filter(
      ({ source, firstAlertTime }) => source === "OS" && firstAlertTime < seen.applicationRestored - 15_000,
    );
    expect(alerts).toEqual([]);
  });
  it("[DP-16] real-time alerts of the gap are never sent; they come again with the application, before the console", () => {
    const sent = cluster.database.data.alertEvents.filter(({ reason }) => reason === "STREAM_CHECKPOINT_FAILURE");
    expect(sent.map(({ objectName }) => objectName)).toEqual(["orders_1", "orders_3"]);
    expect(sent[1]?.firstAlertTime).toBeGreaterThan(seen.applicationRestored);
    expect(sent[1]?.firstAlertTime).toBeLessThan(seen.finished);
  });
  it("[DP-16] its record has the two instants, and durations as hhh:mm:ss", async () => {
    const [record] = (await cluster.world.run(cluster.records())) as unknown as readonly Record<string, string>[];
    expect(record?.["maintenanceDuration"]).toMatch(/^000:0\d:\d\d$/);
    expect(seen.applicationRestored).toBeLessThan(seen.finished - 30_000);
  });
});

describe("the nightly generation", () => {
  it("is late but complete when the window goes over 23:00", async () => {
    const cluster = await memoryCluster({ start: Date.UTC(2026, 10, 20, 22, 58, 0), workload: { longJobs: 2 } });
    const seen = await watchedUpgrade(cluster, { mode: "downtime", target: "6.3.0.1", probes: {} });
    const tomorrow = Object.values(cluster.database.data.instances).filter(({ bizDate }) => bizDate === "2026-11-20");
    const today = Object.values(cluster.database.data.instances).filter(({ bizDate }) => bizDate === "2026-11-19");
    expect(tomorrow).toHaveLength(today.length);
    const made = Math.min(...tomorrow.map(({ createdAt }) => createdAt));
    expect(made).toBeGreaterThan(stepOf(seen, "upgrade-application").start);
    expect(made).toBeLessThan(seen.applicationRestored);
  });
});
