import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test, vi } from "vitest";
import { FakeClient } from "../continuity/fake-client.ts";
import { readStatus } from "../continuity/status.ts";
import { thisHolder } from "../journal/process-identity.ts";
import type { RunRecord } from "../journal/store.ts";
import type { RunEvent } from "../model/event.ts";
import { startDetached } from "./detached-process.ts";
import {
  livingSidecar,
  readWhole,
  sidecarFiles,
  startSidecar,
  writeWhole,
  type Conclusion,
  type Readiness,
  type SidecarSettings,
} from "./sidecar.ts";
import { Sidecar } from "./sidecar-process.ts";
import { gone, Scene, type SceneOptions } from "./testing/scene.fixture.ts";

const scenes: Scene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.close();
});
function sceneWith(options: SceneOptions = {}): Scene {
  const scene = new Scene(options);
  scenes.push(scene);
  return scene;
}
const withClient = (client: FakeClient): SceneOptions => ({ driver: (driver) => ({ ...driver, continuity: () => Promise.resolve(client) }) });

interface Life {
  readonly directory: string;
  readonly ended: Promise<void>;
  readonly ready: () => Promise<Readiness>;
}
/** The sidecar of a run, living in this process. */
async function begin(scene: Scene, record: RunRecord, probes: boolean): Promise<Life> {
  const directory = scene.workspace.runDirectory(record.id);
  mkdirSync(directory, { recursive: true });
  await writeWhole(join(directory, sidecarFiles.settings), { version: 1, run: record.id });
  const ended = new Sidecar(scene.workspace, record, directory, probes).live();
  ended.catch(() => undefined);
  const ready = async (): Promise<Readiness> => {
    for (;;) {
      const readiness = await readWhole<Readiness>(join(directory, sidecarFiles.readiness));
      if (readiness) return readiness;
      await delay(5);
    }
  };
  return { directory, ended, ready };
}
async function more(scene: Scene, ...events: readonly RunEvent[]): Promise<void> {
  const store = await scene.workspace.store();
  const claim = await store.claim({ cluster: "orders", holder: thisHolder("resume"), leaseMs: 15_000, above: 0, holderIsDead: () => true });
  await store.append(claim, 1, events);
  await store.release(claim);
}
const conclusion = (directory: string): Promise<Conclusion | null> => readWhole<Conclusion>(join(directory, sidecarFiles.conclusion));

test("probes until the run has finished, judges once, and cleans up", async () => {
  const client = new FakeClient();
  const scene = sceneWith(withClient(client));
  const record = await scene.deadRun();
  const { directory, ended, ready } = await begin(scene, record, true);
  expect(await ready()).toEqual({ ready: true });
  await more(scene, { is: "finished", as: "aborted" });
  await ended;
  expect((await conclusion(directory))?.verdict).toMatchObject({ lost: 0, control: "caught" });
  expect(existsSync(join(directory, sidecarFiles.judged))).toBe(false);

  // Another one, started by a resume that only wanted the report: the records are gone, and that is no loss.
  const before = readFileSync(join(directory, sidecarFiles.conclusion), "utf8");
  await (
    await begin(scene, record, true)
  ).ended;
  expect(readFileSync(join(directory, sidecarFiles.conclusion), "utf8")).toBe(before);
});

test("died while its records were removed: the next one finds the verdict, and does not take them for lost", async () => {
  const client = new FakeClient();
  const scene = sceneWith(withClient(client));
  const record = await scene.deadRun();
  const { directory, ended, ready } = await begin(scene, record, true);
  await ready();
  client.cleanUp = () => {
    client.store.clear();
    // As if it were killed here: nothing of what follows happens.
    return new Promise(() => undefined);
  };
  await more(scene, { is: "finished", as: "aborted" });
  while (!existsSync(join(directory, sidecarFiles.judged)) || client.store.size > 0) await delay(5);
  expect(await Promise.race([ended.then(() => "ended"), delay(50, "hangs")])).toBe("hangs");
  client.cleanUp = () => Promise.resolve();
  await (
    await begin(scene, record, true)
  ).ended;
  expect((await conclusion(directory))?.verdict).toMatchObject({ lost: 0 });
});

