// The cases that a manager must survive (facts 5.4), as far as they are the vendor's own.
import { describe, expect, it } from "vitest";
import type { Settings } from "../logic/settings.ts";
import { stepsOf } from "../logic/manager/record.ts";
import { memoryCluster, type MemoryCluster } from "./cluster.ts";

const quick: Partial<Settings> = {
  backupMs: 5_000,
  preUpgradeMs: 2_000,
  podStartMs: 4_000,
  dataUpdatePartMs: 1_000,
  shutDownMs: 2_000,
  replicaRestartMs: 1_000,
};
const lab = (seed = 1): Promise<MemoryCluster> =>
  memoryCluster({ seed, settings: quick, workload: { longJobs: 3, longMs: 60_000, everyMinutes: 0 } });
const target = "6.3.0.1";
/** In virtual time, inside of the world. */
const inside = <T>(cluster: MemoryCluster, work: () => Promise<T>): Promise<T> => cluster.world.run(work());
const runs = (cluster: MemoryCluster): readonly (readonly string[])[] =>
  cluster.workload.running.map((id) => cluster.database.data.instances[id]?.taskruns.map(({ status }) => status) ?? []);

describe("the Manager of the lab", () => {
  it.each(stepsOf.downtime)("killed in %s, it goes on there, and every ended instance runs again once", async (step) => {
    const cluster = await lab();
    await inside(cluster, async () => {
      await cluster.manager("start", { target, mode: "downtime" });
      await cluster.manager("run");
      for (;;) {
        const of = (await cluster.records()).at(-1)?.steps.find((each) => each.step === step);
        if (of?.state !== "open") break;
        await cluster.world.sleep(1);
      }
      cluster.kill("manager");
      await cluster.world.sleep(3_000);
      await cluster.start("manager");
      await cluster.untilStatus("Verifying");
      await cluster.manager("finish");
      await cluster.world.sleep(300_000);
    });
    for (const each of runs(cluster).slice(0, 3)) expect(each).toEqual(["FAILED", "SUCCESS"]);
    for (const each of runs(cluster)) expect(each.filter((status) => status === "SUCCESS")).toHaveLength(1);
  });

  it("a pod that never becomes ready: the step fails in time, holds, and may be tried again", async () => {
    const cluster = await lab();
    await inside(cluster, async () => {
      await cluster.ask("POST", cluster.endpoints.platform, "/lab/platform/fault", { kind: "pod-never-ready", count: 1 });
      await cluster.manager("start", { target, mode: "downtime" });
      await cluster.manager("run");
      await expect(cluster.untilStatus("Verifying")).rejects.toThrow(/upgrade-application: .*not ready/);
      await cluster.world.sleep(5_000);
      await cluster.manager("run");
      expect((await cluster.untilStatus("Verifying")).steps.find(({ step }) => step === "upgrade-application")?.attempts).toBe(2);
    });
  });

  it("a full disk at the backup: nothing is changed, and semi-downtime can be terminated", async () => {
    const cluster = await lab();
    await inside(cluster, async () => {
      await cluster.ask("POST", cluster.endpoints.platform, "/lab/platform/fault", { kind: "backup" });
      await cluster.manager("start", { target, mode: "semi-downtime" });
      await cluster.manager("run");
      await expect(cluster.untilStatus("Verifying")).rejects.toThrow(/backup-database: .*no space left/);
      await cluster.manager("terminate", { rerun: false });
    });
    expect(cluster.database.data.schema).toBe("6.2.0.1");
    expect(cluster.database.controls).toMatchObject({ dispatch: true, tracking: true, maintenance: { on: false } });
  });

  it("a data update that fails half-way goes on where it was; the backup brings the old data back", async () => {
    const cluster = await lab();
    await inside(cluster, async () => {
      await cluster.ask("POST", cluster.endpoints.platform, "/lab/platform/fault", { kind: "data-update" });
      await cluster.manager("start", { target, mode: "semi-downtime" });
      await cluster.manager("run");
      await expect(cluster.untilStatus("Verifying")).rejects.toThrow(/update-data: .*statement 3 of 4 failed/);
      await cluster.world.sleep(5_000);
      await cluster.manager("next");
      await cluster.untilStatus("Verifying");
      expect(cluster.database.data.schema).toBe(target);
      await cluster.ask("POST", cluster.endpoints.platform, "/platform/database", { action: "restore", name: "backup-1" });
      expect(cluster.database.data.schema).toBe("6.2.0.1");
    });
  });

  it.each([true, false])("terminate before the shut-down, with the ended instances run again: %s", async (rerun) => {
    const cluster = await lab();
    await inside(cluster, async () => {
      await cluster.manager("start", { target, mode: "downtime" });
      await cluster.manager("run", { until: "force-stop" });
      for (;;) {
        if ((await cluster.records())[0]?.steps.find(({ step }) => step === "force-stop")?.state === "done") break;
        await cluster.world.sleep(500);
      }
      await cluster.manager("terminate", { rerun });
      await cluster.world.sleep(120_000);
    });
    const [record] = await inside(cluster, () => cluster.records());
    expect(record?.status).toBe("Upgrade Stopped");
    expect(cluster.database.controls.dispatch).toBe(true);
    expect(runs(cluster)[0]).toEqual(rerun ? ["FAILED", "SUCCESS"] : ["FAILED"]);
  });

  it("no terminate once the shut-down has begun; a forced end puts nothing back, and is shown", async () => {
    const cluster = await lab();
    await inside(cluster, async () => {
      await cluster.manager("start", { target, mode: "downtime" });
      await cluster.manager("run", { until: "shut-down" });
      await cluster.world.sleep(8_000);
      await expect(cluster.manager("terminate")).rejects.toThrow("shut-down has begun");
      await cluster.manager("force-stop", { mark: "failed", reason: "tried" });
      expect((await cluster.records())[0]).toMatchObject({ status: "Force-Stopped and Marked as Failed", mark: "tried" });
      expect(cluster.database.controls).toMatchObject({ dispatch: false, maintenance: { on: true } });
      await cluster.manager("leave-maintenance");
      expect(cluster.database.controls).toMatchObject({ dispatch: true, maintenance: { on: false } });
    });
  });

  it("refuses a second upgrade, a mode that the versions do not allow, and a configuration that is none", async () => {
    const cluster = await lab();
    await inside(cluster, async () => {
      await expect(cluster.manager("start", { target, mode: "zero-downtime" })).rejects.toThrow("same first three segments");
      await expect(cluster.manager("upload", { text: "nothing" })).rejects.toThrow("version:");
      await cluster.manager("upload", { text: `version: ${target}\nimages: {}\n` });
      await cluster.manager("start", { target, mode: "downtime" });
      await expect(cluster.manager("start", { target, mode: "semi-downtime" })).rejects.toThrow("is Configuring");
      const [configured] = await cluster.records();
      await cluster.manager("cancel");
      await cluster.manager("upload", { text: `version: ${target}\nimages: {other: 1}\n` });
      await cluster.manager("start", { target, mode: "downtime" });
      const [again] = await cluster.records();
      expect(again?.configDigest).not.toBe(configured?.configDigest);
    });
    const old = await memoryCluster({ version: "5.0.3.1", settings: quick, workload: { longJobs: 0 } });
    await inside(old, () => expect(old.manager("start", { target: "5.1.2.2", mode: "semi-downtime" })).rejects.toThrow("offered from V5.1.1"));
  });

  it("an instance that ends by itself between the list and the kill is not run again", async () => {
    const cluster = await lab();
    const [first = ""] = cluster.workload.running;
    await inside(cluster, async () => {
      await cluster.manager("start", { target, mode: "downtime" });
      await cluster.manager("run", { until: "stop-dispatch" });
      await cluster.world.sleep(4_000);
      // It ends at 60 s; the list is made just before.
      const start = cluster.database.data.instances[first]?.taskruns[0]?.start ?? 0;
      await cluster.world.sleep(start + 60_000 - cluster.world.now() - 400);
      await cluster.manager("run");
      await cluster.untilStatus("Verifying");
      await cluster.manager("finish");
      await cluster.world.sleep(120_000);
    });
    expect(runs(cluster)[0]).toEqual(["SUCCESS"]);
  });

  it("an instance with automatic rerun that was ended runs once more, not twice", async () => {
    const cluster = await lab();
    const [first = ""] = cluster.workload.running;
    const { data } = cluster.database;
    const node = data.instances[first]?.nodeId ?? "";
    data.nodes[node] = { ...cluster.database.node(node), autoRerun: { count: 2, intervalMs: 1_000 } };
    await inside(cluster, async () => {
      await cluster.manager("start", { target, mode: "downtime" });
      await cluster.manager("run");
      await cluster.untilStatus("Verifying");
      await cluster.manager("finish");
      await cluster.world.sleep(300_000);
    });
    expect(runs(cluster)[0]).toEqual(["FAILED", "SUCCESS"]);
  });

  it("a task that appends and was ended in its second half has written half of its rows twice after the rerun: somebody must know", async () => {
    const cluster = await lab();
    const [first = ""] = cluster.workload.running;
    const { data } = cluster.database;
    const node = cluster.database.node(data.instances[first]?.nodeId ?? "");
    data.nodes["n_append"] = { ...node, id: "n_append", name: "append", appends: true, schedule: { kind: "manual" } };
    const { instanceNow } = await import("../logic/workload.ts");
    const id = instanceNow(cluster.database, "n_append", cluster.world.now());
    await inside(cluster, async () => {
      await cluster.world.sleep(40_000);
      await cluster.manager("start", { target, mode: "downtime" });
      await cluster.manager("run");
      await cluster.untilStatus("Verifying");
      await cluster.world.sleep(120_000);
    });
    const { outputs } = await inside(cluster, () =>
      cluster.asked<{ readonly outputs: readonly { readonly instanceId: string; readonly part: string }[] }>(
        cluster.endpoints.executors,
        "/lab/executors",
      ),
    );
    expect(outputs.filter(({ instanceId }) => instanceId === id).map(({ part }) => part)).toEqual(["first half", "first half", "second half"]);
  });

  it("[DP-2] a configured command drives it step by step, and each command may come twice", async () => {
    const cluster = await lab();
    await inside(cluster, async () => {
      for (const step of ["select-version", ...stepsOf["semi-downtime"]]) {
        await cluster.command(step, "semi-downtime", target);
        await cluster.command(step, "semi-downtime", target);
      }
      await cluster.command("leave-maintenance", "semi-downtime", target);
      const [record, ...more] = await cluster.records();
      expect([record?.status, more.length]).toEqual(["Upgrade Succeeded", 0]);
    });
  });
});
