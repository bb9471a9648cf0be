// Preferences, secure keys, profiles, connections, drafts, namespaces, artefacts (facts 3.4 to 3.6).
import { expect, it } from "vitest";
import { AppsLab } from "./testing/apps-lab.ts";

const WORKFLOW = "/apps/batch-0001/workflows/DataPipelineWorkflow";
const STUDIO = "/v3/namespaces/system/apps/pipeline/services/studio";

it("runtime arguments are the preferences of a program, and merge with those above", async () => {
  const lab = await AppsLab.up("6.9.2");
  expect((await lab.ask("PUT", `${WORKFLOW}/runtimeargs`, { day: "today" }))[0]).toBe(200);
  expect(await lab.ask("GET", `${WORKFLOW}/preferences`)).toEqual([200, { day: "today" }]);
  expect(await lab.ask("GET", `${WORKFLOW}/preferences?resolved=true`)).toEqual([200, { "system.log.level": "INFO", region: "eu", day: "today" }]);
  await lab.ask("POST", `${WORKFLOW}/start`, { extra: "1" });
  await lab.pass(10_000);
  const [, runs] = await lab.ask("GET", `${WORKFLOW}/runs`);
  const [run] = runs as { properties: { runtimeArgs: string } }[];
  expect(JSON.parse(run?.properties.runtimeArgs ?? "")).toEqual({ "system.log.level": "INFO", region: "eu", day: "today", extra: "1" });
  const [, [old]] = (await lab.ask("GET", "/apps/batch-0001/versions")) as [number, [string]];
  await lab.ask("POST", "/apps/batch-0001/upgrade");
  expect(await lab.ask("GET", `${WORKFLOW}/preferences`)).toEqual([200, { day: "today" }]);
  const [status, why] = await lab.ask("PUT", `/apps/batch-0001/versions/${old}/workflows/DataPipelineWorkflow/runtimeargs`, {});
  expect([status, why]).toEqual([400, "Runtime arguments can only be changed on the latest program version"]);
  expect((await lab.ask("DELETE", `${WORKFLOW}/preferences`))[0]).toBe(200);
  expect(await lab.ask("GET", `${WORKFLOW}/runtimeargs`)).toEqual([200, {}]);
  expect((await lab.ask("GET", "/apps/batch-0001/spark/nothing/preferences"))[0]).toBe(404);
});

it("secure keys are listed without their values", async () => {
  const lab = await AppsLab.up("6.9.2");
  await lab.ask("PUT", "/securekeys/token", { description: "d", data: "s3cret" });
  const [, list] = await lab.ask("GET", "/securekeys");
  expect(JSON.stringify(list)).not.toContain("s3cret");
  expect(list).toMatchObject([{ name: "crm-password" }, { name: "token", description: "d" }]);
  expect(await lab.ask("GET", "/securekeys/token")).toEqual([200, "s3cret"]);
  expect((await lab.ask("DELETE", "/securekeys/token"))[0]).toBe(200);
  expect(await lab.ask("GET", "/securekeys/token")).toEqual([404, "'securekey:default.token' was not found."]);
});

it("a program does not start with a profile that is disabled", async () => {
  const lab = await AppsLab.up("6.9.2");
  expect((await lab.ask("GET", "/profiles"))[1]).toMatchObject([{ name: "cluster", scope: "USER", status: "ENABLED" }]);
  expect((await lab.ask("GET", "/profiles?includeSystem=true"))[1]).toHaveLength(2);
  expect((await lab.ask("DELETE", "/profiles/cluster"))[0]).toBe(409);
  expect((await lab.ask("POST", "/profiles/cluster/disable"))[0]).toBe(200);
  expect((await lab.ask("POST", "/profiles/cluster/disable"))[0]).toBe(409);
  expect((await lab.ask("POST", `${WORKFLOW}/start`, { "system.profile.name": "USER:cluster" }))[0]).toBe(409);
});

it("connections and drafts are the studio's, and nobody's while it does not run", async () => {
  const lab = await AppsLab.up("6.9.2");
  const path = `${STUDIO}/methods/v1/contexts/default`;
  expect((await lab.ask("GET", `${path}/connections`))[0]).toBe(503);
  await lab.pass(10_000);
  expect((await lab.ask("GET", `${STUDIO}/status`))[1]).toEqual({ status: "RUNNING" });
  expect((await lab.ask("GET", `${path}/connections`))[1]).toMatchObject([{ name: "warehouse" }]);
  await lab.ask("PUT", `${path}/connections/files`, { connectionType: "File", plugin: { name: "File" } });
  expect((await lab.ask("GET", `${path}/connections/files`))[1]).toMatchObject({ connectionId: "files", plugin: { name: "File" } });
  expect((await lab.ask("GET", `${path}/drafts`))[1]).toMatchObject([{ id: "draft-1", config: {} }]);
  expect((await lab.ask("GET", `${path}/drafts?includeConfig=true`))[1]).toMatchObject([{ config: { stages: [] } }]);
});

it("namespaces are made, found again, and not deleted where that is not allowed", async () => {
  const lab = await AppsLab.up("6.9.2");
  expect(await lab.ask("PUT", "/v3/namespaces/scratch", { description: "to try" })).toEqual([200, "Namespace 'scratch' created successfully."]);
  expect(await lab.ask("PUT", "/v3/namespaces/scratch")).toEqual([200, "Namespace 'scratch' already exists."]);
  const [, all] = await lab.ask("GET", "/v3/namespaces");
  expect((all as { name: string }[]).map(({ name }) => name)).toEqual(["default", "finance", "scratch"]);
  expect((await lab.ask("DELETE", "/v3/unrecoverable/namespaces/scratch"))[0]).toBe(403);
});

it("artefacts have versions, properties and extensions", async () => {
  const lab = await AppsLab.up("6.9.2");
  const [, found] = await lab.ask("GET", "/artifacts?scope=USER");
  expect(found).toEqual([{ name: "order-service", version: "1.2.0", scope: "USER" }]);
  expect(await lab.ask("GET", "/artifacts/order-service/versions/1.2.0/properties")).toEqual([200, { team: "orders" }]);
  await lab.ask("PUT", "/artifacts/order-service/versions/1.2.0/properties/owner", "me");
  expect((await lab.ask("GET", "/artifacts/order-service/versions/1.2.0"))[1]).toMatchObject({ properties: { team: "orders", owner: "me" } });
  expect((await lab.ask("GET", "/artifacts/core-plugins?artifactVersion=[2.0.0,3.0.0)"))[1]).toMatchObject([{ version: "2.11.2", scope: "SYSTEM" }]);
  expect((await lab.ask("GET", "/artifacts/cdap-data-pipeline/versions/6.9.2/extensions?scope=SYSTEM"))[1]).toContain("batchsource");
  const upload = await lab.call("POST", "/v3/namespaces/default/artifacts/order-service", "jar", { "artifact-version": "1.2.0" });
  expect(upload?.status).toBe(409);
});