test("a probe that cannot begin leaves a watchdog, and is said", async () => {
  let away = true;
  const scene = sceneWith({
    driver: (driver) => ({ ...driver, continuity: () => (away ? Promise.reject(new Error("no such route")) : Promise.resolve(new FakeClient())) }),
  });
  const record = await scene.deadRun(
    { is: "acting", step: "n2/freeze", at: 1, settled: 1, before: null },
    { is: "done", step: "n2/freeze", proof: null },
  );
  scene.change((quarry) => (quarry.frozen = true));
  const { directory, ended, ready } = await begin(scene, record, true);
  expect(await ready()).toEqual({ ready: false, why: "no such route" });
  await delay(300);
  scene.later += 10_000;
  while (scene.quarry.frozen) await delay(20);
  // What was never begun is no verdict; "no probe ran" would be another thing than "it could not be judged".
  await more(scene, { is: "finished", as: "aborted" });
  await expect(ended).rejects.toThrow("no such route");
  expect(await conclusion(directory)).toBeNull();
  away = false;
});

test("ends when its directory is gone", async () => {
  const scene = sceneWith();
  const { directory, ended, ready } = await begin(scene, await scene.deadRun(), false);
  await ready();
  rmSync(directory, { recursive: true });
  await ended;
});

test("ends when another run has its directory, and writes nothing into that", async () => {
  const client = new FakeClient();
  const scene = sceneWith(withClient(client));
  const record = await scene.deadRun();
  const { directory, ended, ready } = await begin(scene, record, true);
  await ready();
  renameSync(directory, `${directory}.before`);
  mkdirSync(directory);
  await writeWhole(join(directory, sidecarFiles.settings), { version: 1, run: record.id, createdAt: record.createdAt + 1 });
  await ended;
  expect(client.closed).toBe(true);
  expect(await conclusion(directory)).toBeNull();
});

test("an end without a verdict lets go of the cluster, too", async () => {
  const client = new FakeClient();
  const scene = sceneWith(withClient(client));
  const { ended, ready } = await begin(scene, await scene.deadRun(), true);
  await ready();
  scene.later += 16 * 60_000;
  await ended;
  expect(client.closed).toBe(true);
});

test("stays for somebody who has come while its probe came to rest after a long wait", async () => {
  const client = new FakeClient();
  const scene = sceneWith(withClient(client));
  const record = await scene.deadRun();
  const { directory, ended, ready } = await begin(scene, record, true);
  await ready();
  client.fault = () => ({ is: "hangs", happens: false });
  scene.later += 16 * 60_000;
  await vi.waitFor(() => expect(readStatus(directory)?.state).toBe("stopping"), { timeout: 5_000, interval: 5 });
  const store = await scene.workspace.store();
  const claim = await store.claim({ cluster: "orders", holder: thisHolder("resume"), leaseMs: 60_000, above: 0, holderIsDead: () => true });
  await store.append(claim, 1, [{ is: "claimed", holder: "ben on jump1", verb: "resume", pid: process.pid }]);
  await vi.waitFor(() => expect(readStatus(directory)?.state).toBe("stopped"), { timeout: 10_000, interval: 5 });
  expect(await Promise.race([ended.then(() => "ended"), delay(500, "lives")])).toBe("lives");
  client.fault = () => null;
  await store.append(claim, 1, [{ is: "finished", as: "succeeded" }]);
  await store.release(claim);
  await ended;
}, 30_000);

test("files are whole or not there, for their owner alone, and a damaged one is made again", async () => {
  const scene = sceneWith();
  const file = join(scene.directory, "x.json");
  await writeWhole(file, { a: 1 });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await readWhole(file)).toEqual({ a: 1 });
  writeFileSync(file, "");
  expect(await readWhole(file)).toBeNull();
  writeFileSync(file, '{"a": ');
  expect(await readWhole(file)).toBeNull();
});

test("a sidecar on another machine is nobody here: the directory was moved", async () => {
  const scene = sceneWith();
  await writeWhole(join(scene.directory, sidecarFiles.process), thisHolder("sidecar"));
  expect(await livingSidecar(scene.directory)).not.toBeNull();
  await writeWhole(join(scene.directory, sidecarFiles.process), { ...thisHolder("sidecar"), host: "jump2" });
  expect(await livingSidecar(scene.directory)).toBeNull();
});

