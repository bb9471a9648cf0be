import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeClient, type FakeFault } from "../continuity/fake-client.ts";
import { runProbe } from "../continuity/process.ts";
import type { ContinuityVerdict } from "../model/report.ts";
import { startProbe, stopProbe, type StartedProbe } from "./probe-start.ts";
import { judgeProbe, type ProbeVerdict } from "./probe-verdict.ts";
import { Scene } from "./testing/scene.fixture.ts";

let scene: Scene;
let client: FakeClient;
let running: Promise<unknown>;
beforeEach(() => {
  client = new FakeClient({ partitions: ["east", "west"], kinds: ["insert"] });
  Object.assign(client, { deadlineMs: 200 });
  const definition = { enabled: false, route: null, rate: 50, minAcks: 3, verifyAfterS: 0 };
  scene = new Scene({
    driver: (driver) => ({ ...driver, continuity: () => Promise.resolve(client) }),
    definition: (made) => ({ ...made, continuity: definition }),
  });
  running = Promise.resolve();
});
afterEach(async () => {
  await stopProbe(scene.workspace).catch(() => undefined);
  await running;
  await scene.close();
});

/** In this process instead of one of its own. */
const start = (readyWithinMs = 5000): Promise<StartedProbe> =>
  startProbe(
    scene.workspace,
    { rate: 300 },
    {
      readyWithinMs,
      launch: (directory) => {
        running = runProbe({ client, options: { name: "probe", rate: 300 }, directory, signals: false });
        return Promise.resolve(process.pid);
      },
    },
  );
const verdict = (): Promise<ProbeVerdict> => judgeProbe(scene.workspace, { readWithinMs: 0 });
const written = async (more: number): Promise<void> => {
  for (const enough = client.seen.length + more; client.seen.length < enough;) await delay(5);
};

test("[DD-12] [DD-21] judged while it writes, again and again, and for good once it has ended", async () => {
  const { partitions, directory } = await start();
  expect(partitions).toEqual(["east", "west"]);
  await expect(start()).rejects.toMatchObject({ code: "SW5004" });
  for (let time = 0; time < 3; time++) {
    await written(20);
    expect(await verdict()).toMatchObject({
      running: true,
      final: false,
      continuity: { verdict: "pass", lost: 0, duplicated: 0, control: "caught" },
    });
  }
  expect(await stopProbe(scene.workspace)).toMatchObject({ probe: 1, how: "ended", directory });
  expect(await stopProbe(scene.workspace)).toMatchObject({ how: "had ended" });
  const last = await verdict();
  expect(last).toMatchObject({
    running: false,
    final: true,
    continuity: { verdict: "pass", reads: 2, scope: { partitionsTouched: 2, partitionsProbed: 2 } },
  });
  expect(last.sentence).toMatch(
    /^0 of [\d,]+ acknowledged probe records lost, on 2 of 2 touched partitions; 0 outcomes unknown; user data: not proved/,
  );
  expect(last.latest.probedUntil - (last.latest.acknowledgedAt ?? 0)).toBeLessThan(2000);
  // Its records are gone from the cluster, and that is no loss.
  expect(client.store.size).toBe(0);
  expect(await verdict()).toEqual(last);
  expect((await start()).probe).toBe(2);
});

