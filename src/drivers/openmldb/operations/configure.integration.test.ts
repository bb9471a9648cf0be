import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Json } from "../../../model/json.ts";
import type { Step } from "../../../model/step.ts";
import { operationTable } from "../../../planner/kit.ts";
import type { OmFacts } from "../facts.ts";
import { Crash, oneHost, undoOf, type OneHost } from "../testing/one-host.ts";
import { readBackOperation, setFlagsOperation } from "./configure.ts";
import type { FlagChanges } from "./install-params.ts";

const original = "# tablet.conf\n--role=tablet\n--gc_interval=60\n#--max_memory_mb=0\n";
let on: OneHost;
let operations: ReturnType<typeof operationTable<OmFacts>>;
async function scene(): Promise<void> {
  on = await oneHost([
    { name: "t1", role: "tablet", directory: "work" },
    { name: "tm1", role: "taskmanager", directory: "work" },
  ]);
  operations = operationTable<OmFacts>(setFlagsOperation(on.cluster), readBackOperation(on.cluster));
  await on.write({ "work/conf/tablet.flags": original, "work/conf/taskmanager.properties": "server.port=9902\njob.tracker.interval=30\n" });
}
beforeEach(scene);
afterEach(async () => on.close());

const text = (path: string): Promise<string> => readFile(join(on.root, path), "utf8");
const set = (node: string, changes: FlagChanges): Step => ({
  id: `set ${node}`,
  phase: "replace",
  do: "setFlags",
  params: { node, changes, from: null },
});
const journal = (): Map<string, Json> => new Map();

test("[OC-2] [OC-3] The file is changed beside a backup of mode 0600, and a second run overwrites neither", async () => {
  const proof = await on.carryOut(operations, set("t1", { gc_interval: "30", max_memory_mb: "4096" }), journal());
  expect(proof).toMatchObject({ diff: "conf/tablet.flags: - --gc_interval=60, + --gc_interval=30, + --max_memory_mb=4096" });
  await on.carryOut(operations, set("t1", { gc_interval: "45" }), journal());
  expect(await text("work/conf/tablet.flags")).toBe("# tablet.conf\n--role=tablet\n--gc_interval=45\n#--max_memory_mb=0\n--max_memory_mb=4096\n");
  expect(await text("work/conf/tablet.flags.bak")).toBe(original);
  expect(await text("work/conf/tablet.flags.bak.2")).toContain("--gc_interval=30\n");
  expect((await stat(join(on.root, "work/conf/tablet.flags.bak"))).mode & 0o777).toBe(0o600);
  // A run that has nothing to change leaves no backup.
  await on.carryOut(operations, set("t1", { gc_interval: "45" }), journal());
  expect((await readdir(join(on.root, "work/conf"))).filter((name) => name.includes(".bak."))).toEqual(["tablet.flags.bak.2"]);
});

test("A secret comes from its reference, and neither proof nor journal holds it", async () => {
  const memory = journal();
  const proof = await on.carryOut(operations, set("t1", { zk_cert: "@env:ZK_CERT" }), memory);
  expect(await text("work/conf/tablet.flags")).toContain("--zk_cert=user:very-secret\n");
  expect(JSON.stringify([proof, ...memory])).not.toContain("very-secret");
  expect(JSON.stringify(proof)).toContain("--zk_cert=(secret ");
});

test("A crash before or after any effect: on to the same end, or back to the same bytes", async () => {
  const step = set("t1", { gc_interval: "30", role: null });
  for (let instant = 0; instant < 4; instant++) {
    if (instant > 0) {
      await on.close();
      await scene();
    }
    const memory = journal();
    let passed = 0;
    on.interrupt = () => {
      if (passed++ === instant) throw new Crash(String(instant));
    };
    await expect(on.carryOut(operations, step, memory)).rejects.toBeInstanceOf(Crash);
    on.interrupt = () => undefined;
    await on.carryOut(operations, step, memory);
    expect(await text("work/conf/tablet.flags")).toBe("# tablet.conf\n--gc_interval=30\n#--max_memory_mb=0\n");
    expect(await text("work/conf/tablet.flags.bak")).toBe(original);
    for (const back of undoOf(operations, step, memory)) await on.carryOut(operations, back, memory);
    expect(await text("work/conf/tablet.flags")).toBe(original);
  }
}, 60_000);

test("The way back leaves what somebody else has changed meanwhile", async () => {
  const memory = journal();
  const step = set("t1", { gc_interval: "30" });
  await on.carryOut(operations, step, memory);
  await on.write({ "work/conf/tablet.flags": `${await text("work/conf/tablet.flags")}--io_pool_size=4\n` });
  for (const back of undoOf(operations, step, memory)) await on.carryOut(operations, back, memory);
  expect(await text("work/conf/tablet.flags")).toBe(`${original}--io_pool_size=4\n`);
});

test("[OC-8] The taskmanager's value is read from the copy that it was started with; a tablet's cannot be proved, and that is said", async () => {
  const changes = { "job.tracker.interval": "10" };
  await on.carryOut(operations, set("tm1", changes), journal());
  const readBack: Step = { id: "read", phase: "ready", do: "readBack", params: { node: "tm1", changes } };
  await on.write({ "work/taskmanager/conf/taskmanager.properties": "server.port=9902\njob.tracker.interval=30\n" });
  await expect(on.carryOut(operations, readBack, journal())).rejects.toThrow("waiting");
  await on.write({ "work/taskmanager/conf/taskmanager.properties": await text("work/conf/taskmanager.properties") });
  expect(await on.carryOut(operations, readBack, journal())).toEqual({
    "job.tracker.interval": "proved: taskmanager/conf/taskmanager.properties, the copy that it was started with",
  });
  await on.carryOut(operations, set("t1", { gc_interval: "30" }), journal());
  const proof = await on.carryOut(operations, { ...readBack, params: { node: "t1", changes: { gc_interval: "30" } } }, journal());
  expect(JSON.stringify(proof)).toContain("not provable");
});
