// Tries the features of a system again and again beside a run, and reads what it would have told its users. One process does it, beside the probe.
import { existsSync, renameSync } from "node:fs";
import { z } from "zod";
import type { Watched, EventWatch, FeatureOutcome, FeatureWatch, Watches } from "../../model/watch.ts";
import { readWhole, writeWhole } from "../files.ts";
import { afterBlind, afterCollect, afterDelivery, afterEnd, afterTry, dueEvents, nothingWatched, watchedOf, type WatchState } from "./fold.ts";

type DueEvent = Watched["events"][number];

export interface WatcherOptions {
  readonly watches: Watches;
  /** Rewritten twice a second while something happens; a successor goes on from it. */
  readonly file: string;
  readonly now: () => number;
  /** Hands an event to the operator. Throws when it did not reach him: tried again later. */
  readonly deliver: (event: DueEvent) => Promise<void>;
  readonly say: (text: string) => void;
  /** How long the end may take to hand over what waited for it, in ms: whoever concludes the run waits for it. Default 90,000. */
  readonly handOverMs?: number;
}
/** In the directory of a run or a probe. */
export const watchedFile = "watched.json";
const SAVE_EVERY_MS = 500;
const HAND_OVER_MS = 90_000;
const COLLECT_WITHIN_MS = 10_000;
/** After a delivery that failed. */
const DELIVER_AGAIN_MS = 5_000;

