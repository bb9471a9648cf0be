import { createHash } from "node:crypto";
import { inflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { AppsLab } from "./testing/apps-lab.ts";

interface Record_ {
  readonly name: string;
  readonly version: string;
  readonly artifact: { readonly name: string; readonly version: string; readonly scope: string };
  readonly change?: { readonly parentVersion?: string; readonly latest: boolean };
}
interface Page {
  readonly applications: readonly Record_[];
  readonly nextPageToken?: string;
}

describe("applications of a server that keeps their history (6.9 and later)", () => {
  it("pages have a token as long as they are full, so that the last one may be empty", async () => {
    const lab = await AppsLab.up("6.9.2");
    const [, all] = await lab.ask("GET", "/apps");
    const names = (all as Record_[]).map(({ name }) => name);
    expect(names).toEqual(names.toSorted());
    const seen: string[] = [];
    const sizes: number[] = [];
    for (let token = ""; ;) {
      const [status, body] = await lab.ask("GET", `/apps?pageSize=3${token}`);
      const { applications, nextPageToken } = body as Page;
      expect(status).toBe(200);
      seen.push(...applications.map(({ name }) => name));
      sizes.push(applications.length);
      if (nextPageToken === undefined) break;
      token = `&pageToken=${encodeURIComponent(nextPageToken)}`;
    }
    expect(seen).toEqual(names);
    expect(names.length % 3 === 0 ? sizes.at(-1) : 0).toBe(0);
    const [, streams] = await lab.ask("GET", "/apps?artifactName=cdap-data-streams&nameFilter=CLICKS");
    expect((streams as Record_[]).map(({ name }) => name)).toEqual(["clicks"]);
    expect(await lab.ask("GET", "/v3/namespaces/nowhere/apps")).toEqual([404, "'namespace:nowhere' was not found."]);
  });

  it("every deployment is a new version, and the old one can be deployed again", async () => {
    const lab = await AppsLab.up("6.9.2");
    const [, before] = await lab.ask("GET", "/apps/batch-0001");
    const { configuration, artifact, appVersion } = before as { configuration: string; artifact: Record_["artifact"]; appVersion: string };
    const [status, record] = await lab.ask("PUT", "/apps/batch-0001", { artifact, config: JSON.parse(configuration) as object });
    expect([status, (record as Record_).change]).toMatchObject([200, { parentVersion: appVersion, latest: true }]);
    const [, versions] = await lab.ask("GET", "/apps/batch-0001/versions");
    expect(versions).toEqual([appVersion, (record as Record_).version]);
    expect((await lab.ask("GET", `/apps/batch-0001/versions/${appVersion}`))[1]).toMatchObject({ configuration, change: { latest: false } });
    const [, all] = await lab.ask("GET", "/apps?latestOnly=false&nameFilter=batch-0001");
    expect((all as Record_[]).map(({ version }) => version)).toEqual(versions);
    const late = { artifact, configuration, change: { parentVersion: appVersion } };
    expect((await lab.ask("PUT", "/apps/batch-0001", late))[0]).toBe(409);
    expect((await lab.ask("DELETE", `/apps/batch-0001/versions/${appVersion}`))[0]).toBe(403);
  });

  it("what cannot be deployed is refused in the server's words", async () => {
    const lab = await AppsLab.up("6.9.2");
    const artifact = { name: "cdap-data-pipeline", version: "6.9.9", scope: "system" };
    expect(await lab.ask("PUT", "/apps/new", { artifact, config: {} })).toEqual([404, "'artifact:system.cdap-data-pipeline.6.9.9' was not found."]);
    const range = { ...artifact, version: "[6.8.0,7.0.0)" };
    expect((await lab.ask("PUT", "/apps/new", { artifact: range, config: {} }))[1]).toMatchObject({ artifact: { version: "6.9.2" } });
    const plugin = { name: "File", type: "batchsource", artifact: { name: "core-plugins", version: "2.0.1", scope: "SYSTEM" } };
    expect((await lab.ask("PUT", "/apps/new", { artifact: range, config: { stages: [{ name: "File", plugin }] } }))[0]).toBe(400);
    expect((await lab.ask("PUT", "/apps/new", "{"))[0]).toBe(400);
    const [, found] = await lab.ask("POST", "/appdetail", [{ appId: "new" }, { appId: "old" }]);
    expect(found).toMatchObject([{ statusCode: 200 }, { statusCode: 404, error: "'application:default.old.-SNAPSHOT' was not found." }]);
  });

  it("an application whose programs run is not deleted", async () => {
    const lab = await AppsLab.up("6.9.2");
    await lab.ask("POST", "/apps/batch-0001/workflows/DataPipelineWorkflow/start");
    await lab.pass(10_000);
    const [status, why] = await lab.ask("DELETE", "/apps/batch-0001");
    expect([status, why]).toMatchObject([409, expect.stringContaining("still running: batch-0001: DataPipelineWorkflow")]);
    await lab.ask("POST", "/apps/batch-0001/workflows/DataPipelineWorkflow/stop");
    await lab.pass(60_000);
    expect((await lab.ask("DELETE", "/apps/batch-0001"))[0]).toBe(200);
    expect((await lab.ask("GET", "/apps/batch-0001"))[0]).toBe(404);
  });
});

it("a server without history overwrites, and says so with a text", async () => {
  const lab = await AppsLab.up("6.8.3");
  const [, before] = await lab.ask("GET", "/apps/batch-0001");
  const { artifact } = before as { artifact: object };
  expect(await lab.ask("PUT", "/apps/batch-0001", { artifact, config: { stages: [] } })).toEqual([200, "Deploy Complete"]);
  expect(await lab.ask("GET", "/apps/batch-0001/versions")).toEqual([200, ["-SNAPSHOT"]]);
  expect((await lab.ask("GET", "/apps/batch-0001"))[1]).toMatchObject({ appVersion: "-SNAPSHOT", configuration: '{"stages":[]}' });
});

it("a version from before the history is hidden as soon as there are others", async () => {
  const lab = await AppsLab.up("6.8.3");
  await lab.cdap.world.run(lab.cdap.replace("6.9.2"));
  await lab.pass(10_000);
  expect(await lab.ask("GET", "/apps/batch-0001/versions")).toEqual([200, ["-SNAPSHOT"]]);
  await lab.ask("POST", "/apps/batch-0001/upgrade");
  const [, versions] = await lab.ask("GET", "/apps/batch-0001/versions");
  expect(versions).toEqual([expect.stringMatching(/^[0-9a-f]{8}-/)]);
  expect((await lab.ask("GET", "/apps/batch-0001/versions/-SNAPSHOT"))[1]).toMatchObject({ artifact: { version: "6.8.3" } });
});

describe("export", () => {
  /** Names and contents, from the local headers. */
  const entriesOf = (zip: Buffer): Map<string, string> => new Map(namedEntries(zip));
  const namedEntries = (zip: Buffer): readonly (readonly [string, string])[] => {
    const found: (readonly [string, string])[] = [];
    for (let at = 0; zip.readUInt32LE(at) === 0x04034b50;) {
      const [size, nameLength] = [zip.readUInt32LE(at + 18), zip.readUInt16LE(at + 26)];
      const name = zip.toString("utf8", at + 30, at + 30 + nameLength);
      const data = zip.subarray(at + 30 + nameLength, at + 30 + nameLength + size);
      found.push([name, inflateRawSync(data).toString("utf8")]);
      at += 30 + nameLength + size;
    }
    return found;
  };
  it("holds every application but the system's, with enums in lower case and a digest that is right", async () => {
    const lab = await AppsLab.up("6.9.2");
    const reply = await lab.call("GET", "/v3/export/apps");
    const bytes = Buffer.from(reply?.bytes ?? []);
    expect(reply?.headers?.["digest"]).toBe(`sha-256=${createHash("sha256").update(bytes).digest("base64")}`);
    const entries = entriesOf(bytes);
    expect([...entries.keys()]).toEqual(expect.arrayContaining(["default/", "finance/", "default/clicks.json", "finance/batch-0004.json"]));
    expect([...entries.keys()].some((name) => name.startsWith("system"))).toBe(false);
    expect(JSON.parse(entries.get("default/clicks.json") ?? "")).toMatchObject({
      name: "clicks",
      artifact: { scope: "system" },
      programs: [{ type: "spark" }],
      principal: null,
    });
  });
  it("a build that exports every version has the same name twice", async () => {
    const lab = await AppsLab.up("6.9.2");
    await lab.ask("POST", "/apps/batch-0001/upgrade");
    const twice = async (): Promise<number> => {
      const reply = await lab.call("GET", "/v3/export/apps");
      return namedEntries(Buffer.from(reply?.bytes ?? [])).filter(([name]) => name === "default/batch-0001.json").length;
    };
    expect(await twice()).toBe(1);
    await lab.cdap.control("export", { everyVersion: true });
    expect(await twice()).toBe(2);
  });
  it("a damaged answer does not fit its digest", async () => {
    const lab = await AppsLab.up("6.9.2");
    await lab.cdap.control("export", { damaged: 1 });
    const fits = async (): Promise<boolean> => {
      const { bytes, headers } = (await lab.call("GET", "/v3/export/apps")) ?? {};
      return (
        headers?.["digest"] ===
        `sha-256=${createHash("sha256")
          .update(bytes ?? "")
          .digest("base64")}`
      );
    };
    expect(await fits()).toBe(false);
    expect(await fits()).toBe(true);
  });
});
