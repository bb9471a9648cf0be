import { describe, expect, test } from "vitest";
import { Refused, Unreachable } from "../../model/errors.ts";
import type { HttpReply } from "../../model/http.ts";
import type { Json } from "../../model/json.ts";
import { factTables } from "./fact-tables.ts";
import type { CdapFacts } from "./facts.ts";
import { Inspector } from "./inspect.ts";
import { nodeViews } from "./node-views.ts";
import { sightOf } from "./observe/sight.ts";
import { fenceOf, openedLab, type OpenedLab, type OpenOptions } from "./testing/opened-lab.ts";

interface Inspected extends OpenedLab {
  readonly inspect: () => Promise<CdapFacts>;
}
/** With what runs already RUNNING. */
async function inspected(options: OpenOptions = {}): Promise<Inspected> {
  const opened = await openedLab(options);
  await opened.lab.world.advance(20_000);
  const inspector = new Inspector(opened.cluster, sightOf(opened.cluster));
  return { ...opened, inspect: () => opened.run(() => inspector.inspect()) };
}
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );
const jsonReply = (status: number, value: unknown): HttpReply => ({ status, body: JSON.stringify(value) });

describe("one observation of a whole instance", () => {
  test("has applications with their artefacts and plug-ins, what runs over all of them, schedules and services [CD-10]", async () => {
    const { inspect } = await inspected();
    const facts = await inspect();
    expect(facts.structure).toMatchObject({ version: "6.8.3", graceful: "ignored", budgetSeconds: 300 });
    expect(Object.keys(facts.structure.namespaces)).toEqual(["default", "finance"]);
    expect(facts.structure.namespaces["default"]?.apps["batch-0001"]).toMatchObject({
      artifact: { name: "cdap-data-pipeline", version: "6.8.3", scope: "SYSTEM" },
      plugins: [
        { stage: "GCSFile", artifact: { name: "google-cloud" } },
        { stage: "JavaScript", artifact: { name: "core-plugins" } },
        { stage: "BigQueryTable", artifact: { name: "google-cloud" } },
      ],
    });
    expect(facts.structure.namespaces["default"]?.artifacts).toContainEqual({ name: "order-service", version: "1.2.0", scope: "USER" });
    expect(facts.now.services?.["appfabric"]).toBe("OK");
    expect(facts.now.schedules.scheduled).toBeGreaterThan(0);
    expect(nodeViews(facts)).toEqual([
      expect.objectContaining({ name: "router", state: "serving", version: "6.8.3", detail: "every service is OK" }),
    ]);
    const runs = factTables(facts).find(({ name }) => name === "runs");
    expect(runs?.rows).toHaveLength(facts.now.activeRuns.length);
  });

  test("a child of a workflow names the run that started it, and everything that lasts is there [CD-11]", async () => {
    const { inspect } = await inspected();
    const { activeRuns } = (await inspect()).now;
    const workflow = activeRuns.find(({ app, type }) => app === "batch-0001" && type === "workflows");
    const child = activeRuns.find(({ app, program }) => app === "batch-0001" && program === "phase-1");
    expect(workflow).toMatchObject({ status: "RUNNING", childOf: null });
    expect(child?.childOf).toBe(workflow?.runId);
    expect(new Set(activeRuns.map(({ type }) => type))).toEqual(new Set(["workflows", "spark", "services", "workers"]));
  });

  test("real-time pipelines are read from their own configuration, in both spellings of the write-ahead log's key [CD-6]", async () => {
    const { inspect } = await inspected({ site: { "feature.streaming.pipeline.native.state.tracking.enabled": "true" } });
    const { pipelines } = (await inspect()).now;
    const by = (name: string) => pipelines.find(({ app }) => app === name);
    expect(by("clicks")).toMatchObject({ mode: "SPARK_CHECKPOINTING", wal: true, known: true, batchIntervalMs: 10_000 });
    expect(by("clicks")?.walFrom).toContain("system.spark.spark.streaming.receiver.writeAheadLog.enable");
    expect(by("views")).toMatchObject({ mode: "SPARK_CHECKPOINTING", wal: false });
    expect(by("sensors")).toMatchObject({ mode: "NONE" });
    expect(by("orders")).toMatchObject({ mode: "STATE_STORE", sources: [{ plugin: "Kafka", kind: "log", begins: "latest" }] });
  });

  test("a run of an older version is seen, and said to be one", async () => {
    const { inspect, run, cluster, lab } = await inspected({ release: "6.9.2" });
    const before = await inspect();
    const version = before.structure.namespaces["default"]?.apps["clicks"]?.version;
    const detail = await run(() => cluster.api.appDetail("default", "clicks"));
    // Deployed again by somebody: a new version, while the old one runs.
    const request = { artifact: detail?.artifact ?? null, config: JSON.parse(detail?.configuration ?? "{}") as Json };
    expect((await run(() => cluster.api.deployApp(fenceOf(), "default", "clicks", request))).status).toBe(200);
    await lab.world.advance(15_000);
    const after = await inspect();
    expect(after.structure.namespaces["default"]?.apps["clicks"]?.version).not.toBe(version);
    expect(after.now.activeRuns.find(({ app }) => app === "clicks")).toMatchObject({ status: "RUNNING", version: null });
  });
});

