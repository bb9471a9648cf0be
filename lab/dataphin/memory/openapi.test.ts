import { describe, expect, it } from "vitest";
import type { Settings } from "../logic/settings.ts";
import { addNode, instanceNow } from "../logic/workload.ts";
import { memoryCluster, type MemoryCluster } from "./cluster.ts";

interface Envelope {
  readonly Code: string;
  readonly Success: boolean;
  readonly PageResult?: { readonly Data: readonly { readonly Id: string; readonly StatusList: readonly string[] }[]; readonly TotalCount: number };
  readonly InstanceStatusList?: readonly { readonly Id: string; readonly Status: string; readonly ErrorMessage?: string }[];
  readonly TaskrunLogList?: readonly { readonly TaskrunId: string; readonly LogContent: string }[];
}
const lab = (settings: Partial<Settings> = {}): Promise<MemoryCluster> =>
  memoryCluster({ settings, workload: { longJobs: 2, longMs: 600_000, everyMinutes: 0 } });
const call = async (cluster: MemoryCluster, action: string, parameters: object = {}): Promise<Envelope & { readonly status: number }> => {
  const { status, body } = await cluster.world.run(cluster.openApi(action, { ...parameters }));
  return { status, ...(body as Envelope) };
};
const operate = (cluster: MemoryCluster, operation: string, ...ids: readonly string[]) =>
  call(cluster, "OperateInstance", {
    Env: "PROD",
    OperateCommand: { ProjectId: cluster.workload.project, Operation: operation, InstanceIdList: ids.map((Id) => ({ Id })) },
  });

describe("the OpenAPI of the lab", () => {
  it("knows who asks: wrong secret, unknown key, old time, a nonce twice", async () => {
    const cluster = await lab();
    const send = async (path: string): Promise<Envelope & { readonly status: number }> => {
      const { status, body } = await cluster.world.run(cluster.ask("POST", cluster.endpoints.openapi, path));
      return { status, ...(JSON.parse(body) as Envelope) };
    };
    expect(await send(cluster.signedPath("GetServerVersion", {}, "wrong"))).toMatchObject({
      status: 400,
      Code: "SignatureDoesNotMatch",
      Success: false,
    });
    expect(await send(cluster.signedPath("GetServerVersion", { AccessKeyId: "LAB-NOBODY" }))).toMatchObject({
      status: 404,
      Code: "InvalidAccessKeyId.NotFound",
    });
    const once = cluster.signedPath("GetServerVersion", {});
    expect(await send(once)).toMatchObject({ status: 200, Code: "OK", Data: "v6.2.0.1" });
    expect(await send(once)).toMatchObject({ status: 400, Code: "SignatureNonceUsed" });
    const old = cluster.signedPath("GetServerVersion", {});
    await cluster.world.advance(16 * 60_000);
    expect(await send(old)).toMatchObject({ status: 400, Code: "InvalidTimeStamp.Expired" });
  });
  it("refuses unknown actions, other tenants and projects that there are not", async () => {
    const cluster = await lab();
    expect(await call(cluster, "StopEverything")).toMatchObject({ status: 404, Code: "InvalidAction.NotFound" });
    expect(await call(cluster, "GetServerVersion", { OpTenantId: "1" })).toMatchObject({ Code: "DPN.TenantNotExist", Success: false });
    const query = { ProjectId: "1", Page: 1, PageSize: 10, ScheduleType: "NORMAL" };
    expect(await call(cluster, "ListInstances", { Env: "PROD", ListQuery: query })).toMatchObject({ Code: "DPN.OP.ProjectNotExist", Success: false });
    expect(await call(cluster, "ListInstances", { Env: "PROD" })).toMatchObject({ status: 400, Code: "MissingListQuery" });
  });
  it("throttles each operation", async () => {
    const cluster = await lab({ throttlePerSecond: 5 });
    const answers = await cluster.world.run(Promise.all(Array.from({ length: 8 }, () => cluster.openApi("GetServerVersion"))));
    const codes = answers.map(({ body }) => (body as Envelope).Code);
    expect(codes.filter((code) => code === "OK")).toHaveLength(5);
    expect(codes.filter((code) => code === "Throttling.User")).toHaveLength(3);
  });
  it("tells ids of 64 bits without a loss, and lists by pages", async () => {
    const cluster = await lab();
    const page = (Page: number) =>
      call(cluster, "ListInstances", {
        Env: "PROD",
        ListQuery: { ProjectId: cluster.workload.project, Page, PageSize: 2, ScheduleType: "NORMAL", RunStatusList: ["RUNNING"] },
      });
    const [first, second] = [await page(1), await page(2)];
    const ids = [...(first.PageResult?.Data ?? []), ...(second.PageResult?.Data ?? [])].map(({ Id }) => Id);
    expect(first.PageResult?.TotalCount).toBe(3);
    expect(ids.toSorted()).toEqual(cluster.workload.running.filter((id) => cluster.database.data.instances[id]?.status === "RUNNING").toSorted());
    for (const id of ids) expect(BigInt(id.slice(2)) > BigInt(Number.MAX_SAFE_INTEGER)).toBe(true);
  });
  it("answers 503 while no pod is ready, and its other side nothing at all when the platform is gone", async () => {
    const cluster = await lab();
    await cluster.world.run(cluster.ask("POST", cluster.endpoints.platform, "/platform/pods", { action: "stop" }));
    await cluster.world.advance(1_000);
    expect(await call(cluster, "GetServerVersion")).toMatchObject({ status: 503, Success: false });
    cluster.kill("platform");
    await expect(cluster.world.run(cluster.openApi("GetServerVersion"))).rejects.toThrow("refused");
  });
});

