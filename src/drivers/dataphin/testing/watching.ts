// What the process beside a run does, on virtual time: every feature tried again and again, every event collected; with what was under way at each moment.
import type { Json } from "../../../model/json.ts";
import type { EventWatch, Watched, Watches } from "../../../model/watch.ts";
import type { MemoryRun } from "./memory-run.ts";

export interface Tried {
  readonly at: number;
  readonly works: boolean;
  readonly why: string;
}
export class Watching {
  readonly tried = new Map<string, Tried[]>();
  readonly events: Watched["events"][number][] = [];
  readonly #run: MemoryRun;
  readonly #watches: Watches;
  readonly #cursors = new Map<string, Json>();
  #over = false;

  constructor(run: MemoryRun, watches: Watches) {
    this.#run = run;
    this.#watches = watches;
  }
  /** In virtual time, until `stop`. */
  start(): void {
    const { world } = this.#run.lab;
    for (const watch of this.#watches.features) {
      const { feature, everyMs } = watch;
      const tries: Tried[] = [];
      this.tried.set(feature, tries);
      this.#again(everyMs, async () => {
        const at = world.now();
        const outcome = await watch.try(new AbortController().signal).catch((error: unknown) => ({ is: "failed" as const, why: String(error) }));
        tries.push({ at, works: outcome.is === "works", why: outcome.is === "works" ? (outcome.detail ?? "") : outcome.why });
      });
    }
    for (const watch of this.#watches.events) this.#again(watch.everyMs, () => this.#collect(watch));
  }
  #again(everyMs: number, act: () => Promise<void>): void {
    const next = (): void => {
      if (this.#over) return;
      void act().then(() => this.#run.lab.world.after(everyMs, next));
    };
    next();
  }
  async #collect(watch: EventWatch): Promise<void> {
    try {
      const { events, cursor } = await watch.collect(this.#cursors.get(watch.name) ?? null);
      this.#cursors.set(watch.name, JSON.parse(JSON.stringify(cursor)) as Json);
      const fresh = events.filter(({ key }) => !this.events.some((each) => each.watch === watch.name && each.key === key));
      const seenAt = this.#run.lab.world.now();
      this.events.push(...fresh.map((event) => ({ ...event, watch: watch.name, policy: watch.policy, why: watch.why, seenAt, deliveredAt: null })));
    } catch {
      // It cannot see: asked again.
    }
  }
  /** The last collect, and everything that was seen. */
  async stop(): Promise<Watched> {
    this.#over = true;
    for (const watch of this.#watches.events) await this.#collect(watch);
    return { features: [], events: this.events };
  }
  /** Part of the tries in the stretch that worked, 0 to 1. Error when there was none. */
  works(feature: string, from: number, to: number): number {
    const tries = (this.tried.get(feature) ?? []).filter(({ at }) => at >= from && at < to);
    if (tries.length === 0) throw new Error(`${feature} was not tried`);
    return tries.filter(({ works }) => works).length / tries.length;
  }
}