describe("what it finds", () => {
  const faults: readonly (readonly [what: string, fault: FakeFault, expected: Partial<ContinuityVerdict>])[] = [
    ["acknowledged and gone", { is: "lies" }, { verdict: "fail", lost: 1 }],
    ["refused and there", { is: "does what it refuses" }, { verdict: "fail", duplicated: 1 }],
    ["damaged", { is: "damages" }, { verdict: "fail", corrupted: 1 }],
    ["skipped without an error", { is: "skips" }, { verdict: "fail", skipped: 1, lost: 0 }],
    ["there twice and sent once", { is: "stores twice", told: false }, { verdict: "fail", duplicated: 1, repeated: 0 }],
    ["there twice and sent twice", { is: "stores twice", told: true }, { verdict: "pass", duplicated: 0, repeated: 1, sentAgain: 1 }],
    ["without an answer, and there", { is: "hangs", happens: true }, { verdict: "pass", unknown: 1, lost: 0 }],
  ];
  test.each(faults)("a record that is %s", async (_, fault, expected) => {
    await start();
    let hit = false;
    client.fault = () => {
      if (hit) return null;
      hit = true;
      return fault;
    };
    await written(30);
    // While it writes, what it has found so far.
    await delay(250);
    expect((await verdict()).continuity).toMatchObject(expected);
    await stopProbe(scene.workspace);
    expect(await verdict()).toMatchObject({ final: true, continuity: expected });
    // What was lost is evidence.
    expect(client.store.size > 0).toBe(expected.verdict === "fail");
  });

  test("a replica that counts fewer", async () => {
    await start();
    client.counts = [{ replica: "n2", partition: "east", rows: 9, expected: 10 }];
    await written(10);
    await stopProbe(scene.workspace);
    const { continuity } = await verdict();
    expect(continuity.verdict).toBe("fail");
    expect(continuity.why).toContain("replica n2 at the end: 9 of 10 rows of east");
  });

  test("an outage that has not ended, though nothing is lost", async () => {
    await start();
    await written(20);
    client.fault = () => ({ is: "refuses", why: "closed" });
    scene.later = 60_000;
    const { continuity } = await verdict();
    expect(continuity).toMatchObject({ verdict: "fail", lost: 0 });
    expect(continuity.why[0]).toMatch(/no write has been acknowledged for the last \d\d s/);
  });

  test("a partition that was hardly written to leaves it not measured", async () => {
    let west = 0;
    client.fault = ({ partition }) => (partition === "west" && west++ > 1 ? { is: "refuses", why: "closed" } : null);
    await start();
    await written(30);
    await stopProbe(scene.workspace);
    const { continuity, final } = await verdict();
    expect([continuity.verdict, final]).toEqual(["not-measured", false]);
    expect(continuity.why.join()).toMatch(/partition west got [12] acknowledgements; 3 are needed/);
  });
});

test("what cannot be read is not measured, and can be asked again", async () => {
  await start();
  await written(10);
  await stopProbe(scene.workspace);
  client.down = new Error("nobody answers");
  const down = await verdict();
  expect(down).toMatchObject({ final: false, continuity: { verdict: "not-measured", reads: 0 } });
  expect(down.continuity.why.join()).toContain("nobody answers");
  client.down = null;
  expect(await verdict()).toMatchObject({ final: true, continuity: { verdict: "pass" } });
});

test("a probe that cannot start says why and is told to end", async () => {
  client.fault = () => ({ is: "refuses", why: "the cluster is closed" });
  await expect(start(300)).rejects.toMatchObject({
    code: "SW5001",
    why: expect.arrayContaining([expect.stringContaining("the cluster is closed")]) as string[],
  });
  await running;
  client.fault = () => null;
  expect((await start()).probe).toBe(2);
});

test("a probe whose start has just begun is not started a second time", async () => {
  const directory = join(scene.workspace.stateDirectory, "probes", "orders", "1");
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "probe.json"), JSON.stringify({ version: 1, cluster: "orders", probe: 1, startedAt: scene.workspace.now() }));
  await expect(start()).rejects.toMatchObject({ code: "SW5004" });
  scene.later = 60_000;
  expect((await start()).probe).toBe(2);
});

test("its records can be given up without a verdict", async () => {
  await start();
  await stopProbe(scene.workspace, { discard: true });
  expect(client.store.size).toBe(0);
  await expect(verdict()).rejects.toMatchObject({ code: "SW5005" });
});

test("a system without a client for it, and a cluster that is not the file's, are said", async () => {
  const bare = new Scene({
    driver: (driver) => {
      const { ...bareDriver } = driver;
      delete bareDriver.continuity;
      return bareDriver;
    },
  });
  await expect(startProbe(bare.workspace)).rejects.toMatchObject({ code: "SW5001" });
  await expect(startProbe(bare.workspace, { cluster: "billing" })).rejects.toMatchObject({ code: "SW1001" });
  await expect(stopProbe(bare.workspace)).rejects.toMatchObject({ code: "SW5005" });
  await bare.close();
});
