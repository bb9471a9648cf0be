// The state of a run: a fold of its plan and its journal. Pure.
import { StillwaterError, type ErrorCode } from "../model/errors.ts";
import type { ForcedEnd, RunEnd, RunEvent } from "../model/event.ts";
import type { Json } from "../model/json.ts";
import { isUndo, type Item, type Step, type Turn } from "../model/step.ts";

export interface StepState {
  /** Undefined: nothing of this step is in the journal. */
  before: Json | undefined;
  acts: number;
  /** When the first act of this try was; 0: none. */
  trying: number;
  actedAt: number;
  /** When the last act can no longer take effect unseen. */
  settled: number;
  answered: boolean;
  /** Until when an earlier act without an answer may still arrive. */
  flight: number;
  /** Refusals in a row, and the last one's words. */
  refusals: number;
  refusal: string | null;
  receipt: Json | null;
  rounds: (readonly Item[])[];
  done: boolean;
  skipped: boolean;
  proof: Json;
  lost: boolean;
  undone: boolean;
  /** How often the watchdog put it back: the next undo has ids of its own. */
  releases: number;
  asked: string | null;
  approved: boolean;
  /** Who says that it has happened, until a look has confirmed or contradicted him. */
  word: string | null;
}
const fresh = (): StepState => ({
  before: undefined,
  acts: 0,
  trying: 0,
  actedAt: 0,
  settled: 0,
  answered: true,
  flight: 0,
  refusals: 0,
  refusal: null,
  receipt: null,
  rounds: [],
  done: false,
  skipped: false,
  proof: null,
  lost: false,
  undone: false,
  releases: 0,
  asked: null,
  approved: false,
  word: null,
});

export interface Paused {
  readonly step: string | null;
  readonly code: string;
  readonly why: string;
}

export class RunFold {
  readonly turns: readonly Turn[];
  readonly steps = new Map<string, StepState>();
  /** Every step that the plan, an expansion or an undo has named. */
  readonly known = new Map<string, Step>();
  aborting: { readonly turn: string | null; readonly finish: boolean } | null = null;
  finished: RunEnd | null = null;
  forced: ForcedEnd | null = null;
  paused: Paused | null = null;
  /** The worker has stopped in order, and nobody has gone on since; an answer alone is not going on. */
  standing = false;
  /** The step that waits for a person. */
  asking: string | null = null;
  askedCode: ErrorCode = "SW2007";
  /** Rises with every event: what was computed from the fold is valid as long as it has not changed. */
  revision = 0;

  constructor(turns: readonly Turn[], events: readonly RunEvent[] = []) {
    this.turns = turns;
    for (const turn of turns) this.learn(turn.items);
    for (const event of events) this.fold(event);
  }

  learn(items: readonly Item[]): readonly Item[] {
    for (const item of items) if (!isUndo(item)) this.known.set(item.id, item);
    return items;
  }
  of(id: string): StepState {
    let state = this.steps.get(id);
    if (!state) this.steps.set(id, (state = fresh()));
    return state;
  }
  step(id: string): Step {
    const step = this.known.get(id);
    if (!step) throw new StillwaterError("SW4003", `The journal or the plan names a step that does not exist: ${id}.`, { object: id });
    return step;
  }

  /** Acts that the journal has in the future: the clock was set back since. They count as made now, or nobody would act again before that future. */
  notAfter(now: number): void {
    for (const state of this.steps.values()) {
      const ahead = state.actedAt - now;
      if (ahead <= 0) continue;
      state.actedAt = now;
      state.settled -= ahead;
      state.flight = Math.min(state.flight, state.settled);
      if (state.trying > now) state.trying = now;
    }
  }

  fold(event: RunEvent): void {
    this.revision++;
    if (event.is === "paused" || event.is === "asked") this.standing = true;
    else if (event.is !== "answered" && event.is !== "alarm") this.standing = false;
    switch (event.is) {
      case "claimed":
        this.paused = null;
        for (const state of this.steps.values()) state.refusals = 0;
        return;
      case "paused":
        this.paused = { step: event.step, code: event.code, why: event.why };
        return;
      case "aborting":
        this.aborting = { turn: event.turn, finish: event.finish };
        this.asking = null;
        return;
      case "finished":
        this.finished = event.as;
        this.forced = event.forced ?? null;
        return;
      case "alarm":
        return;
      case "acting":
      case "acted":
      case "refused":
      case "expanded":
      case "done":
      case "lost":
      case "undone":
      case "released":
      case "absent":
      case "asked":
      case "answered":
        this.#step(event, this.of(event.step));
    }
  }

  /** What a step expanded into was put back with it: when it is done again, it needs an undo of its own again. */
  #released(state: StepState): void {
    state.releases++;
    // The last answer tells of a time before it was put back: a look that goes by it would find done what is not.
    state.receipt = null;
    for (const child of state.rounds.flat()) if (!isUndo(child)) this.#released(this.of(child.id));
  }

  #step(event: Extract<RunEvent, { readonly is: StepEvent }>, state: StepState): void {
    if ("before" in event && event.before !== undefined) state.before = event.before;
    switch (event.is) {
      case "acting":
        if (!state.answered) state.flight = state.settled;
        if (!state.trying) state.trying = event.at;
        state.acts++;
        state.actedAt = event.at;
        state.settled = event.settled;
        state.answered = false;
        return;
      case "acted":
        state.answered = true;
        state.receipt = event.receipt;
        state.refusals = 0;
        return;
      case "refused":
        state.answered = true;
        state.settled = 0;
        state.refusals++;
        state.refusal = event.why;
        return;
      case "expanded":
        state.rounds.push(this.learn(event.into));
        return;
      case "done":
        state.done = true;
        state.lost = false;
        state.word = null;
        state.trying = 0;
        state.proof = event.proof;
        return;
      case "lost":
        state.done = false;
        state.lost = true;
        return;
      case "undone":
        state.undone = true;
        return;
      case "released":
        state.done = false;
        state.lost = true;
        this.#released(state);
        return;
      case "absent":
        state.word = null;
        state.acts = 0;
        state.trying = 0;
        return;
      case "asked":
        state.asked = event.question;
        state.word = null;
        this.asking = event.step;
        this.askedCode = event.code;
        return;
      case "answered":
        state.asked = null;
        if (this.asking === event.step) this.asking = null;
        this.paused = null;
        state.trying = 0;
        state.refusals = 0;
        if (event.answer === "approve") state.approved = true;
        if (event.answer === "done") state.word = event.by;
        if (event.answer === "skip") state.done = state.skipped = true;
        return;
    }
  }
}
type StepEvent = "acting" | "acted" | "refused" | "expanded" | "done" | "lost" | "undone" | "released" | "absent" | "asked" | "answered";
