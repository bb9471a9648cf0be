import { describe, expect, test } from "vitest";
import { discover } from "./discover.ts";
import { parseOptions } from "./options.ts";
import { MemoryRun } from "./testing/memory-run.ts";

const options = {
  "access-key-id": "LAB0000000000000000KEY",
  "access-key-secret": "@env:DATAPHIN_SECRET",
  tenant: "30015001",
  manager: "manager:8080",
  gateway: "dataservice.dataphin:80",
  realtime: "flink:8081",
  "time-zone": "UTC",
};
const found = async (target: string, given: Readonly<Record<string, string>>) => {
  const run = await MemoryRun.begin({ workload: { longJobs: 0 } });
  return run.lab.world.run(discover(target, given, run.handles(), { openApi: run.openApi() }));
};
const refused = (target: string, given: Readonly<Record<string, string>>): Promise<unknown> => found(target, given).catch((error: unknown) => error);

describe("init dataphin", () => {
  test("asks the OpenAPI with the keys, and gives a definition that its own schemas accept", async () => {
    const definition = await found("openapi.dataphin:80", { ...options, projects: "retail", through: "ana@jump1", cluster: "dp" });
    expect(definition).toMatchObject({
      cluster: "dp",
      hosts: [{ name: "jump1", transport: "openssh", address: "ana@jump1" }],
      options: { timeZone: "UTC", projects: ["retail"], openapi: { accessKeySecret: "@env:DATAPHIN_SECRET" } },
    });
    expect(definition.nodes.map(({ name, options: { role } }) => [name, role])).toEqual([
      ["application", "application"],
      ["manager", "manager"],
      ["gateway", "gateway"],
      ["realtime", "realtime"],
    ]);
    expect(parseOptions(definition).cluster.openapi.tenantId).toBe("30015001");
  });
  test("refuses what is wrong in the options, before and after it has asked", async () => {
    expect(await refused("openapi.dataphin", options)).toMatchObject({ code: "SW1001" });
    expect(await refused("", options)).toMatchObject({ code: "SW1001" });
    expect(await refused("openapi.dataphin:80", { ...options, colour: "red" })).toMatchObject({ code: "SW1001", object: "colour" });
    expect(await refused("openapi.dataphin:80", { ...options, "access-key-secret": "plain" })).toMatchObject({ code: "SW1001" });
    expect(await refused("openapi.dataphin:80", { tenant: "1" })).toMatchObject({ code: "SW1001" });
    expect(await refused("openapi.dataphin:80", { ...options, projects: "nowhere" })).toMatchObject({ code: "SW1001", object: "nowhere" });
    expect(await refused("openapi.dataphin:80", { ...options, tenant: "2" })).toMatchObject({ code: "SW6001" });
    const run = await MemoryRun.begin({ workload: { longJobs: 0 } });
    run.lab.kill("platform");
    await expect(run.lab.world.run(discover("openapi.dataphin:80", options, run.handles(), { openApi: run.openApi() }))).rejects.toMatchObject({
      code: "SW6001",
    });
  });
});
