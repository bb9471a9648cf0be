import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterEach, expect, test } from "vitest";
import { thisHolder } from "../../journal/process-identity.ts";
import type { Store } from "../../journal/store.ts";
import { StillwaterError } from "../../model/errors.ts";
import { abortRun } from "../../usecases/resume.ts";
import { writeWhole } from "../../usecases/sidecar.ts";
import { abortedLeavingOut, abortedWhole } from "../../usecases/testing/aborted.fixture.ts";
import { Scene } from "../../usecases/testing/scene.fixture.ts";
import { contextOf, until } from "../testing/context.fixture.ts";
import { TestIo } from "../testing/io.fixture.ts";
import { watching } from "./watching.ts";

const scenes: Scene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.close();
});

interface Watched {
  readonly scene: Scene;
  readonly store: Store;
  readonly io: TestIo;
  readonly press: (key: string) => void;
  /** What the screen has said, without its line breaks. */
  readonly said: () => string;
  readonly ended: Promise<number>;
}
/** A run that a living process works on, looked at on a terminal. */
async function watched(before: (scene: Scene) => Promise<unknown> = () => Promise.resolve()): Promise<Watched> {
  const scene = new Scene();
  scenes.push(scene);
  await scene.deadRun({ is: "acting", step: "n2/freeze", at: 1, settled: 1, before: null });
  const store = await scene.workspace.store();
  await store.claim({ cluster: "orders", holder: thisHolder("apply"), leaseMs: 15_000, above: 0, holderIsDead: () => true });
  await before(scene);
  const io = new TestIo({ columns: 80 });
  const ended = watching(contextOf(io, scene.workspace), {});
  await until(() => io.out.text.includes("[p] pause"));
  const press = (key: string): void => {
    for (const handler of io.keys) handler(key);
  };
  const said = (): string => stripVTControlCharacters(io.out.text).replaceAll(/\s+/g, " ");
  return { scene, store, io, press, said, ended };
}

test("p at the screen does not overtake an abort that has not begun, and says so", async () => {
  const { store, press, said, ended } = await watched((scene) =>
    abortRun(scene.workspace, { reason: "called off" }, { entry: () => undefined, progress: () => undefined }),
  );
  press("p");
  await until(() => said().includes("an abort was asked for, and comes first"));
  expect(await store.readSignal(1)).toMatchObject({ desired: "abort", reason: "called off" });
  press("q");
  expect(await ended).toBe(0);
});

test("p asks to pause, a to abort", async () => {
  const { store, press, ended } = await watched();
  press("p");
  await until(async () => (await store.readSignal(1)).desired === "pause");
  press("a");
  await until(async () => (await store.readSignal(1)).desired === "abort");
  press("q");
  expect(await ended).toBe(0);
});

test("a journal that cannot be written is told at the screen, which stays", async () => {
  const { store, press, said, ended } = await watched();
  const full = (): Promise<never> => Promise.reject(new StillwaterError("SW4002", "The journal cannot be written: the disk is full"));
  Object.assign(store, { signal: full, signalUnlessAbort: full });
  for (const [key, desired] of [
    ["p", "pause"],
    ["a", "abort"],
  ] as const) {
    press(key);
    await until(() => said().includes(`the ${desired} could not be asked for, and the run goes on: The journal cannot be written`));
  }
  press("q");
  expect(await ended).toBe(0);
});

test("an aborted run is told by the exit code of its report, and by what the journal knows where there is none", async () => {
  for (const [events, verdict, code] of [
    [abortedWhole, null, 7],
    [abortedWhole, "not-measured", 7],
    [abortedWhole, "fail", 1],
    [abortedLeavingOut, null, 1],
  ] as const) {
    const scene = new Scene();
    scenes.push(scene);
    await scene.deadRun(...events);
    mkdirSync(scene.workspace.runDirectory(1), { recursive: true });
    if (verdict !== null) await writeWhole(join(scene.workspace.runDirectory(1), "report.json"), { verdict });
    expect(await watching(contextOf(new TestIo(), scene.workspace), {})).toBe(code);
  }
});
