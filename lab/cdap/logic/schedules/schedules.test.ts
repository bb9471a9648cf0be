import { beforeEach, describe, expect, it } from "vitest";
import { PIPELINE, STREAM, TestLab } from "../testing/lab.ts";

const program = { programName: "pipeline", programType: "WORKFLOW" } as const;
const minutely = { name: "each-minute", program, properties: { day: "1" }, trigger: { type: "TIME", cronExpression: "* * * * *" } } as const;
const afterStream = {
  name: "after-stream",
  program,
  trigger: {
    type: "PROGRAM_STATUS",
    programId: { namespace: "default", application: "jobs", version: "-SNAPSHOT", type: "SPARK", program: "stream" },
    programStatuses: ["COMPLETED", "KILLED"],
  },
} as const;
const path = "/apps/batch/schedules";

describe("schedules (facts 3.3 and 8.10)", () => {
  let lab: TestLab;
  const enable = (name: string): Promise<readonly [number, unknown]> => lab.ask("POST", `${path}/${name}/enable`);
  const runs = (): number => lab.platform.programs.runs(PIPELINE).length;

  beforeEach(async () => {
    lab = await TestLab.up();
    lab.platform.schedules.add("default", "batch", minutely);
    lab.platform.schedules.add("default", "batch", afterStream);
  });

  it("a new one is suspended; enabling and disabling are idempotent and answer with a JSON string", async () => {
    expect(await lab.ask("GET", `${path}/each-minute/status`)).toEqual([200, { status: "SUSPENDED" }]);
    for (const [action, status] of [
      ["enable", "SCHEDULED"],
      ["enable", "SCHEDULED"],
      ["resume", "SCHEDULED"],
      ["suspend", "SUSPENDED"],
      ["disable", "SUSPENDED"],
    ] as const) {
      expect((await lab.call("POST", `/v3/namespaces/default${path}/each-minute/${action}`)).body).toBe('"OK"');
      expect(await lab.ask("GET", `${path}/each-minute/status`)).toEqual([200, { status }]);
    }
    expect(await lab.ask("POST", `${path}/each-minute/dance`)).toEqual([
      400,
      "Action for schedules may only be 'enable', 'disable', 'suspend', or 'resume' but is'dance'",
    ]);
    expect((await enable("none"))[0]).toBe(404);
  });

  it("a second enable is 409 in old versions", async () => {
    lab = await TestLab.up({ release: "5.1.3" });
    lab.platform.schedules.add("default", "batch", minutely);
    expect((await enable("each-minute"))[0]).toBe(200);
    expect((await enable("each-minute"))[0]).toBe(409);
  });

  it("a time trigger starts runs with the schedule's arguments until it is suspended", async () => {
    await enable("each-minute");
    await lab.pass(121_000);
    expect(runs()).toBe(2);
    expect(lab.platform.programs.runs(PIPELINE)[0]?.args).toEqual({ day: "1" });
    await lab.ask("POST", `${path}/each-minute/suspend`);
    await lab.pass(300_000);
    expect(runs()).toBe(2);
  });

  it("the end of a program starts another one: a drain too", async () => {
    await enable("after-stream");
    const run = await lab.running(STREAM);
    await lab.ask("POST", `/apps/jobs/spark/stream/runs/${run.id}/stop`);
    await lab.pass(6_000);
    expect([run.status, runs()]).toEqual(["KILLED", 1]);
  });

  it("what is suspended before the queue is worked off does not run", async () => {
    await enable("after-stream");
    lab.behave(STREAM, { exitMs: 1_000 });
    const run = await lab.running(STREAM);
    await lab.ask("POST", `/apps/jobs/spark/stream/runs/${run.id}/stop`);
    // Stopped after 0.5 s, ended after 1.5 s, started after 2 s.
    await lab.pass(1_700);
    expect(run.status).toBe("KILLED");
    await lab.ask("POST", `${path}/after-stream/suspend`);
    await lab.pass(6_000);
    expect(runs()).toBe(0);
  });

  it("statuses that the trigger does not name do not fire it", async () => {
    await enable("after-stream");
    lab.behave(STREAM, { onStop: "fails" });
    const run = await lab.running(STREAM);
    await lab.ask("POST", `/apps/jobs/spark/stream/runs/${run.id}/stop`);
    await lab.pass(6_000);
    expect([run.status, runs()]).toEqual(["FAILED", 0]);
  });

  it("lists by trigger and by status, and what a program triggers", async () => {
    await enable("after-stream");
    const names = async (query: string): Promise<unknown> =>
      ((await lab.ask("GET", `${path}${query}`))[1] as readonly { readonly name: string }[]).map(({ name }) => name);
    expect(await names("")).toEqual(["each-minute", "after-stream"]);
    expect(await names("?trigger-type=time")).toEqual(["each-minute"]);
    expect(await names("?trigger-type=time,program-status")).toEqual(["each-minute", "after-stream"]);
    expect(await names("?schedule-status=SCHEDULED")).toEqual(["after-stream"]);
    expect((await lab.ask("GET", "/apps/none/schedules"))[0]).toBe(404);
    const triggered = "trigger-namespace-id=default&trigger-app-name=jobs&trigger-program-type=spark&trigger-program-name=stream";
    const [, found] = await lab.ask("GET", `/schedules/trigger-type/program-status?${triggered}&trigger-program-status=KILLED`);
    expect(found).toMatchObject([{ name: "after-stream", application: "batch", trigger: { type: "PROGRAM_STATUS" } }]);
    expect((await lab.ask("GET", `/schedules/trigger-type/program-status?${triggered}&trigger-program-status=FAILED`))[1]).toEqual([]);
  });

  it("is made, changed and removed", async () => {
    const { name: _, ...body } = minutely;
    expect((await lab.ask("PUT", `${path}/each-minute`, body))[0]).toBe(409);
    expect((await lab.ask("PUT", `${path}/new`, { ...body, trigger: { type: "TIME", cronExpression: "often" } }))[0]).toBe(400);
    expect((await lab.ask("PUT", `${path}/new`, { trigger: body.trigger }))[0]).toBe(400);
    expect((await lab.ask("PUT", `${path}/new`, body))[0]).toBe(200);
    expect((await lab.ask("POST", `${path}/new/update`, { description: "daily" }))[0]).toBe(200);
    expect((await lab.ask("GET", `${path}/new`))[1]).toMatchObject({
      description: "daily",
      status: "SUSPENDED",
      lastUpdateTime: Math.floor(lab.world.now() - 1),
    });
    expect((await lab.ask("DELETE", `${path}/new`))[0]).toBe(200);
    expect((await lab.ask("GET", `${path}/new`))[0]).toBe(404);
  });

  it("those that were suspended in a window are enabled again, whoever suspended them", async () => {
    await enable("each-minute");
    await enable("after-stream");
    await lab.ask("POST", `${path}/each-minute/suspend`);
    const from = lab.world.now();
    await lab.pass(1_000);
    await lab.ask("POST", `${path}/after-stream/suspend`);
    const window = (start: number, end: number): string => `/schedules/re-enable?start-time-millis=${start}&end-time-millis=${end}`;
    expect((await lab.ask("PUT", window(from, from)))[0]).toBe(400);
    expect((await lab.ask("PUT", window(from, lab.world.now())))[0]).toBe(200);
    expect(lab.platform.schedules.of("default", "batch").map(({ status }) => status)).toEqual(["SUSPENDED", "SCHEDULED"]);
  });

  it("says when it fires next", async () => {
    expect((await lab.ask("GET", "/apps/batch/workflows/pipeline/nextruntime"))[1]).toEqual([]);
    await enable("each-minute");
    const at = Math.floor(lab.world.now() / 60_000) * 60_000 + 60_000;
    expect((await lab.ask("GET", "/apps/batch/workflows/pipeline/nextruntime"))[1]).toEqual([{ id: "batch:each-minute", time: at }]);
  });
});