describe("what it costs", () => {
  test("details that never change are asked for once, and statuses in batches", async () => {
    const { inspect, asked, lab } = await inspected({ apps: 60 });
    await inspect();
    const first = asked.length;
    asked.length = 0;
    await inspect();
    expect(asked.filter((each) => each.includes("appdetail"))).toEqual([]);
    expect(asked.length).toBeLessThan(25);
    expect(first).toBeLessThan(150);
    await lab.world.advance(600_000);
    asked.length = 0;
    await inspect();
    // Whatever the gates of a long run do not need is not asked for again: details, schedules, settings of pipelines.
    expect(asked.filter((each) => /appdetail|schedules|runtimeargs|preferences/.test(each))).toEqual([]);
    expect(asked.length).toBeLessThan(25);
  });
});

describe("with perimeter security", () => {
  const auth = { endpoint: "cdap.lab:10009", users: { ana: { password: "secret", may: "all" } }, tokenSeconds: 3_600 } as const;
  const cluster = { authorization: { user: "ana", password: "@env:PW" } };

  test("a token that expires half-way is renewed, and its life is known", async () => {
    let questions = 0;
    let opened: Inspected | null = null;
    opened = await inspected({
      auth,
      cluster,
      secrets: { "@env:PW": "secret" },
      meddle: () => {
        if (++questions === 8) void opened?.lab.control("expire-tokens");
        return null;
      },
    });
    const facts = await opened.inspect();
    expect(facts.now.activeRuns.length).toBeGreaterThan(0);
    expect(facts.now.token).toEqual({ renewable: true, expiresAt: expect.any(Number) as number });
    expect(opened.asked.filter((each) => each === "GET /token").length).toBeGreaterThan(1);
  });
  test("a wrong password is an answer, not silence", async () => {
    const { inspect } = await inspected({ auth, cluster, secrets: { "@env:PW": "wrong" } });
    expect(await failureOf(inspect())).toBeInstanceOf(Refused);
  });
});

describe("what it cannot see", () => {
  test("that nobody listens is a fact: CDAP is down", async () => {
    const { inspect, lab } = await inspected();
    const before = await inspect();
    lab.stop();
    const facts = await inspect();
    expect(facts.now.nodes["router"]).toMatchObject({ state: "down" });
    expect(facts.structure).toEqual(before.structure);
    expect(nodeViews(facts)[0]).toMatchObject({ version: null, state: "down" });
  });

  test("503 while it starts is waited for", async () => {
    const { inspect, lab } = await inspected();
    await lab.control("unavailable", { calls: 3 });
    expect((await inspect()).structure.version).toBe("6.8.3");
  });

  test("503 for ever is no answer, in the router's words", async () => {
    const { inspect, lab } = await inspected();
    await lab.control("unavailable", { calls: 100_000 });
    const error = await failureOf(inspect());
    expect(error).toBeInstanceOf(Unreachable);
    expect(error).not.toBeInstanceOf(Refused);
    expect(String(error)).toContain("503");
  });

  test("a connection cut once is asked again; cut for ever it says nothing", async () => {
    let cuts = 1;
    const { inspect } = await inspected({
      meddle: ({ url }) => (url.endsWith("/v3/namespaces") && cuts-- > 0 ? new Unreachable("cut") : null),
    });
    expect((await inspect()).structure.version).toBe("6.8.3");
    cuts = 1_000;
    expect(await failureOf(inspect())).toBeInstanceOf(Unreachable);
  });

  test.each([
    ["an answer that is cut off", { status: 200, body: '[{"name":"a","artif' }, "cut off"],
    ["an empty answer", { status: 200, body: "" }, "empty"],
    ["another form", jsonReply(200, { hello: "world" }), "not understood"],
    ["words as a JSON string", jsonReply(400, "no such thing"), "no such thing"],
    ["plain words", { status: 500, body: "java.lang.NullPointerException" }, "NullPointerException"],
  ] as const)("%s is neither empty nor unreachable", async (_, reply, words) => {
    const { inspect } = await inspected({ meddle: ({ url }) => (/\/default\/apps\?/.test(url) ? reply : null) });
    expect(String(await failureOf(inspect()))).toContain(words);
  });

  test("a version that nobody has read is a fact, and graceful unknown with it [CD-1]", async () => {
    const { inspect } = await inspected({ meddle: ({ url }) => (url.endsWith("/v3/version") ? jsonReply(200, { version: "7.3.0" }) : null) });
    expect((await inspect()).structure).toMatchObject({ version: "7.3.0", graceful: "unknown" });
  });

  test("configuration that may not be read leaves the budget unknown [CD-4]", async () => {
    const { inspect } = await inspected({
      meddle: ({ url }) => (url.includes("/v3/config/cdap") ? { status: 403, body: "Principal 'x' is not authorized" } : null),
    });
    expect((await inspect()).structure.budgetSeconds).toBeNull();
  });
});

describe("the two generations [CD-1]", () => {
  test("a development build of 6.7 is asked whether it honours graceful, in a way that stops nothing", async () => {
    const { inspect, lab } = await inspected({ release: "6.7.0-dev" });
    const facts = await inspect();
    expect(facts.structure.graceful).toBe("honoured");
    await lab.world.advance(30_000);
    expect((await inspect()).now.activeRuns.filter(({ status }) => status !== "RUNNING")).toEqual([]);
  });
  test("a released 6.7 is not asked: it ignores it", async () => {
    const { inspect, asked } = await inspected({ release: "6.7.3" });
    expect((await inspect()).structure.graceful).toBe("ignored");
    expect(asked.filter((each) => each.includes("/stop"))).toEqual([]);
  });
});
