// Shows a run while it is under way: a screen on a terminal, a line for each event in a pipe, nothing with --json.
import type { Progress, RunRecord } from "../../usecases/run-types.ts";
import type { JournalEntry } from "../../model/event.ts";
import type { ProbeStatus } from "../../usecases/probe-status.ts";
import type { RunView } from "../../usecases/run-view.ts";
import type { Context } from "../context.ts";
import { EventLines } from "../render/events.ts";
import { LiveScreen } from "../render/live.ts";
import { styleFor } from "../render/style.ts";
import { watchLines } from "../render/watch.ts";

export interface Seen {
  readonly record: RunRecord;
  /** Computed only by what shows it: a pipe gets lines, and needs none. */
  view(): RunView;
  readonly probe: ProbeStatus | null;
  /** New since the last time. */
  readonly entries: readonly JournalEntry[];
}

export interface Keys {
  readonly text: string;
  pressed(key: string): void;
}

/** What shows a run. `end` gives the terminal back. */
export interface Shown {
  see(seen: Seen): void;
  progress(progress: Progress): void;
  /** Said once, and kept in view. */
  notice(text: string): void;
  end(): void;
}

export function show(context: Context, keys: Keys | null): Shown {
  if (context.json) return { see: () => undefined, progress: () => undefined, notice: () => undefined, end: () => undefined };
  return context.io.out.isTty ? new Screen(context, keys) : new Lines(context);
}

class Lines implements Shown {
  readonly #context: Context;
  #events: EventLines | null = null;
  constructor(context: Context) {
    this.#context = context;
  }
  see({ record, entries }: Seen): void {
    this.#events ??= new EventLines(record.plan);
    for (const entry of entries) this.#context.print(this.#events.entry(entry));
  }
  progress(progress: Progress): void {
    if (this.#events) this.#context.print(this.#events.progress(progress));
  }
  notice(text: string): void {
    this.#context.io.err.write(`${text}\n`);
  }
  end(): void {
    this.#events = null;
  }
}

class Screen implements Shown {
  readonly #context: Context;
  readonly #live: LiveScreen;
  readonly #keys: Keys | null;
  readonly #timer: NodeJS.Timeout;
  readonly #giveBack: readonly (() => void)[];
  #seen: Seen | null = null;
  #view: RunView | null = null;
  #viewedAt = 0;
  #details = false;
  #notice: string | null = null;
  #ended = false;

  constructor(context: Context, keys: Keys | null) {
    this.#context = context;
    this.#keys = keys;
    this.#live = new LiveScreen(context.io.out);
    // Between two events only the clocks move; in a burst of events nobody can read more than this.
    this.#timer = setInterval(() => this.#draw(), 200);
    this.#timer.unref();
    const { io } = context;
    // The cursor stays visible: it stands below the frame, and after a kill -9 nobody would bring it back.
    this.#giveBack = [io.onResize(() => this.#draw()), ...(keys === null ? [] : [io.onKey((key) => this.#pressed(key))])];
  }
  see(seen: Seen): void {
    this.#seen = seen;
    this.#view = null;
    if (this.#viewedAt === 0) this.#draw();
  }
  progress(): void {
    // The next view says what is waited for.
  }
  notice(text: string): void {
    // The terminal was given back: an answer that comes later than that must not draw over what follows.
    if (this.#ended) return;
    this.#notice = text;
    this.#draw();
  }
  end(): void {
    clearInterval(this.#timer);
    this.#ended = true;
    this.#notice = "";
    this.#draw();
    for (const give of this.#giveBack) give();
  }
  #pressed(key: string): void {
    if (key === "d") {
      this.#details = !this.#details;
      this.#draw();
    } else this.#keys?.pressed(key);
  }
  #draw(): void {
    if (this.#seen === null) return;
    const { io } = this.#context;
    const now = io.now();
    if (this.#view === null) [this.#view, this.#viewedAt] = [this.#seen.view(), now];
    const [view, { probe }] = [this.#view, this.#seen];
    const moving = view.state === "running" || view.state === "pausing" || view.state === "aborting";
    const elapsedMs = view.elapsedMs + (moving ? Math.max(0, now - this.#viewedAt) : 0);
    // The run is over, and the process still works on its verdict.
    const reading = (view.state === "succeeded" || view.state === "aborted") && !this.#ended ? "reading everything back for the report" : null;
    const frame = {
      view: { ...view, elapsedMs },
      probe,
      now,
      height: io.out.rows() ?? 24,
      details: this.#details,
      notice: this.#notice ?? reading,
      keys: this.#keys?.text ?? null,
    };
    this.#live.draw(watchLines(frame, styleFor(io.out, io.environment)));
  }
}
