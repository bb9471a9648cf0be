// The watches of a run on a lab's virtual time: what the process beside a run does in real time, with the same folds.
import type { VirtualWorld } from "../lab/kit/virtual.ts";
import { afterCollect, afterTry, nothingWatched, watchedOf, type WatchState } from "../src/continuity/watching/fold.ts";
import type { EventWatch, FeatureOutcome, FeatureWatch, Watched, Watches } from "../src/model/watch.ts";

export interface VirtualWatch {
  /** Ends every watch, looks for events a last time, and tells all that was seen. In virtual time. */
  finish(): Promise<Watched>;
}

/** Begins at once; whoever drives the world drives it too. */
export function watchInVirtualTime(world: VirtualWorld, { features, events }: Watches): VirtualWatch {
  let state: WatchState = nothingWatched;
  const ending = new AbortController();
  const again = async (everyMs: number, act: () => Promise<void>): Promise<void> => {
    while (!ending.signal.aborted) {
      const begun = world.now();
      await act();
      await world.sleep(Math.max(1, everyMs - (world.now() - begun)));
    }
  };
  const tryOnce = async (watch: FeatureWatch): Promise<void> => {
    const from = world.now();
    const outcome = await within(world, watch);
    if (outcome.is === "works" || !ending.signal.aborted) state = afterTry(state, watch, { outcome, from, to: world.now() });
  };
  const collect = async (watch: EventWatch): Promise<void> => {
    try {
      const found = await watch.collect(state.cursors[watch.name] ?? null);
      state = afterCollect(state, watch, { ...found, at: world.now() });
    } catch {
      // It cannot see now: it is asked again.
    }
  };
  const working = [
    ...features.map((watch) => again(watch.everyMs, () => tryOnce(watch))),
    ...events.map((watch) => again(watch.everyMs, () => collect(watch))),
  ];
  return {
    async finish() {
      ending.abort();
      await Promise.all(working);
      for (const watch of events) await collect(watch);
      return watchedOf(state);
    },
  };
}

async function within(world: VirtualWorld, watch: FeatureWatch): Promise<FeatureOutcome> {
  const cut = new AbortController();
  const late = world.sleep(watch.withinMs).then((): FeatureOutcome => ({ is: "failed", why: `no answer within ${String(watch.withinMs)} ms` }));
  const tried = watch.try(cut.signal).catch((error: unknown): FeatureOutcome => ({
    is: "failed",
    why: error instanceof Error ? error.message : String(error),
  }));
  return Promise.race([tried, late]);
}
