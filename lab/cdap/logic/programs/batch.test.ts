import { beforeEach, describe, expect, it } from "vitest";
import { API, STREAM, TestLab } from "../testing/lab.ts";

const item = (appId: string, programType: string, programId: string): object => ({ appId, programType, programId });
const ON = item("jobs", "Spark", "stream");
const OFF = item("serving", "service", "api");

describe("batch calls (facts 3.2 and 8.4)", () => {
  let lab: TestLab;
  beforeEach(async () => {
    lab = await TestLab.up();
  });

  it("one element for each run that is stopped, an error for what does not run and for what is not there", async () => {
    const ids = [(await lab.running(STREAM)).id, (await lab.running(STREAM)).id];
    const [status, answer] = await lab.ask("POST", "/stop", [OFF, ON, item("none", "Spark", "x"), item("jobs", "Spark", "other")]);
    expect(status).toBe(200);
    expect(answer).toMatchObject([
      { appId: "serving", programType: "Service", statusCode: 400, error: "Program 'programreference:default.serving.service.api' is not running." },
      { appId: "jobs", statusCode: 200, runId: ids[0] },
      { appId: "jobs", statusCode: 200, runId: ids[1] },
      { appId: "none", statusCode: 404 },
      { appId: "jobs", programId: "other", statusCode: 404 },
    ]);
    await lab.pass(5_000);
    expect(ids.map((id) => lab.run(id).status)).toEqual(["KILLED", "KILLED"]);
  });

  it("where a missing application fails the whole call, what came before it is stopped all the same", async () => {
    lab = await TestLab.up({ release: "6.11.0" });
    const run = await lab.running(STREAM);
    const other = await lab.running(API);
    const [status, text] = await lab.ask("POST", "/stop", [ON, item("none", "Spark", "x"), OFF]);
    expect([status, text]).toEqual([404, "'application:default.none.-SNAPSHOT' was not found."]);
    await lab.pass(5_000);
    expect([run.status, other.status]).toEqual(["KILLED", "RUNNING"]);
  });

  it("what is no list of programs is 400 as a whole, and nothing is stopped", async () => {
    const run = await lab.running(STREAM);
    for (const [body, text] of [
      ["{", "Request body is invalid json, please check that it is a json array."],
      ["{}", "Request body is invalid json, please check that it is a json array."],
      [
        [ON, { appId: "jobs", programType: "Spark" }],
        "Must provide valid appId, programType, and programId for each object: 'programId' must be specified.",
      ],
      [[ON, null], "Must provide valid appId, programType, and programId for each object: 'appId' must be specified."],
    ] as const)
      expect(await lab.ask("POST", "/stop", body)).toEqual([400, text]);
    expect((await lab.ask("POST", "/stop", [ON, item("jobs", "Sparks", "stream")]))[0]).toBe(400);
    await lab.pass(5_000);
    expect(run.status).toBe("RUNNING");
  });

  it("starts with arguments and says the run's id; status, runs and their count", async () => {
    const [, started] = (await lab.ask("POST", "/start", [{ ...ON, runtimeargs: { rate: "3" } }])) as [number, { runId: string }[]];
    await lab.pass(6_000);
    const run = lab.run(started[0]?.runId ?? "");
    expect([run.status, run.args]).toEqual(["RUNNING", { rate: "3" }]);
    expect((await lab.ask("POST", "/status", [ON, OFF]))[1]).toMatchObject([
      { statusCode: 200, status: "RUNNING" },
      { statusCode: 200, status: "STOPPED" },
    ]);
    await lab.running(STREAM);
    expect((await lab.ask("POST", "/runcount", [ON]))[1]).toMatchObject([{ runCount: 2 }]);
    expect((await lab.ask("POST", "/runs", [ON]))[1]).toMatchObject([{ runs: [{ status: "RUNNING" }] }]);
    expect(
      (
        await lab.ask(
          "POST",
          "/runcount",
          Array.from({ length: 101 }, () => ON),
        )
      )[0],
    ).toBe(400);
  });
});