export class Watcher {
  readonly #options: WatcherOptions;
  readonly #stop = new AbortController();
  readonly #underWay = new Set<AbortController>();
  readonly #trouble = new Map<string, string>();
  #state: WatchState;
  #saved: WatchState;
  #working: Promise<unknown>[] = [];
  #delivering: Promise<void> | null = null;
  #deliverAfter = 0;

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#state = this.#saved = keptIn(options);
  }

  /** So far. */
  get seen(): Watched {
    return watchedOf(this.#state);
  }

  start(): void {
    const { features, events } = this.#options.watches;
    this.#working = [
      ...features.map((watch) => this.#again(watch.everyMs, () => this.#try(watch))),
      ...events.map((watch) => this.#again(watch.everyMs, () => this.#collect(watch))),
      this.#again(SAVE_EVERY_MS, async () => this.#save()),
    ];
  }

  /** Ends every try, looks for events a last time, hands over what waited for the end of the run, and returns all that was seen. */
  async finish(): Promise<Watched> {
    await this.#halt();
    await this.#tryWhatIsOut();
    this.#state = afterEnd(this.#state, this.#options.watches.features, this.#options.now());
    await Promise.all(this.#options.watches.events.map((watch) => this.#collect(watch)));
    await this.#delivering;
    this.#deliverAfter = 0;
    await this.#deliver(true);
    this.#save();
    return watchedOf(this.#state);
  }
  /** A feature that is tried seldom may work again since its last try, by what the run did last: it must not be told as one that does not work at the end. */
  async #tryWhatIsOut(): Promise<void> {
    const out = new Set(this.#state.features.flatMap(({ feature, outages }) => (outages.at(-1)?.to === null ? [feature] : [])));
    await Promise.all(this.#options.watches.features.filter(({ feature }) => out.has(feature)).map((watch) => this.#try(watch)));
  }
  /** Ends every try; a successor goes on. */
  async stop(): Promise<void> {
    await this.#halt();
    this.#save();
  }
  async #halt(): Promise<void> {
    this.#stop.abort();
    for (const each of this.#underWay) each.abort(new Error("the run is over"));
    await Promise.all(this.#working);
    await this.#delivering;
  }

  /** Each on its own clock: one that hangs must not keep the others from being tried. Begun every `everyMs`, or at once when one took longer. */
  async #again(everyMs: number, act: () => Promise<void>): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const begun = performance.now();
      await act();
      await this.#pause(everyMs - (performance.now() - begun));
    }
  }
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#stop.signal.aborted) return resolve();
      const end = (): void => {
        clearTimeout(timer);
        this.#stop.signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, Math.max(0, ms));
      this.#stop.signal.addEventListener("abort", end, { once: true });
    });
  }

  async #try(watch: FeatureWatch): Promise<void> {
    const from = this.#options.now();
    const outcome = await this.#outcome(watch);
    // A try that our own end cut short says nothing of the system.
    if (outcome.is !== "works" && this.#stop.signal.aborted) return;
    this.#state = afterTry(this.#state, watch, { outcome, from, to: this.#options.now() });
  }
  async #outcome(watch: FeatureWatch): Promise<FeatureOutcome> {
    try {
      return await this.#within(watch.withinMs, (signal) => watch.try(signal));
    } catch (error) {
      return { is: "failed", why: messageOf(error) };
    }
  }
  /** Rejects when the time is over, or our own end has come: whoever does not heed its signal must not keep the others waiting. */
  async #within<T>(ms: number, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    // By hand: a signal that is made for each try lives as long as its time-out, which at a hundred tries a second is most of the memory.
    const cut = new AbortController();
    let late: NodeJS.Timeout | undefined;
    const over = new Promise<never>((_, reject) => {
      cut.signal.addEventListener("abort", () => reject(cut.signal.reason instanceof Error ? cut.signal.reason : new Error("cut short")), {
        once: true,
      });
      late = setTimeout(() => cut.abort(new Error(`no answer within ${String(ms)} ms`)), ms);
    });
    this.#underWay.add(cut);
    try {
      return await Promise.race([act(cut.signal), over]);
    } finally {
      clearTimeout(late);
      this.#underWay.delete(cut);
    }
  }

  async #collect(watch: EventWatch): Promise<void> {
    try {
      const { events, cursor } = await this.#within(COLLECT_WITHIN_MS, () => watch.collect(this.#state.cursors[watch.name] ?? null));
      this.#trouble.delete(watch.name);
      this.#state = afterCollect(this.#state, watch, { events, cursor, at: this.#options.now() });
    } catch (error) {
      this.#state = afterBlind(this.#state, watch, messageOf(error));
      this.#sayOnce(watch.name, messageOf(error));
    }
    this.#delivering ??= this.#deliver(false).finally(() => (this.#delivering = null));
  }

  async #deliver(finished: boolean): Promise<void> {
    if (this.#options.now() < this.#deliverAfter) return;
    const until = performance.now() + (this.#options.handOverMs ?? HAND_OVER_MS);
    const due = dueEvents(this.#state, finished);
    for (const [index, event] of due.entries()) {
      if (finished && performance.now() >= until)
        return this.#options.say(`${String(due.length - index)} events were not handed over: it took too long`);
      if (!finished && this.#stop.signal.aborted) return;
      try {
        await this.#options.deliver(event);
        this.#state = afterDelivery(this.#state, event, this.#options.now());
        // At once: what is not written down would be delivered again by a successor.
        this.#save();
      } catch (error) {
        this.#deliverAfter = this.#options.now() + DELIVER_AGAIN_MS;
        this.#options.say(`an event could not be handed over: ${messageOf(error)}`);
        return;
      }
    }
  }

  /** A full disk must end neither the watching nor the process that it shares with the watchdog: what was seen stays in memory until there is room. */
  #save(): void {
    if (this.#state === this.#saved) return;
    try {
      writeWhole(this.#options.file, this.#state);
      this.#saved = this.#state;
      this.#trouble.delete(this.#options.file);
    } catch (error) {
      this.#sayOnce(this.#options.file, messageOf(error));
    }
  }
  /** Not ten times a second. */
  #sayOnce(of: string, what: string): void {
    if (this.#trouble.get(of) !== what) this.#options.say(`${of}: ${what}`);
    this.#trouble.set(of, what);
  }
}

/** What a forerunner has seen. Whatever else is there must not end the process, which carries the watchdog too. */
function keptIn({ file, say }: WatcherOptions): WatchState {
  if (!existsSync(file)) return nothingWatched;
  const kept = readWhole(file);
  if (isState(kept)) return kept;
  renameSync(file, `${file}.damaged`);
  say(`${file} cannot be understood: it is set aside as ${file}.damaged, and what was seen before is not counted`);
  return nothingWatched;
}
const shape = z.looseObject({
  version: z.literal(1),
  features: z.array(z.looseObject({ feature: z.string(), outages: z.array(z.looseObject({})) })),
  events: z.array(z.looseObject({ key: z.string(), watch: z.string() })),
  lastTry: z.record(z.string(), z.number()),
  cursors: z.record(z.string(), z.unknown()),
});
const isState = (kept: unknown): kept is WatchState => shape.safeParse(kept).success;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
