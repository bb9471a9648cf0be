import { beforeEach, describe, expect, it } from "vitest";
import { API, DELTA, PIPELINE, STREAM, TestLab } from "../testing/lab.ts";

const stream = "/apps/jobs/spark/stream";

describe("starting programs (facts 3.2 and 8.6)", () => {
  let lab: TestLab;
  const records = async (query = ""): Promise<readonly Record<string, unknown>[]> =>
    (await lab.ask("GET", `${stream}/runs${query}`))[1] as Record<string, unknown>[];

  beforeEach(async () => {
    lab = await TestLab.up();
  });

  it("answers 200 without a run id; the record comes with the message, and goes through PENDING and STARTING", async () => {
    lab.names.saved.set("jobs", { topic: "orders", rate: "1" });
    expect(await lab.ask("POST", `${stream}/start`, { rate: "2", mark: "a/1" })).toEqual([200, ""]);
    expect(await records()).toEqual([]);
    await lab.pass(600);
    const [pending] = await records();
    expect(pending).toMatchObject({ status: "PENDING", properties: { runtimeArgs: JSON.stringify({ topic: "orders", rate: "2", mark: "a/1" }) } });
    expect(await lab.ask("GET", `${stream}/status`)).toEqual([200, { status: "STARTING" }]);
    await lab.pass(1_100);
    expect(await records()).toMatchObject([{ status: "STARTING" }]);
    await lab.pass(4_000);
    const [running] = await records();
    const run = lab.run(String(running?.["runid"]));
    expect(running).toMatchObject({ status: "RUNNING", starting: Math.floor(run.starting / 1_000), start: Math.floor((run.start ?? 0) / 1_000) });
  });

  it("a second start of a service or a worker is 409, of everything else another run", async () => {
    await lab.running(API);
    await lab.running(DELTA);
    expect((await lab.ask("POST", "/apps/serving/services/api/start"))[0]).toBe(409);
    lab.edit("serving", "v2");
    const [status, text] = await lab.ask("POST", "/apps/serving/workers/delta/start");
    expect(status).toBe(409);
    expect(text).toContain("is already running in an version of the same application with run ids");
    const first = await lab.running(STREAM);
    const second = await lab.running(STREAM);
    expect([first.status, second.status, first.id === second.id]).toEqual(["RUNNING", "RUNNING", false]);
    expect((await lab.ask("POST", "/start", [{ appId: "serving", programType: "Worker", programId: "delta" }]))[1]).toMatchObject([
      { statusCode: 409 },
    ]);
  });

  it("a service cannot be started twice before its first record is there", async () => {
    expect((await lab.ask("POST", "/apps/serving/services/api/start"))[0]).toBe(200);
    expect((await lab.ask("POST", "/apps/serving/services/api/start"))[0]).toBe(409);
  });

  it("only the latest version is started; an older one by its name is 400", async () => {
    lab.edit("jobs", "v2");
    const [status, text] = await lab.ask("POST", "/apps/jobs/versions/v1/spark/stream/start");
    expect([status, text]).toEqual([400, "Start action is only allowed on the latest version v2. Please use the versionless start API instead."]);
    expect((await lab.ask("POST", `${stream}/start`))[0]).toBe(200);
    await lab.pass(6_000);
    expect(await records()).toHaveLength(1);
    expect((await lab.ask("GET", "/apps/jobs/versions/v2/spark/stream/runs"))[1]).toHaveLength(1);
    expect((await lab.ask("GET", "/apps/jobs/versions/v1/spark/stream/runs"))[1]).toEqual([]);
  });

  it("beyond the limit of runs or of launches a start is 429 and leaves a rejected run", async () => {
    for (const [name, text] of [
      ["app.max.concurrent.runs", "outstanding runs"],
      ["app.max.concurrent.launching", "concurrent provisioning/starting runs"],
    ] as const) {
      lab = await TestLab.up({ site: { [name]: "1" } });
      expect((await lab.ask("POST", `${stream}/start`))[0]).toBe(200);
      const [status, body] = await lab.ask("POST", `${stream}/start`);
      expect([status, body]).toEqual([429, `Program program:default.jobs.v1.spark.stream cannot start because the maximum of 1 ${text} is allowed`]);
      await lab.pass(6_000);
      expect((await records()).map(({ status: each }) => each)).toEqual(["RUNNING", "REJECTED"]);
    }
    expect((await lab.ask("POST", `${stream}/start`))[0]).toBe(200);
  });

  it("a start that fails ends FAILED; one that is stuck stays STARTING", async () => {
    lab.behave(STREAM, { startFails: true });
    const failed = await lab.running(STREAM);
    expect(failed.status).toBe("FAILED");
    lab.behave(STREAM, { startMs: 1e9 });
    const stuck = await lab.running(STREAM);
    await lab.pass(3_600_000);
    expect(stuck.status).toBe("STARTING");
  });

  it("a disabled profile is 409, an unknown one 404", async () => {
    lab.names.profiles.set("slow", false);
    expect((await lab.ask("POST", `${stream}/start`, { "system.profile.name": "SYSTEM:slow" }))[0]).toBe(409);
    expect((await lab.ask("POST", `${stream}/start`, { "system.profile.name": "USER:none" }))[0]).toBe(404);
    expect((await lab.ask("POST", `${stream}/start`, { "system.profile.name": "SYSTEM:native" }))[0]).toBe(200);
  });

  it("unknown actions, types and statuses", async () => {
    expect(await lab.ask("POST", `${stream}/dance`)).toEqual([404, "dance action was not found"]);
    expect((await lab.ask("GET", "/apps/jobs/sparks/stream/status"))[0]).toBe(400);
    expect((await lab.ask("GET", `${stream}/runs?status=DANCING`))[0]).toBe(500);
    expect((await lab.ask("POST", `${stream}/debug`))[0]).toBe(501);
    const [status, text] = await lab.ask("GET", `${stream}/runs?start=10&end=10`);
    expect([status, text]).toEqual([400, "Invalid end time 10. It must be greater than the start time 10"]);
  });

  it("runs come newest first, within a limit", async () => {
    const ids = [(await lab.running(STREAM)).id, (await lab.running(STREAM)).id];
    expect((await records()).map(({ runid }) => runid)).toEqual(ids.toReversed());
    expect(await records("?limit=1")).toHaveLength(1);
  });

  it("programs that were killed in a window are started again with what is saved now, once", async () => {
    const from = Math.floor(lab.world.now() / 1_000);
    const run = await lab.running(STREAM);
    await lab.ask("POST", `${stream}/runs/${run.id}/stop`);
    await lab.pass(5_000);
    lab.names.saved.set("jobs", { rate: "9" });
    const window = (start: number, end: number): string =>
      `/apps/jobs/versions/-SNAPSHOT/restart-programs?start-time-seconds=${start}&end-time-seconds=${end}`;
    expect((await lab.ask("PUT", window(from - 20, from)))[0]).toBe(200);
    expect((await lab.ask("PUT", window(from, from)))[0]).toBe(400);
    await lab.pass(6_000);
    expect(await records()).toHaveLength(1);
    expect((await lab.ask("PUT", window(from, from + 60)))[0]).toBe(200);
    await lab.pass(6_000);
    expect(await records()).toMatchObject([{ status: "RUNNING", properties: { runtimeArgs: '{"rate":"9"}' } }, { status: "KILLED" }]);
  });

  it("instances of services and workers", async () => {
    const path = "/apps/serving/services/api/instances";
    expect(await lab.ask("PUT", path, { instances: 3 })).toEqual([200, ""]);
    expect(await lab.ask("GET", path)).toEqual([200, { requested: 3, provisioned: 0 }]);
    await lab.running(API);
    expect(await lab.ask("GET", path)).toEqual([200, { requested: 3, provisioned: 3 }]);
    expect((await lab.ask("PUT", path, { instances: 0 }))[0]).toBe(400);
  });

  it("a suspended workflow counts as running, and can be stopped", async () => {
    const run = await lab.running(PIPELINE);
    const path = `/apps/batch/workflows/pipeline/runs/${run.id}`;
    expect((await lab.ask("POST", `${path}/suspend`))[0]).toBe(200);
    await lab.pass(600);
    expect(run.status).toBe("SUSPENDED");
    expect(await lab.ask("GET", "/apps/batch/workflows/pipeline/status")).toEqual([200, { status: "RUNNING" }]);
    expect((await lab.ask("POST", `${path}/suspend`))[0]).toBe(400);
    expect((await lab.ask("POST", `${path}/stop`))[0]).toBe(200);
    await lab.pass(60_000);
    expect(run.status).toBe("KILLED");
  });
});
