import { describe, expect, test } from "vitest";
import type { AppDetail, ProgramSpec } from "../wire/api.ts";
import { digestOf, type StreamingConfig } from "./app-details.ts";
import { pipelineOf, type PipelineSources } from "./pipelines.ts";

const at = { ns: "default", app: "p", program: "DataStreamsSparkStreaming" } as const;
const bare = "spark.streaming.receiver.writeAheadLog.enable";
const prefixed = `system.spark.${bare}`;

const detail = (configuration: object | string, artifact = "cdap-data-streams"): AppDetail => ({
  name: "p",
  appVersion: "v1",
  configuration: typeof configuration === "string" ? configuration : JSON.stringify(configuration),
  artifact: { name: artifact, version: "6.9.2", scope: "SYSTEM" },
  programs: [{ type: "Spark", name: "DataStreamsSparkStreaming" }],
});
const configOf = (configuration: object): StreamingConfig => digestOf(detail(configuration)).streaming;
const specOf = (pipeline: object): ProgramSpec => ({ name: "p", properties: { pipeline: JSON.stringify(pipeline) } });
const read = (configuration: object, more: Partial<PipelineSources> = {}) =>
  pipelineOf(at, { config: configOf(configuration), spec: null, preferences: {}, runtimeArgs: {}, runArgs: null, version: "6.9.2", ...more });

describe("the write-ahead log [CD-6]", () => {
  test.each([
    ["as the UI writes it", { properties: { [prefixed]: "true" } }, true],
    ["as people write it", { properties: { [bare]: "true" } }, true],
    ["as a boolean", { properties: { [bare]: true } }, true],
    ["off", { properties: { [bare]: "false" } }, false],
    ["both spellings that disagree: not surely on", { properties: { [bare]: "true", [prefixed]: "false" } }, false],
  ])("%s", (_, configuration, wal) => {
    expect(read(configuration).wal).toBe(wal);
  });
  test("of the running launch decides over everything that was changed since", () => {
    const since = { properties: { [bare]: "true" } };
    expect(read(since, { runArgs: { [prefixed]: "false" } })).toMatchObject({
      wal: false,
      walFrom: expect.stringContaining("arguments of its run") as string,
    });
    expect(read({ properties: { [bare]: "false" } }, { runArgs: { [bare]: "true" } }).wal).toBe(true);
  });
  test("one place that says no makes it no: it may be what the run was launched with", () => {
    expect(read({ properties: { [bare]: "true" } }, { preferences: { [prefixed]: "false" } })).toMatchObject({
      wal: false,
      walFrom: expect.stringContaining("preferences") as string,
    });
  });
  test("that nobody names is on by itself with checkpoints from 6.7 on, off before, and unknown on an unknown server", () => {
    expect(read({}).wal).toBe(true);
    expect(read({}, { version: "6.6.0" }).wal).toBe(false);
    expect(read({}, { version: "7.0.0" })).toMatchObject({ wal: null, mode: null });
    expect(read({ disableCheckpoints: true }).wal).toBe(false);
  });
});

describe("the state mode", () => {
  test("stands in the program's specification, in both of its shapes", () => {
    expect(read({}, { spec: specOf({ stateSpec: { mode: "STATE_STORE", checkpointDir: "/c" } }) })).toMatchObject({
      mode: "STATE_STORE",
      checkpointDir: "/c",
    });
    expect(read({}, { spec: specOf({ checkpointsDisabled: true, stopGracefully: false }) })).toMatchObject({ mode: "NONE", stopGracefully: false });
    expect(read({}, { spec: specOf({ checkpointsDisabled: false, checkpointDirectory: "/c" }) })).toMatchObject({
      mode: "SPARK_CHECKPOINTING",
      checkpointDir: "/c",
    });
  });
  test("is none where a preference or an argument turns at-least-once off", () => {
    const off = { "cdap.streaming.atleastonce.enabled": "false" };
    const spec = specOf({ stateSpec: { mode: "STATE_STORE" } });
    expect(read({}, { spec, preferences: off }).mode).toBe("NONE");
    expect(read({}, { spec, runtimeArgs: off }).mode).toBe("NONE");
  });
  test("a specification that is no JSON is none at all", () => {
    expect(read({ disableCheckpoints: true }, { spec: { name: "p", properties: { pipeline: "{broken" } } }).mode).toBe("NONE");
  });
});

describe("what an application is made of", () => {
  test("sources by how they read, and where a log begins", () => {
    const stage = (name: string, properties: object = {}) => ({ name, plugin: { name, type: "streamingsource", properties } });
    const { sources } = configOf({ stages: [stage("Kafka", { defaultInitialOffset: "-2" }), stage("GoogleSubscriber"), stage("OwnThing")] });
    expect(sources).toEqual([
      { plugin: "Kafka", kind: "log", begins: "earliest" },
      { plugin: "GoogleSubscriber", kind: "receiver", begins: "latest" },
      { plugin: "OwnThing", kind: null, begins: "latest" },
    ]);
  });
  test.each([
    ["10s", 10_000],
    ["2m", 120_000],
    ["500ms", 500],
    ["soon", null],
  ])("a batch interval of %s", (batchInterval, ms) => {
    expect(configOf({ batchInterval }).batchIntervalMs).toBe(ms);
  });
  test("plug-ins of stages and of post-run actions, exact, by range, and unnamed", () => {
    const artifact = { name: "core-plugins", version: "[2.0.0,3.0.0)", scope: "SYSTEM" };
    const { plugins } = digestOf(
      detail({
        stages: [
          { name: "a", plugin: { name: "File", artifact } },
          { name: "b", plugin: { name: "X" } },
        ],
        postActions: [{ name: "mail", plugin: { name: "Email", artifact: { ...artifact, version: "2.1.0" } } }],
      }),
    );
    expect(plugins.map(({ stage, artifact: of, post }) => [stage, of?.version ?? null, post ?? false])).toEqual([
      ["a", "[2.0.0,3.0.0)", false],
      ["b", null, false],
      ["mail", "2.1.0", true],
    ]);
  });
  test("code of its own with Spark may stream; with a workflow its Spark programs are children; a configuration that is no JSON is nobody's", () => {
    const spark = { type: "Spark", name: "S" };
    const own = { ...detail("not JSON", "my-app"), programs: [spark] };
    expect(digestOf(own)).toMatchObject({ streams: "custom", plugins: [] });
    expect(digestOf({ ...own, programs: [spark, { type: "Workflow", name: "W" }] }).streams).toBeNull();
    expect(digestOf({ ...detail({}, "cdap-data-pipeline") }).streams).toBeNull();
  });
});