describe("instances, operated through the OpenAPI", () => {
  it("TERMINATE is accepted first and done then; only what runs can be ended, only what has ended can run again", async () => {
    const cluster = await lab();
    const [id = ""] = cluster.workload.running;
    expect((await operate(cluster, "RERUN", id)).InstanceStatusList?.[0]).toMatchObject({
      Status: "FAILED",
      ErrorMessage: expect.stringContaining("RUNNING") as string,
    });
    expect((await operate(cluster, "TERMINATE", id, "t_1")).InstanceStatusList?.map(({ Status }) => Status)).toEqual(["SUCCESS", "FAILED"]);
    await cluster.world.advance(2_500);
    expect(cluster.database.data.instances[id]?.status).toBe("FAILED");
    expect((await operate(cluster, "RERUN", id)).InstanceStatusList?.[0]?.Status).toBe("SUCCESS");
    await cluster.world.advance(2_500);
    const log = await call(cluster, "GetPhysicalInstanceLog", { ProjectId: cluster.workload.project, InstanceId: id });
    expect(log.TaskrunLogList?.map(({ LogContent }) => LogContent)).toEqual(["AUTO_SCHEDULED; ended by openapi", "RERUN"]);
  });
  it("RERUN looks at upstream again: not ready, it is set to Not Running and comes with it; by force it runs at once", async () => {
    const cluster = await lab();
    const { database, workload, world } = cluster;
    const up = addNode(database, { name: "up", durationMs: 20_000, schedule: { kind: "manual" } });
    const down = addNode(database, { name: "down", durationMs: 1_000, schedule: { kind: "manual" }, upstream: [up.id] });
    const [above, below] = [instanceNow(database, up.id, world.now()), instanceNow(database, down.id, world.now())];
    await world.advance(30_000);
    const statusOf = (id: string) => database.data.instances[id]?.status;
    expect([statusOf(above), statusOf(below)]).toEqual(["SUCCESS", "SUCCESS"]);
    await operate(cluster, "RERUN", above, below);
    expect(statusOf(below)).toBe("INIT");
    await world.advance(30_000);
    expect(database.data.instances[below]?.taskruns).toHaveLength(2);
    await operate(cluster, "RERUN", above);
    await call(cluster, "FixData", {
      FixDataCommand: {
        ProjectId: workload.project,
        RootInstanceId: { Id: below },
        ContainRootInstance: true,
        ForceRerun: true,
        DownStreamInstanceIdList: [],
      },
    });
    await world.advance(5_000);
    expect(database.data.instances[below]?.taskruns.at(-1)).toMatchObject({ trigger: "RERUN_FORCIBLY", status: "SUCCESS" });
  });
  it("a paused node's instances keep their status and are not dispatched until it is resumed", async () => {
    const cluster = await lab();
    const { database, workload, world } = cluster;
    const node = addNode(database, { name: "later", schedule: { kind: "manual" }, durationMs: 1_000 });
    const command = { ProjectId: workload.project, NodeIdList: [node.id] };
    expect((await call(cluster, "PausePhysicalNode", { Env: "PROD", PauseCommand: command })).Success).toBe(true);
    const id = instanceNow(database, node.id, world.now());
    await world.advance(10_000);
    expect(database.data.instances[id]).toMatchObject({ status: "WAIT_SCHEDULE", schedulePaused: true, taskruns: [] });
    await call(cluster, "ResumePhysicalNode", { Env: "PROD", ResumeCommand: command });
    await world.advance(5_000);
    expect(database.data.instances[id]?.status).toBe("SUCCESS");
  });
  it("more than a project may run at a time waits as throttled; what runs too long is ended as failed", async () => {
    const cluster = await lab();
    const { database, world } = cluster;
    const [project] = database.data.projects;
    if (project === undefined) throw new Error("there is no project");
    database.data.projects = [{ ...project, parallelism: 4 }];
    const node = addNode(database, { name: "endless", schedule: { kind: "manual" }, durationMs: 3_600_000, timeoutMs: 36_000 });
    const ids = [1, 2, 3].map(() => instanceNow(database, node.id, world.now()));
    await world.advance(5_000);
    expect(ids.map((id) => database.data.instances[id]?.status)).toEqual(["RUNNING", "DISPATCH_BLOCKED", "DISPATCH_BLOCKED"]);
    await world.advance(40_000);
    expect(database.data.instances[ids[0] ?? ""]?.taskruns[0]).toMatchObject({ status: "FAILED", killedBy: "timeout" });
  });
});
