// What this driver believes of CDAP's API, asked of a real one at CDAP_URL (CDAP_TOKEN, or CDAP_USER and CDAP_PASSWORD, where it wants them), and of the lab
// in memory. Reads only: whatever runs there goes on.
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ENDPOINT, memoryCdap } from "../../../lab/cdap/memory/cluster.ts";
import { httpClient } from "../../hosts/http-client.ts";
import { Refused, Unreachable } from "../../model/errors.ts";
import type { HttpClient } from "../../model/http.ts";
import { openHost } from "../../hosts/connection.ts";
import type { ClusterDefinition } from "../../model/cluster.ts";
import type { Handles } from "../../model/driver.ts";
import { discover } from "./discover.ts";
import { CdapDriver } from "./driver.ts";
import type { CdapFacts } from "./facts.ts";
import { behavioursOf } from "./matrix/behaviours.ts";
import { apiOf } from "./open-cluster.ts";
import type { CdapApi } from "./wire/api.ts";
import { isActive } from "./wire/programs.ts";

interface Subject {
  readonly target: string;
  readonly options: Readonly<Record<string, string>>;
  readonly http: HttpClient;
  readonly wait: (ms: number) => Promise<void>;
  readonly now: () => number;
  /** Lets a virtual world go on until it is settled. */
  readonly run: <T>(work: Promise<T>) => Promise<T>;
}
const url = process.env["CDAP_URL"] ?? "";
const given = (name: string, key: string): Readonly<Record<string, string>> => (process.env[name] === undefined ? {} : { [key]: `@env:${name}` });

async function realSubject(): Promise<Subject> {
  const client = httpClient();
  afterAll(() => client.close());
  const user = process.env["CDAP_USER"];
  const options = user === undefined ? given("CDAP_TOKEN", "token") : { user, ...given("CDAP_PASSWORD", "password") };
  const wait = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
  return { target: url, options, http: client, wait, now: () => Date.now(), run: (work) => work };
}
async function labSubject(): Promise<Subject> {
  const lab = await memoryCdap();
  await lab.world.advance(20_000);
  const http = lab.http({
    refused: (message, object) => new Refused(message, { object }),
    unreachable: (message, object) => new Unreachable(message, { object }),
  });
  return { target: ENDPOINT, options: {}, http, wait: (ms) => lab.world.sleep(ms), now: () => lab.world.now(), run: (work) => lab.world.run(work) };
}

function contract(open: () => Promise<Subject>): void {
  const asked: string[] = [];
  let subject: Subject;
  let definition: ClusterDefinition;
  let api: CdapApi;
  let facts: CdapFacts;

  beforeAll(async () => {
    subject = await open();
    const http: HttpClient = {
      request(request) {
        asked.push(`${request.method} ${new URL(request.url).pathname}`);
        return subject.http.request(request);
      },
    };
    const handles: Handles = {
      host: () => openHost({ name: "local", transport: "local", address: null, user: null, stateDirectory: "/nowhere", domain: null }, "contract"),
      http: () => http,
      secret: async (reference) => process.env[reference.replace(/^@env:/, "")] ?? reference,
      now: subject.now,
    };
    const ports = { wait: subject.wait };
    definition = await subject.run(discover(subject.target, subject.options, handles, ports));
    const driver = new CdapDriver(definition, handles, ports);
    facts = await subject.run(driver.inspect());
    const base = (definition.options["url"] as string | undefined) ?? `http://${definition.nodes[0]?.endpoint ?? ""}`;
    api = apiOf({ url: base, host: null, handles, authorization: authorizationOf(definition), object: "contract" }, ports).api;
  }, 300_000);

  test("its version is one whose behaviour is known, and its services say OK or NOTOK", () => {
    expect(behavioursOf(facts.structure.version)).not.toBeNull();
    for (const status of Object.values(facts.now.services ?? {})) expect(["OK", "NOTOK"]).toContain(status);
    expect(Object.keys(facts.now.services ?? {})).toContain("appfabric");
  });
  test("every application has an artefact and a version, and its details say the same", async () => {
    for (const [ns, { apps }] of Object.entries(facts.structure.namespaces)) {
      const listed = Object.entries(apps).slice(0, 20);
      const details = await subject.run(
        api.appDetails(
          ns,
          listed.map(([app, { version }]) => ({ app, version })),
        ),
      );
      for (const [index, [app, { artifact }]] of listed.entries()) expect(details[index]).toMatchObject({ name: app, artifact });
    }
  });
  test("what is not there is null, not an error", async () => {
    const id = { ns: "default", app: "stillwater-is-not-here", type: "workflows", program: "Nobody" } as const;
    expect(await subject.run(api.appDetail("default", id.app))).toBeNull();
    expect(await subject.run(api.programSpec(id))).toBeNull();
    expect(await subject.run(api.scheduleStatus("default", id.app, "none"))).toBeNull();
    expect(await subject.run(api.programStatuses("default", [id]))).toEqual([null]);
  });
  test("a run without an end is read again by its id, in seconds", async () => {
    for (const run of facts.now.activeRuns.slice(0, 10)) {
      const record = await subject.run(api.run(run));
      expect(record?.runid).toBe(run.runId);
      if (record !== null && isActive(record.status) && record.starting != null) expect(record.starting).toBeLessThan(100_000_000_000);
    }
  });
  test("artefacts of applications are in the list of artefacts", () => {
    for (const { apps, artifacts } of Object.values(facts.structure.namespaces))
      for (const { artifact } of Object.values(apps)) expect(artifacts.map(({ name }) => name)).toContain(artifact.name);
  });
  test("schedules, preferences and arguments have the form that is expected", async () => {
    const [ns = "default", namespace] = Object.entries(facts.structure.namespaces)[0] ?? [];
    for (const app of Object.keys(namespace?.apps ?? {}).slice(0, 10)) {
      for (const { name } of await subject.run(api.schedules(ns, app)))
        expect(["SCHEDULED", "SUSPENDED"]).toContain(await subject.run(api.scheduleStatus(ns, app, name)));
      await subject.run(api.preferences({ ns, app }, true));
    }
    expect(await subject.run(api.preferences({}))).toBeTypeOf("object");
  });
  test("the export has the digest that it states", async () => {
    const exported = await subject.run(api.exportApps());
    if (exported === null) return;
    const digest = `sha-256=${createHash("sha256").update(exported.zip).digest("base64")}`;
    expect([digest, null]).toContain(exported.digest);
  });
  test("nothing but questions was sent", () => {
    const effects = asked.filter((each) => !each.startsWith("GET ") && !/^POST \/(?:.*\/)?v3\/namespaces\/[^/]+\/(?:appdetail|status)$/.test(each));
    expect(effects.filter((each) => !each.endsWith("/runs/00000000-0000-1000-8000-000000000000/stop"))).toEqual([]);
  });
}

const authorizationOf = ({ options }: ClusterDefinition) => options["authorization"] as Parameters<typeof apiOf>[0]["authorization"];

describe("the API, as the lab in memory has it", () => contract(labSubject));

if (url === "") {
  console.log("NOT RUN: the contract with a real CDAP; set CDAP_URL=http://HOST:11015 (and CDAP_TOKEN, or CDAP_USER and CDAP_PASSWORD)");
  describe.skip("the API, as a real CDAP has it (NOT RUN: CDAP_URL is not set)", () => contract(realSubject));
} else describe("the API, as a real CDAP has it", () => contract(realSubject));
