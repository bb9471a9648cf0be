import { beforeAll, describe, expect, it } from "vitest";
import { instanceNow } from "../logic/workload.ts";
import { memoryCluster, type MemoryCluster } from "./cluster.ts";
import { between, watchedUpgrade, type Watched } from "./watched-upgrade.ts";

describe("a zero-downtime upgrade", () => {
  let cluster: MemoryCluster;
  let seen: Watched;
  let due = "";
  /** As clients do: three tries with a pause. */
  const retried = async (call: () => Promise<{ readonly status: number }>): Promise<number> => {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const { status } = await call();
      if (status === 200) return status;
      await cluster.world.sleep(150);
    }
    return 0;
  };

  beforeAll(async () => {
    cluster = await memoryCluster({ settings: { podStartMs: 10_000, replicaRestartMs: 2_000 }, workload: { longJobs: 4, longMs: 120_000 } });
    const { apis } = cluster.workload;
    const logon = () => cluster.ask("GET", cluster.endpoints.console, "/");
    const call = () => cluster.callApi(apis.logicalTable, {});
    seen = await watchedUpgrade(cluster, {
      mode: "zero-downtime",
      target: "6.2.0.2",
      everyMs: 50,
      aroundMs: 2_000,
      probes: {
        logon: async () => (await logon()).status,
        logonRetried: () => retried(logon),
        call: async () => (await call()).status,
        callRetried: () => retried(call),
      },
      during: async () => {
        due = instanceNow(cluster.database, cluster.workload.nodes["smoke"] ?? "", cluster.world.now());
        await Promise.resolve();
      },
    });
  });

  it("[DP-18] pods are replaced one after the other, without maintenance", () => {
    expect(seen.record.status).toBe("Upgrade Succeeded");
    expect(seen.record.maintenanceStart).toBeNull();
    expect(seen.record.killList).toEqual([]);
    for (const id of cluster.workload.running.slice(0, 4)) expect(cluster.database.data.instances[id]?.taskruns).toHaveLength(1);
    const [run] = cluster.database.data.instances[due]?.taskruns ?? [];
    expect((run?.start ?? Number.POSITIVE_INFINITY) - seen.from).toBeLessThan(8_000);
  });
  it("[DP-3] [DP-19] a small number of requests fails, and none that is sent again", () => {
    for (const name of ["logon", "call"]) {
      const answers = between(seen.samples[name], seen.from, seen.finished);
      const failed = answers.filter((answer) => answer !== 200).length;
      expect(failed, name).toBeGreaterThan(0);
      expect(failed / answers.length, name).toBeLessThan(0.05);
      expect(new Set(between(seen.samples[`${name}Retried`], 0, Number.POSITIVE_INFINITY))).toEqual(new Set([200]));
    }
  });
});
