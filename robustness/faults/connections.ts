// Dropped connections: the helper on a host is killed at moments that a seed chooses.
import { readFile, readdir } from "node:fs/promises";
import { delay, type Scenario } from "./scene.ts";

/** The helpers that a worker has started, found as its descendants. The sidecar is one too, and no connection. */
async function descendants(of: number): Promise<readonly number[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    if ((await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "")).includes("sidecar")) continue;
    parents.set(Number(name), Number(/\) \S (\d+)/.exec(stat)?.[1] ?? 0));
  }
  const children = (pid: number): readonly number[] =>
    [...parents].filter(([, parent]) => parent === pid).flatMap(([child]) => [child, ...children(child)]);
  return children(of);
}

/** A small generator of numbers, so that a failure can be played again. */
const numbers = (seed: number) => (): number => {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
  return seed / 0x7fffffff;
};

export const droppedConnections = (seed: number): Scenario => ({
  name: `the host helpers are killed again and again (seed ${seed})`,
  kind: "helper killed",
  async play(scene) {
    const { stand } = scene;
    const random = numbers(seed);
    await scene.load();
    const apply = stand.start(await stand.applyArgs());
    const state = { over: false };
    const killing = (async (): Promise<number> => {
      await scene.reached("acting", null);
      let kills = 0;
      while (!state.over && kills < 12) {
        await delay(100 + 500 * random());
        const found = await descendants(apply.pid);
        const chosen = found[Math.floor(random() * found.length)];
        if (chosen === undefined) continue;
        try {
          process.kill(chosen, "SIGKILL");
          kills++;
        } catch {
          // it had ended by itself
        }
      }
      return kills;
    })();
    try {
      const ended = await apply.ended;
      state.over = true;
      const kills = await killing;
      scene.expect(kills > 2, `only ${kills} helpers were killed`);
      scene.expectExit("apply", ended, 0);
      await scene.expectEnd(`${kills} helpers killed`);
    } finally {
      state.over = true;
      apply.kill("SIGKILL");
    }
  },
});