test("a resume tells the sidecar where things are now, and keeps what the operator chose at the beginning", async () => {
  const scene = sceneWith();
  const record = await scene.deadRun();
  const directory = scene.workspace.runDirectory(1);
  await scene.fakeSidecar();
  const settings = join(directory, sidecarFiles.settings);
  await startSidecar(scene.workspace, record, { probe: false });
  const first = await readWhole<SidecarSettings>(settings);
  await writeWhole(settings, { ...first, stateDirectory: "/gone/.stillwater", clusterFile: "/gone/cluster.yaml" });
  await startSidecar(scene.workspace, record, { probe: null });
  expect(await readWhole(settings)).toEqual(first);
  expect(first).toMatchObject({ probe: false, stateDirectory: scene.workspace.stateDirectory });
});

test("the directory of another journal's run of the same number is set aside: its verdict is not this run's", async () => {
  const scene = sceneWith();
  const record = await scene.deadRun();
  await scene.fakeSidecar();
  const directory = scene.workspace.runDirectory(1);
  await startSidecar(scene.workspace, record, { probe: false });
  const settings = await readWhole<SidecarSettings>(join(directory, sidecarFiles.settings));
  await writeWhole(join(directory, sidecarFiles.settings), { ...settings, journal: "another" });
  await startSidecar(scene.workspace, record, { probe: false });
  expect(await conclusion(directory)).toBeNull();
  expect(existsSync(join(`${directory}.before-${record.createdAt}`, sidecarFiles.conclusion))).toBe(true);
});

/** The cluster file is not there: a probe cannot begin. */
const settingsOf = ({ workspace }: Scene): SidecarSettings => ({
  version: 1,
  probe: false,
  run: 1,
  stateDirectory: workspace.stateDirectory,
  clusterFile: workspace.clusterFile,
  operator: "ana",
});
/** The processes that were started with this directory. */
function sidecarsOf(directory: string): readonly number[] {
  const words = (pid: string): readonly string[] => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    } catch {
      return [];
    }
  };
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && words(name).includes(directory))
    .map(Number);
}

test("a resume that cannot see the sidecar which was started a moment before: one of two lives, and is heard; the other ends", async () => {
  const scene = sceneWith();
  const record = await scene.deadRun();
  const directory = scene.workspace.runDirectory(1);
  mkdirSync(directory, { recursive: true });
  await writeWhole(join(directory, sidecarFiles.settings), settingsOf(scene));
  await writeWhole(join(directory, sidecarFiles.process), gone);
  await writeWhole(join(directory, sidecarFiles.readiness), { ready: false, why: "said by the dead one" });
  const start = (): Promise<void> => startSidecar(scene.workspace, record, { probe: false });
  try {
    // Of a worker that is killed here.
    await startDetached("sidecar-main", directory, join(directory, sidecarFiles.log));
    await start();
    await vi.waitFor(() => expect(sidecarsOf(directory)).toHaveLength(1), { timeout: 10_000, interval: 20 });
    const winner = await livingSidecar(directory);
    expect(sidecarsOf(directory)).toEqual([winner?.pid]);
    // Whoever comes later finds that one, and what it has told.
    await start();
    expect(await livingSidecar(directory)).toEqual(winner);
  } finally {
    for (const pid of sidecarsOf(directory)) process.kill(pid, "SIGKILL");
  }
}, 30_000);

test("a full disk under its log does not end the watchdog", async () => {
  const scene = sceneWith();
  await scene.deadRun();
  const directory = scene.workspace.runDirectory(1);
  mkdirSync(directory, { recursive: true });
  await writeWhole(join(directory, sidecarFiles.settings), { ...settingsOf(scene), probe: true });
  const full = openSync("/dev/full", "a");
  const child = spawn(process.execPath, [fileURLToPath(new URL("sidecar-main.ts", import.meta.url)), directory], { stdio: ["ignore", full, full] });
  const over = new Promise<string>((resolve) => child.once("exit", () => resolve("ended")));
  try {
    while ((await readWhole(join(directory, sidecarFiles.readiness))) === null) await delay(20);
    expect(await Promise.race([over, delay(700, "lives")])).toBe("lives");
  } finally {
    child.kill("SIGKILL");
    await over;
    closeSync(full);
  }
});
