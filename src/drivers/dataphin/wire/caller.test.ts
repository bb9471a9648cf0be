import { describe, expect, test } from "vitest";
import { Unreachable } from "../../../model/errors.ts";
import type { Json } from "../../../model/json.ts";
import { ApiRefused, caller, Malformed, NotReady } from "./caller.ts";
import { parseJson } from "./json.ts";
import type { OpenApi } from "./openapi.ts";
import { listInstances, listTaskRuns, operateInstances } from "./operations/instances.ts";
import { zone } from "./time.ts";

interface Call {
  readonly action: string;
  readonly parameters: Readonly<Record<string, Json>>;
}
/** Answers one after the other, the last one for ever; time passes only while it sleeps. */
function scripted(...answers: readonly (readonly [status: number, body: Json])[]) {
  const calls: Call[] = [];
  const slept: number[] = [];
  let now = 0;
  const openApi: OpenApi = {
    call: async (action, parameters) => {
      calls.push({ action, parameters });
      const [status, body] = answers[Math.min(calls.length, answers.length) - 1] ?? [200, null];
      return { status, body };
    },
  };
  const api = caller({
    openApi,
    tenantId: "30001011",
    now: () => now,
    sleep: async (ms) => {
      slept.push(ms);
      now += ms;
    },
    deadlineMs: 10_000,
  });
  return { api, calls, slept };
}
const ok = (body: { readonly [key: string]: Json } = {}): readonly [number, Json] => [200, { Code: "OK", Success: true, ...body }];
const throttled: readonly [number, Json] = [400, { Code: "Throttling.User", Message: "slower" }];
const fence = { run: "1", epoch: 1, connection: 1, signal: new AbortController().signal };

describe("a call", () => {
  test("brings the tenant, and is judged by its envelope", async () => {
    const { api, calls } = scripted(ok({ Data: "x" }));
    expect(await api.read("GetServerVersion", {})).toMatchObject({ Data: "x" });
    expect(calls).toEqual([{ action: "GetServerVersion", parameters: { OpTenantId: "30001011" } }]);
    await expect(
      scripted([200, { Code: "DPN.OP.ProjectNotExist", Message: "no", Success: false }]).api.read("ListInstances", {}),
    ).rejects.toMatchObject({
      name: "ApiRefused",
      word: "DPN.OP.ProjectNotExist",
    });
    await expect(scripted([200, { Code: "OK", Success: false }]).api.read("A", {})).rejects.toBeInstanceOf(ApiRefused);
    await expect(scripted([200, []]).api.read("A", {})).rejects.toBeInstanceOf(Malformed);
    await expect(scripted([200, {}]).api.read("A", {})).rejects.toBeInstanceOf(Malformed);
    await expect(scripted([404, null]).api.read("A", {})).rejects.toBeInstanceOf(Malformed);
    await expect(scripted([503, null]).api.read("A", {})).rejects.toBeInstanceOf(NotReady);
    await expect(scripted([504, { Code: "GatewayTimeout" }]).api.effect(fence, "A", {})).rejects.toBeInstanceOf(Unreachable);
    // 504: it may have arrived, so it is no refusal.
    await expect(scripted([504, { Code: "GatewayTimeout" }]).api.effect(fence, "A", {})).rejects.not.toBeInstanceOf(ApiRefused);
  });
  test("backs off while it is throttled, and gives up at the deadline", async () => {
    const patient = scripted(throttled, [429, null], throttled, ok());
    await patient.api.read("A", {});
    expect(patient.slept).toEqual([250, 500, 1_000]);
    const never = scripted(throttled);
    await expect(never.api.effect(fence, "A", {})).rejects.toMatchObject({
      word: "Throttling.User",
      message: expect.stringContaining("10 s") as string,
    });
    expect(never.slept.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(10_000);
    expect(Math.max(...never.slept)).toBe(4_000);
  });
});

describe("typed operations", () => {
  const utc = zone("UTC");
  test("read every page of a list, and ids of 64 bits in every digit", async () => {
    const page = (from: number, size: number) =>
      ok({
        PageResult: {
          TotalCount: 130,
          Data: Array.from({ length: size }, (_, index) => ({ Id: `t_${String(from + index)}`, StatusList: ["RUNNING"] })),
        },
      });
    const { api, calls } = scripted(page(0, 100), page(100, 30));
    const found = await listInstances(api, utc, { project: "7162269257990111423", environment: "PROD", statuses: ["RUNNING"] });
    expect(found).toHaveLength(130);
    expect(calls.map(({ parameters }) => parameters["ListQuery"])).toMatchObject([
      { Page: 1, ProjectId: "7162269257990111423", ScheduleType: "NORMAL", RunStatusList: ["RUNNING"] },
      { Page: 2 },
    ]);
    expect(parseJson('{"a":7162269257990111423,"b":12,"c":1.5}')).toEqual({ a: "7162269257990111423", b: 12, c: 1.5 });
  });
  test("read times by the installation's clock, and what is paused", async () => {
    const { api } = scripted(
      ok({
        PageResult: {
          Data: [
            {
              Id: "t_1",
              DueTime: "2026-11-20 16:47:13",
              StartExecuteTime: 1_763_650_000_000,
              NodeInfo: { Id: "n_1", Name: "load", SchedulePaused: true },
            },
          ],
        },
      }),
    );
    expect(await listInstances(api, zone("Asia/Shanghai"), { project: "1", environment: "PROD" })).toMatchObject([
      { dueAt: Date.UTC(2026, 10, 20, 8, 47, 13), startedAt: 1_763_650_000_000, paused: true, node: "load", nodeId: "n_1" },
    ]);
  });
  test("order task runs by their start, and tell what of a batch was accepted", async () => {
    const runs = scripted(
      ok({
        TaskrunLogList: [
          { TaskrunId: "tr_2", Status: "SUCCESS", StartTime: "2026-11-20 11:00:00" },
          { TaskrunId: "tr_1", Status: "FAILED", StartTime: "2026-11-20 10:00:00" },
        ],
      }),
    );
    expect((await listTaskRuns(runs.api, utc, { project: "1", environment: "PROD", id: "t_1" })).map(({ id }) => id)).toEqual(["tr_1", "tr_2"]);
    const batch = scripted(
      ok({
        InstanceStatusList: [
          { Id: "t_1", Status: "SUCCESS" },
          { Id: "t_2", Status: "FAILED", ErrorMessage: "ended already" },
        ],
      }),
    );
    expect(await operateInstances(batch.api, fence, { project: "1", environment: "PROD", operation: "TERMINATE", ids: ["t_1", "t_2"] })).toEqual([
      { id: "t_1", accepted: true, why: null },
      { id: "t_2", accepted: false, why: "ended already" },
    ]);
    expect(batch.calls[0]?.parameters["OperateCommand"]).toEqual({
      ProjectId: "1",
      Operation: "TERMINATE",
      InstanceIdList: [{ Id: "t_1" }, { Id: "t_2" }],
    });
  });
});
