import { beforeEach, describe, expect, it } from "vitest";
import { API, STREAM, TestLab } from "../testing/lab.ts";
import type { Run } from "./run.ts";

const stream = "/apps/jobs/spark/stream";

describe("stopping programs (facts 0, 3.2 and 8.1 to 8.3)", () => {
  let lab: TestLab;
  /** Told to stop by run id, and the message has arrived. */
  const stopped = async (run: Run, query = ""): Promise<void> => {
    expect(await lab.ask("POST", `${stream}/runs/${run.id}/stop${query}`)).toEqual([200, ""]);
    await lab.pass(600);
  };
  const secondsToEnd = (run: Run): number => Math.round(((run.end ?? Number.NaN) - (run.stopping ?? Number.NaN)) / 1_000);

  beforeEach(async () => {
    lab = await TestLab.up();
  });

  it("answers before anything has happened; the record is STOPPING after the message has arrived, and hides its deadline", async () => {
    lab.behave(STREAM, { drainMs: 20_000 });
    const run = await lab.running(STREAM);
    expect(await lab.ask("POST", `${stream}/runs/${run.id}/stop`)).toEqual([200, ""]);
    expect(run.status).toBe("RUNNING");
    await lab.pass(600);
    const [, record] = (await lab.ask("GET", `${stream}/runs/${run.id}`)) as [number, Record<string, unknown>];
    expect(record).toMatchObject({ runid: run.id, status: "STOPPING", stopping: Math.floor((run.stopping ?? 0) / 1_000) });
    expect(record).not.toHaveProperty("terminate");
    await lab.pass(30_000);
    expect([run.status, run.forced, secondsToEnd(run)]).toEqual(["KILLED", false, 22]);
  });

  it("a run-level stop has the server's budget, a stop of the whole program has none", async () => {
    lab.behave(STREAM, { drainMs: 20_000 });
    const given = await lab.running(STREAM);
    await stopped(given);
    expect((given.terminate ?? 0) - (given.stopping ?? 0)).toBe(300_000);
    await lab.pass(30_000);
    const denied = await lab.running(STREAM);
    await lab.ask("POST", `${stream}/stop`);
    await lab.pass(30_000);
    expect([denied.status, denied.terminate]).toEqual(["STOPPING", denied.stopping]);
    await lab.pass(360_000);
    expect([denied.status, denied.forced]).toEqual(["KILLED", true]);
  });

  it("what needs longer than the budget is killed at the first scan after the budget and the buffer", async () => {
    lab.behave(STREAM, { drainMs: 400_000 });
    const run = await lab.running(STREAM);
    await stopped(run);
    await lab.pass(359_000);
    expect(run.status).toBe("STOPPING");
    await lab.pass(301_000);
    expect([run.status, run.forced]).toEqual(["KILLED", true]);
    expect(secondsToEnd(run)).toBeGreaterThanOrEqual(360);
    expect(secondsToEnd(run)).toBeLessThanOrEqual(660);
  });

  it("a batch stop has the budget of cdap-site.xml", async () => {
    lab = await TestLab.up({ site: { "app.program.max.stop.seconds": "30" } });
    const run = await lab.running(STREAM);
    lab.behave(STREAM, { drainMs: 29_000 });
    expect(await lab.ask("POST", "/stop", [{ appId: "jobs", programType: "spark", programId: "stream" }])).toEqual([
      200,
      [{ appId: "jobs", programType: "Spark", programId: "stream", appVersion: "v1", statusCode: 200, runId: run.id }],
    ]);
    await lab.pass(40_000);
    expect([run.status, run.forced, (run.terminate ?? 0) - (run.stopping ?? 0)]).toEqual(["KILLED", false, 30_000]);
  });

  it("a lost controller leaves its run STOPPING for ever", async () => {
    lab.behave(STREAM, { onStop: "lost" });
    const run = await lab.running(STREAM);
    await stopped(run);
    await lab.pass(12 * 3_600_000);
    expect(run.status).toBe("STOPPING");
    expect(await lab.ask("GET", `${stream}/status`)).toEqual([200, { status: "RUNNING" }]);
  });

  it("ends COMPLETED or FAILED where the program does", async () => {
    for (const [onStop, status] of [["completes", "COMPLETED"] as const, ["fails", "FAILED"] as const]) {
      lab.behave(STREAM, { onStop });
      const run = await lab.running(STREAM);
      await stopped(run);
      await lab.pass(5_000);
      expect(run.status).toBe(status);
    }
  });

  it("a pending run is killed without a stay in STOPPING", async () => {
    lab = await TestLab.up({ durations: { ...lab.platform.cluster.settings.durations, pending: 60_000 } });
    const id = lab.platform.programs.start(STREAM);
    await lab.pass(1_000);
    const run = lab.run(id);
    expect(run.status).toBe("PENDING");
    await stopped(run);
    expect([run.status, run.stopping]).toEqual(["KILLED", null]);
  });

  it("a starting run goes through STOPPING from 6.8 on", async () => {
    for (const [release, during] of [["6.8.0", "STOPPING"] as const, ["6.6.0", "STARTING"] as const]) {
      lab = await TestLab.up({ release });
      lab.behave(STREAM, { startMs: 60_000, exitMs: 5_000 });
      const id = lab.platform.programs.start(STREAM);
      await lab.pass(3_000);
      const run = lab.run(id);
      expect(run.status).toBe("STARTING");
      await stopped(run);
      expect(run.status).toBe(during);
      await lab.pass(6_000);
      expect(run.status).toBe("KILLED");
    }
  });

  it("by run id, a run that is STOPPING or over is 400; the stop of the program is 200 again and keeps the first budget", async () => {
    lab.behave(STREAM, { drainMs: 100_000 });
    const run = await lab.running(STREAM);
    await stopped(run);
    const { terminate } = run;
    expect(await lab.ask("POST", `${stream}/runs/${run.id}/stop`)).toEqual([400, "Program 'program:default.jobs.v1.spark.stream' is not running."]);
    expect(await lab.ask("POST", `${stream}/stop`)).toEqual([200, ""]);
    await lab.pass(600);
    expect(run.terminate).toBe(terminate);
    await lab.pass(110_000);
    expect([run.status, run.forced]).toEqual(["KILLED", false]);
    expect((await lab.ask("POST", `${stream}/runs/${run.id}/stop`))[0]).toBe(400);
    expect(await lab.ask("POST", `${stream}/stop`)).toEqual([400, "Program 'programreference:default.jobs.spark.stream' is not running."]);
  });

  it("a run of an older version is seen by its record alone, and stopped by its id alone", async () => {
    const run = await lab.running(STREAM);
    lab.edit("jobs", "v2");
    expect(await lab.ask("GET", `${stream}/status`)).toEqual([200, { status: "STOPPED" }]);
    expect((await lab.ask("POST", `${stream}/stop`))[0]).toBe(400);
    expect(await lab.ask("POST", "/stop", [{ appId: "jobs", programType: "Spark", programId: "stream" }])).toMatchObject([
      200,
      [{ statusCode: 400 }],
    ]);
    expect(await lab.ask("GET", `/apps/jobs/versions/v1/spark/stream/status`)).toEqual([200, { status: "RUNNING" }]);
    expect(await lab.ask("GET", `${stream}/runs?status=RUNNING`)).toMatchObject([200, [{ runid: run.id }]]);
    await stopped(run);
    await lab.pass(5_000);
    expect(run.status).toBe("KILLED");
  });

  it("a run id that is none is a JSON string with 400, one that nobody knows is 404", async () => {
    expect(await lab.ask("POST", `${stream}/runs/nonsense/stop`)).toEqual([400, "Invalid run id nonsense"]);
    expect((await lab.call("POST", `/v3/namespaces/default${stream}/runs/nonsense/stop`)).body).toBe('"Invalid run id nonsense"');
    expect((await lab.ask("POST", `${stream}/runs/11111111-1111-1111-8111-111111111111/stop`))[0]).toBe(404);
    expect((await lab.ask("GET", "/apps/none/spark/stream/status"))[0]).toBe(404);
  });

  it("released servers ignore graceful; a development build of 6.7 honours it and refuses nonsense", async () => {
    const run = await lab.running(STREAM);
    await stopped(run, "?graceful=-1");
    expect((run.terminate ?? 0) - (run.stopping ?? 0)).toBe(300_000);
    lab = await TestLab.up({ release: "6.7.0-dev" });
    lab.behave(STREAM, { drainMs: 1_000_000 });
    const other = await lab.running(STREAM);
    const stop = `${stream}/runs/${other.id}/stop`;
    expect(await lab.ask("POST", `${stop}?graceful=-1`)).toEqual([
      400,
      "Invalid graceful shutdown period -1 passed. Please specify a value greater than or equal to 0.",
    ]);
    expect(await lab.ask("POST", `${stop}?graceful=soon`)).toEqual([
      400,
      "Invalid graceful shutdown period soon passed. Please specify a valid number",
    ]);
    expect(other.status).toBe("RUNNING");
    await stopped(other, "?graceful");
    await lab.pass(900_000);
    expect(other.status).toBe("STOPPING");
    await lab.pass(110_000);
    expect([other.status, other.forced]).toEqual(["KILLED", false]);
  });

  it("a service ends at once whatever its budget is", async () => {
    const run = await lab.running(API);
    expect((await lab.ask("POST", "/apps/serving/services/api/stop"))[0]).toBe(200);
    await lab.pass(2_000);
    expect(run.status).toBe("KILLED");
  });
});
