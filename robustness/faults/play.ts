// Plays the scenarios, one after the other on each of a few standing clusters.
import { count, noFigures, type Figures } from "../harness/figures.ts";
import type { Options } from "../harness/options.ts";
import { baseRun, type BaseRun } from "../postgres/crash-matrix.ts";
import { Stand } from "../postgres/stand.ts";
import { scenarios, wayBackFrom } from "./index.ts";
import { Scene, type Scenario } from "./scene.ts";

/** A cluster with its undisturbed run, made when the first scenario wants it. */
class Stands {
  readonly #made = new Map<string, { readonly stand: Stand; readonly base: BaseRun }>();

  async of(scenario: Scenario): Promise<{ readonly stand: Stand; readonly base: BaseRun }> {
    const key = JSON.stringify(scenario.cluster ?? {});
    const made = this.#made.get(key);
    if (made) return made;
    const stand = await Stand.create(scenario.cluster);
    try {
      const fresh = { stand, base: await baseRun(stand, false) };
      this.#made.set(key, fresh);
      return fresh;
    } catch (error) {
      await stand.destroy();
      throw error;
    }
  }
  async destroy(): Promise<void> {
    for (const { stand } of this.#made.values()) await stand.destroy();
  }
}

export async function playScenario(scenario: Scenario, stand: Stand, base: BaseRun): Promise<Scene> {
  const scene = new Scene(stand, base);
  try {
    await stand.plan();
    await stand.restore({ staged: scenario.staged ?? true });
    await scenario.play(scene);
  } catch (error) {
    scene.wrong.push(`the scenario ended early: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    scene.end();
    await stand.endSidecars();
  }
  return scene;
}

const all = (options: Options, chosen: readonly Scenario[]): readonly Scenario[] =>
  chosen
    .filter(({ name, kind }) => options.only === null || options.only.test(`${kind}: ${name}`))
    .filter((_, index) => (index + options.seed) % options.every === 0);

export const faults = (options: Options, log: (line: string) => void): Promise<Figures> => playAll(options, log, async () => scenarios);

/** The way back from every step that an undisturbed run does. */
export const wayBackMatrix = (options: Options, log: (line: string) => void): Promise<Figures> =>
  playAll(options, log, async (stands) => {
    const { base } = await stands.of({ name: "", kind: "", play: async () => undefined });
    // Which standby takes over is not the same each time: the last step of the move stands for those inside it.
    return wayBackFrom(base.steps.map(({ step }) => step));
  });

async function playAll(options: Options, log: (line: string) => void, choose: (stands: Stands) => Promise<readonly Scenario[]>): Promise<Figures> {
  const figures = noFigures();
  let queue: Scenario[] | null = null;
  const work = async (): Promise<void> => {
    const stands = new Stands();
    try {
      const chosen = all(options, await choose(stands));
      queue ??= [...chosen];
      for (let scenario = queue.shift(); scenario; scenario = queue.shift()) await playOne(scenario, stands, figures, log);
    } finally {
      await stands.destroy();
    }
  };
  await Promise.all(Array.from({ length: options.workers }, work));
  return figures;
}

async function playOne(scenario: Scenario, stands: Stands, figures: Figures, log: (line: string) => void): Promise<void> {
  const { name, kind } = scenario;
  const why = scenario.cannot?.() ?? null;
  if (why !== null) {
    figures.skipped.push(`${name}: ${why}`);
    return log(`${name}: skipped: ${why}`);
  }
  const { stand, base } = await stands.of(scenario);
  const begun = performance.now();
  const scene = await playScenario(scenario, stand, base);
  figures.runs++;
  count(figures.faults, kind);
  figures.lost += scene.lost;
  figures.leftovers += scene.leftovers;
  figures.extraRestarts += scene.restarts;
  figures.doubleActions += scene.actions;
  figures.broken.push(...scene.wrong.map((each) => `${name}: ${each}`));
  const result = scene.wrong.length === 0 ? "as it should be" : `${scene.wrong.length} wrong: ${scene.wrong[0] ?? ""}`;
  log(`${name}: ${result} (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
}
