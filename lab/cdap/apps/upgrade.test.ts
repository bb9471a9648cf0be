import { describe, expect, it } from "vitest";
import { AppsLab } from "./testing/apps-lab.ts";

interface Detail {
  readonly appVersion: string;
  readonly configuration: string;
  readonly artifact: { readonly name: string; readonly version: string; readonly scope: string };
}
const TRACKS = { site: { "feature.streaming.pipeline.native.state.tracking.enabled": "true" } } as const;
const upgraded = async (from: string, to: string, options: object = {}): Promise<AppsLab> => {
  const lab = await AppsLab.up(from, options);
  await lab.cdap.world.run(lab.cdap.replace(to));
  await lab.pass(10_000);
  return lab;
};
const detail = async (lab: AppsLab, app: string): Promise<Detail> => (await lab.ask("GET", `/apps/${app}`))[1] as Detail;
const pluginVersions = ({ configuration }: Detail, what: "stages" | "postActions"): readonly string[] =>
  (JSON.parse(configuration) as Record<string, { plugin: { artifact: { version: string } } }[]>)[what]?.map(
    ({ plugin }) => plugin.artifact.version,
  ) ?? [];

describe("upgrade of applications", () => {
  it("moves the artefact and every plug-in to the newest, keeps a range, and makes a version each time it is called", async () => {
    const lab = await upgraded("6.8.3", "6.9.2", { apps: 20 });
    const before = await detail(lab, "batch-0007");
    const [status, answer] = await lab.ask("POST", "/apps/batch-0007/upgrade");
    const after = await detail(lab, "batch-0007");
    expect([status, answer]).toMatchObject([200, { statusCode: 200, appId: { application: "batch-0007", version: after.appVersion } }]);
    expect([before.artifact.version, after.artifact.version]).toEqual(["6.8.3", "6.9.2"]);
    expect([pluginVersions(before, "stages"), pluginVersions(after, "stages")]).toEqual([
      ["0.21.3", "[2.0.0,3.0.0)", "0.21.3"],
      ["0.22.2", "[2.0.0,3.0.0)", "0.22.2"],
    ]);
    await lab.ask("POST", "/apps/batch-0007/upgrade");
    const again = await detail(lab, "batch-0007");
    expect(again.appVersion).not.toBe(after.appVersion);
    expect((await lab.ask("GET", "/apps/batch-0007/versions"))[1]).toHaveLength(2);
  }, 10_000);

  it("leaves post-run actions behind before 6.8.3, and overwrites in place", async () => {
    const old = await upgraded("6.7.1", "6.8.0", { apps: 12 });
    await old.ask("POST", "/apps/batch-0005/upgrade");
    const there = await detail(old, "batch-0005");
    expect([there.appVersion, pluginVersions(there, "stages").at(-1), pluginVersions(there, "postActions")]).toEqual([
      "-SNAPSHOT",
      "0.21.0",
      ["2.9.1"],
    ]);
    const newer = await upgraded("6.7.1", "6.8.3", { apps: 12 });
    await newer.ask("POST", "/apps/batch-0005/upgrade");
    expect(pluginVersions(await detail(newer, "batch-0005"), "postActions")).toEqual(["2.10.3"]);
  });

  it("real-time pipelines are refused with 501, but for one whose state is in the store", async () => {
    const lab = await upgraded("6.8.3", "6.9.2", TRACKS);
    const item = async (app: string) => (await lab.ask("POST", "/upgrade", [{ name: app }]))[1];
    expect(await item("clicks")).toMatchObject([
      { statusCode: 501, error: "App clicks does not support upgrade with state handling mode SPARK_CHECKPOINTING ." },
    ]);
    expect(await item("sensors")).toMatchObject([{ statusCode: 501, error: expect.stringContaining("NONE") as string }]);
    expect(await item("orders")).toMatchObject([{ statusCode: 200 }]);
    expect((await lab.ask("POST", "/apps/order-service/upgrade"))[0]).toBe(501);
    const off = await upgraded("6.8.3", "6.9.2");
    expect((await off.ask("POST", "/apps/orders/upgrade"))[0]).toBe(501);
    expect((await off.ask("GET", "/apps/orders/spark/DataStreamsSparkStreaming"))[1]).toMatchObject({
      properties: { pipeline: expect.stringContaining('"stateSpec":{"mode":"SPARK_CHECKPOINTING"') as string },
    });
  });

  it("an artefact that vanished leaves a version higher than any, or none at all", async () => {
    const lab = await AppsLab.up("6.9.2");
    await lab.cdap.control("artifact", { remove: { name: "cdap-data-pipeline", version: "6.9.2" } });
    expect((await lab.ask("POST", "/apps/batch-0001/upgrade"))[0]).toBe(404);
    await lab.cdap.control("artifact", { add: { name: "cdap-data-pipeline", version: "6.8.0" } });
    expect(await lab.ask("POST", "/apps/batch-0001/upgrade")).toEqual([
      400,
      "The current artifact has a version higher 6.9.2 than any existing artifact.",
    ]);
  });

  it("takes users' artefacts and snapshots only where it may", async () => {
    const lab = await AppsLab.up("6.9.2");
    const add = (version: string) => lab.call("POST", "/v3/namespaces/default/artifacts/cdap-data-pipeline", "jar", { "artifact-version": version });
    await add("6.9.3");
    await add("6.9.4-SNAPSHOT");
    const upgrade = async (query: string): Promise<string> => {
      await lab.ask("POST", `/apps/batch-0001/upgrade${query}`);
      const { artifact } = await detail(lab, "batch-0001");
      return `${artifact.version} ${artifact.scope}`;
    };
    expect(await upgrade("?artifactScope=SYSTEM")).toBe("6.9.2 SYSTEM");
    expect(await upgrade("")).toBe("6.9.3 USER");
    expect(await upgrade("?artifactScope=user&allowSnapshot=true")).toBe("6.9.4-SNAPSHOT USER");
    expect(await lab.ask("POST", "/apps/batch-0001/upgrade?artifactScope=OTHER")).toEqual([400, "Invalid scope OTHER"]);
  });

  it("a connection that is cut in the middle leaves one more upgraded than was heard of", async () => {
    const lab = await upgraded("6.8.3", "6.9.2", { apps: 12 });
    const apps = ["batch-0001", "batch-0002", "batch-0003", "batch-0005"];
    await lab.cdap.control("upgrade-cut", { after: 1 });
    expect(
      (
        await lab.ask(
          "POST",
          "/upgrade",
          apps.map((name) => ({ name })),
        )
      )[0],
    ).toBe(0);
    const versions: string[] = [];
    for (const app of apps) versions.push((await detail(lab, app)).artifact.version);
    expect(versions).toEqual(["6.9.2", "6.9.2", "6.8.3", "6.8.3"]);
    const [, whole] = await lab.ask("POST", "/upgrade", [{ name: "batch-0003" }, { name: "nowhere" }]);
    expect(whole).toMatchObject([{ statusCode: 200 }, { statusCode: 404, error: "'application:default.nowhere.-SNAPSHOT' was not found." }]);
  });

  it("a server that does not notice the cut makes the rest", async () => {
    const lab = await upgraded("6.8.3", "6.9.2");
    await lab.cdap.control("upgrade-cut", { after: 0, goesOn: true });
    const apps = ["batch-0001", "batch-0002", "batch-0003"];
    expect(
      await lab.call(
        "POST",
        "/v3/namespaces/default/upgrade",
        apps.map((name) => ({ name })),
      ),
    ).toBeNull();
    for (const app of apps) expect((await detail(lab, app)).artifact.version).toBe("6.9.2");
  });

  it("a body that is no array of names fails as a whole", async () => {
    const lab = await AppsLab.up("6.9.2");
    expect(await lab.ask("POST", "/upgrade", "null")).toEqual([400, "Request body is invalid json, please check that it is a json array."]);
    expect(await lab.ask("POST", "/upgrade", [{ app: "x" }])).toEqual([400, "Missing 'name' in the request element for app-id."]);
  });

  it("schedules keep their state, and a run goes on under the version that it was started with", async () => {
    const lab = await upgraded("6.9.1", "6.9.2");
    await lab.ask("POST", "/apps/batch-0003/schedules/dataPipelineSchedule/enable");
    await lab.ask("POST", "/apps/batch-0003/workflows/DataPipelineWorkflow/start");
    await lab.pass(10_000);
    await lab.ask("POST", "/apps/batch-0003/upgrade");
    expect((await lab.ask("GET", "/apps/batch-0003/schedules"))[1]).toMatchObject([{ status: "SCHEDULED" }]);
    expect((await lab.ask("GET", "/apps/batch-0003/workflows/DataPipelineWorkflow/status"))[1]).toEqual({ status: "STOPPED" });
    expect((await lab.ask("GET", "/apps/batch-0003/workflows/DataPipelineWorkflow/runs"))[1]).toMatchObject([{ status: "RUNNING" }]);
  });

  it("new artefacts that were not loaded come with a call", async () => {
    const lab = await AppsLab.up("6.9.1");
    await lab.cdap.control("withhold-artifacts", true);
    await lab.cdap.world.run(lab.cdap.replace("6.9.2"));
    await lab.pass(10_000);
    const has = async (): Promise<boolean> => JSON.stringify((await lab.ask("GET", "/artifacts?scope=SYSTEM"))[1]).includes('"6.9.2"');
    expect(await has()).toBe(false);
    expect((await lab.ask("POST", "/v3/namespaces/system/artifacts"))[0]).toBe(200);
    expect(await has()).toBe(true);
  });
});
