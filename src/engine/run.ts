// The loop: fold, decide, look, act. Every wait goes through the clock it is given, every effect through the fence.
import type { Look } from "../model/driver.ts";
import { ClaimLost, Refused, StillwaterError, Unreachable, type ErrorCode } from "../model/errors.ts";
import type { RunEvent } from "../model/event.ts";
import type { Facts } from "../model/facts.ts";
import type { Json } from "../model/json.ts";
import type { Step } from "../model/step.ts";
import { Decider, isUndoStep, qualify } from "./decide.ts";
import { outsideOf } from "./expansion-bounds.ts";
import { Losses } from "./losses.ts";
import { Observer, reach } from "./observer.ts";
import { defaultTiming, finalRefusals, type Rule, type Timing } from "./rules.ts";
import { RunFold } from "./run-fold.ts";
import type { Outcome, RunRequest } from "./run-request.ts";
import type { Surroundings } from "./surroundings.ts";

/** Runs until the end, a pause or a question. Throws ClaimLost when somebody else took over: nothing was done after that. */
export async function run<F extends Facts>(request: RunRequest<F>): Promise<Outcome> {
  return new Runner(request).run();
}

const noRules: ReadonlySet<Rule> = new Set();

class Runner<F extends Facts> {
  readonly #request: RunRequest<F>;
  readonly #world: Surroundings;
  readonly #timing: Timing;
  readonly #without: ReadonlySet<Rule>;
  readonly #fold: RunFold;
  readonly #decider: Decider<F>;
  readonly #observer: Observer<F>;
  /** An answer is written together with what it led to: a crash between the two is a lost answer, which every look can bear. */
  #pending: RunEvent[] = [];
  /** No deadline runs while nobody is there. */
  readonly #began: number;
  #since: number;
  #poll: number;
  #kept = Number.NEGATIVE_INFINITY;
  /** The step under way, for whoever has to tell where it broke. */
  #at: string | null = null;
  readonly #released = new Set<string>();
  /** Who asked for a pause, and why. It is carried through also when he changes his mind: half of something may be put back. */
  #standDown: string | null = null;
  readonly #losses = new Losses();

  constructor(request: RunRequest<F>) {
    this.#request = request;
    this.#world = request.surroundings;
    this.#timing = request.timing ?? defaultTiming;
    this.#without = request.without ?? noRules;
    this.#fold = new RunFold(request.turns, request.events);
    this.#decider = new Decider(this.#fold, request.driver.operations);
    const world = this.#world;
    this.#observer = new Observer(request.driver, this.#decider, this.#without, () => world.now());
    this.#began = world.now();
    this.#fold.notAfter(this.#began);
    this.#since = this.#began;
    this.#poll = this.#timing.pollMinMs;
  }

  async run(): Promise<Outcome> {
    try {
      if (!this.#request.release) await this.#takeUp();
      for (;;) {
        this.#at = null;
        const outcome = await this.#tick();
        if (outcome) return outcome;
      }
    } catch (error) {
      return this.#defect(error);
    }
  }

  /** Nobody knows what it means: the run stands still where the journal says so, instead of vanishing and being taken for dead. */
  async #defect(error: unknown): Promise<Outcome> {
    if (this.#request.onDefect !== "pause" || error instanceof ClaimLost) throw error;
    const code = error instanceof StillwaterError ? error.code : "SW9999";
    const where =
      error instanceof Error && !(error instanceof StillwaterError) ? (error.stack?.split("\n").find((line) => /^\s+at /.test(line)) ?? "") : "";
    try {
      return await this.#pause(this.#at, code, `${String(error)}${where === "" ? "" : ` (${where.trim()})`}`);
    } catch (journal) {
      // It could not be written down: then the first error is the one to tell.
      throw journal instanceof ClaimLost ? journal : error;
    }
  }

  /** What is put back by half counts as released: the ordinary loop sets it again, and its undo starts afresh. */
  async #takeUp(): Promise<void> {
    if (this.#fold.finished) return;
    for (const step of this.#decider.halfReleased()) await this.#append({ is: "released", step: step.id });
  }

  /** One look at where we are, and at most one thing done about it. */
  async #tick(): Promise<Outcome | null> {
    const { finished, asking } = this.#fold;
    if (finished) return { is: finished };
    if (this.#request.release) return this.#release(this.#request.release);
    const signal = this.#world.signal();
    if (signal.desired === "abort" && !this.#fold.aborting) {
      const until = this.#flight(null);
      if (this.#world.now() >= until) return this.#abort(signal.by, signal.reason);
      // Whoever calls the run off is not sent back to the question that he has left behind.
      if (asking !== null) return this.#settle(asking, until);
    }
    if (signal.desired === "pause") this.#standDown ??= `${signal.by}: ${signal.reason}`;
    if (this.#standDown !== null) return this.#standStill(this.#standDown);
    if (asking !== null) {
      const state = this.#fold.of(asking);
      return { is: "asks", step: asking, code: this.#fold.askedCode, question: state.asked ?? "" };
    }
    let action = this.#decider.next(this.#decider.path());
    const lost = await this.#keep(action === null);
    if (lost && "is" in lost) return lost;
    if (lost) action = this.#decider.next([lost]);
    if (!action) return this.#end();
    if (action.do === "close") {
      await this.#append({ is: "undone", step: action.step.id });
      return null;
    }
    return this.#advance(action.step);
  }

  // ------------------------------------------------------------------------------------------------ the journal

  async #append(event: RunEvent): Promise<void> {
    const events = [...this.#pending, event];
    this.#pending = [];
    await this.#world.append(events);
    this.#fold.fold(event);
    this.#since = this.#world.now();
    this.#poll = this.#timing.pollMinMs;
  }
  /** An answer of the cluster: it counts now, and is written with the next event. */
  #answer(event: RunEvent): void {
    this.#fold.fold(event);
    this.#pending.push(event);
  }

  async #pause(step: string | null, code: ErrorCode | "operator", why: string): Promise<Outcome> {
    // The watchdog tries again later; a pause in the journal would say that somebody has stopped the run in order.
    if (!this.#request.release) await this.#append({ is: "paused", step, code, why });
    return { is: "paused", code, step, why };
  }
  /** Wait a little, or give up and say what we were waiting for. */
  async #wait(step: string | null, code: ErrorCode, why: string, within: number = this.#timing.patienceMs): Promise<Outcome | null> {
    this.#world.progress(step, why);
    if (this.#world.now() - this.#since > within) return this.#pause(step, code, why);
    await this.#sleep();
    return null;
  }
  async #sleep(atMost: number = this.#timing.pollMaxMs): Promise<void> {
    await this.#world.sleep(Math.max(1, Math.min(this.#poll, atMost)));
    this.#poll = Math.min(this.#timing.pollMaxMs, this.#poll * 1.5);
  }

  /** Until then an effect that nobody has seen may still arrive or appear. An answer lets the step itself look at once; others wait until it was seen. */
  #flight(own: string | null): number {
    if (this.#without.has("settle")) return 0;
    let until = 0;
    for (const [id, state] of this.#fold.steps) {
      const seen = state.answered && (state.done || id === own || this.#without.has("answered"));
      until = Math.max(until, seen ? state.flight : Math.max(state.flight, state.settled));
    }
    return until;
  }

  // ------------------------------------------------------------------------------------------------ leases and ledgers

  /** A held step that is seen not to hold any more, marked as lost so that the ordinary loop does it again. Unreachable is not lost. */
  async #keep(idle: boolean): Promise<Step | Outcome | null> {
    if (this.#without.has("keep")) return null;
    const held = this.#decider.held();
    if (held.length === 0) return null;
    const already = held.find((step) => !this.#fold.of(step.id).done);
    if (already) return already;
    if (!idle && this.#world.now() - this.#kept < this.#timing.keepMs) return null;
    this.#kept = this.#world.now();
    for (const step of held) {
      const verdict = await this.#observer.look(step, this.#fold.of(step.id).before ?? null);
      const gone = verdict.is === "open" || verdict.is === "expand" || (verdict.is === "waiting" && this.#without.has("unreachable-is-not-lost"));
      if (!gone) continue;
      if (this.#losses.isFight(step.id, this.#world.now()))
        return this.#pause(step.id, "SW2102", "it is set, and taken away again and again: somebody else manages it too");
      await this.#append({ is: "lost", step: step.id });
      return step;
    }
    return null;
  }

  /** The dead man's part. A step is put back once: afterwards it counts as lost, so that a resume sets it again. */
  async #release(ids: readonly string[]): Promise<Outcome | null> {
    const step = ids.map((id) => this.#fold.step(id)).find((held) => !this.#released.has(held.id));
    if (!step) return { is: "released" };
    const action = this.#decider.next(this.#decider.undoing(step));
    if (action?.do === "advance") return this.#advance(action.step);
    this.#released.add(step.id);
    await this.#append({ is: "released", step: step.id });
    return null;
  }

  /**
   * An operator's pause. What the watchdog would release if we died is put back first: nobody's writes stay refused over a lunch. A resume sets it again,
   * as after a death.
   */
  async #standStill(why: string): Promise<Outcome | null> {
    const left = this.#decider.left().findLast((step) => step.held === "release" && !this.#released.has(step.id));
    return left === undefined ? this.#pause(null, "operator", why) : this.#release([left.id]);
  }

  // ------------------------------------------------------------------------------------------------ abort and end

  async #abort(by: string, reason: string): Promise<Outcome | null> {
    const turn = this.#decider.openTurn();
    let finish = false;
    for (const step of this.#without.has("commit") ? [] : this.#decider.committing(turn)) {
      const state = this.#fold.of(step.id);
      if (!this.#decider.mayHaveBegun(step)) continue;
      const verdict: Look =
        state.done || this.#without.has("resolve-commit") ? { is: "done" } : await this.#observer.look(step, state.before ?? null);
      if (verdict.is === "open") await this.#append({ is: "absent", step: step.id });
      else if (verdict.is === "done" || state.word !== null) finish = true;
      else return this.#wait(step.id, "SW2102", "whether the point of no return of this turn was passed");
    }
    await this.#append({ is: "aborting", turn: turn?.id ?? null, finish, by, reason });
    await this.#takeUp();
    return null;
  }

  async #end(): Promise<Outcome | null> {
    const wrong = await this.#observer.gate();
    if (wrong.length > 0) return this.#wait(null, "SW2101", wrong.join("; "));
    await this.#append({ is: "finished", as: this.#fold.aborting ? "aborted" : "succeeded" });
    return null;
  }

  // ------------------------------------------------------------------------------------------------ one step

  async #advance(step: Step): Promise<Outcome | null> {
    this.#at = step.id;
    const state = this.#fold.of(step.id);
    // What is held may be set again at once: the same value twice does no harm, and without it the cluster is unprotected.
    const until = this.#flight(step.id);
    if (this.#world.now() < until && (!step.held || this.#without.has("held-at-once"))) return this.#settle(step.id, until);
    if (state.word !== null) return this.#confirm(step, state.word);
    const turn = this.#decider.turnOf(step);
    if (turn && !turn.heals && this.#decider.unseen(turn) && !this.#without.has("gate")) {
      const wrong = await this.#observer.gate();
      if (wrong.length > 0) return this.#wait(step.id, "SW2101", wrong.join("; "));
    }

    // Before anything of this step is in the journal, read what an undo will need. A person's step counts as begun when he is asked.
    const recording = state.before === undefined || this.#without.has("first-before");
    const operation = this.#decider.operation(step);
    let before = state.before;
    if (recording) {
      const read = await reach(async () => (await operation.prepare?.(step.params, this.#observer.reading)) ?? null);
      if (read instanceof StillwaterError) return this.#wait(step.id, "SW2102", read.message, step.withinMs);
      before = read;
    }
    const note = recording ? { before: before ?? null } : {};
    if (step.ask !== undefined && !state.approved) {
      await this.#append({ is: "asked", step: step.id, code: "SW2007", question: step.ask, ...(operation.act ? {} : note) });
      return null;
    }
    return this.#judge(step, before ?? null, note);
  }

  async #settle(step: string, until: number): Promise<null> {
    this.#world.progress(step, "an earlier request may still arrive");
    await this.#sleep(until - this.#world.now());
    return null;
  }

  /** A person says that it has happened. A look that sees the contrary is put to him again: what is still set must not count as put back. */
  async #confirm(step: Step, word: string): Promise<Outcome | null> {
    const verdict = await this.#observer.look(step, this.#fold.of(step.id).before ?? null);
    if (verdict.is === "open" || verdict.is === "expand") {
      const found = verdict.is === "open" && verdict.why !== undefined ? `: ${verdict.why}` : "";
      const question = `${word} says that it has happened, and it has not${found}`;
      if (!this.#request.release) await this.#append({ is: "asked", step: step.id, code: "SW2103", question });
      return { is: "asks", step: step.id, code: "SW2103", question };
    }
    await this.#append(
      verdict.is === "done" ? { is: "done", step: step.id, proof: verdict.proof ?? null } : { is: "done", step: step.id, proof: null, word },
    );
    return null;
  }

  async #judge(step: Step, before: Json, note: { readonly before?: Json }): Promise<Outcome | null> {
    const state = this.#fold.of(step.id);
    const verdict = await this.#observer.look(step, before);
    switch (verdict.is) {
      case "done":
        await this.#append({ is: "done", step: step.id, proof: verdict.proof ?? null, ...note });
        return null;
      case "unclear": {
        const question = `known: ${verdict.known.join(", ")}; unknown: ${verdict.unknown.join(", ")}`;
        // A putting back that asks has begun: what the person clears by himself meanwhile must not be taken for lost, and set again.
        const begun = isUndoStep(step) ? note : {};
        if (!this.#request.release) await this.#append({ is: "asked", step: step.id, code: "SW2103", question, ...begun });
        return { is: "asks", step: step.id, code: "SW2103", question };
      }
      case "expand": {
        // Nothing first and not done either: an expansion of nothing would be looked at again at once, for ever.
        if (verdict.into.length === 0) return this.#wait(step.id, "SW2102", "there is nothing left to do for it, and it is not done", step.withinMs);
        const outside = this.#without.has("bounds") ? null : outsideOf(step, state.rounds.flat().length, verdict.into);
        if (outside !== null) return this.#pause(step.id, "SW2105", outside);
        const event: RunEvent = { is: "expanded", step: step.id, into: qualify(verdict.into, `${step.id}/${state.rounds.length}.`), ...note };
        if (this.#without.has("journal-expansion")) this.#fold.fold(event);
        else await this.#append(event);
        return null;
      }
      case "waiting":
        return this.#wait(step.id, "SW2102", verdict.for, step.withinMs);
      case "open":
        return this.#open(step, verdict.why, before, note);
    }
  }

  async #open(step: Step, found: string | undefined, before: Json, note: { readonly before?: Json }): Promise<Outcome | null> {
    const why = found ?? "not yet";
    const state = this.#fold.of(step.id);
    const operation = this.#decider.operation(step);
    const backOff = this.#timing.pollMaxMs * 2 ** Math.max(0, state.refusals - 1);
    const soonest = state.actedAt + (state.acts > 0 ? backOff : 0);
    const answered = operation.answersSettle === true && state.answered;
    const again = step.held || answered || this.#without.has("settle") ? soonest : Math.max(state.settled, soonest);
    if (!operation.act || (state.acts > 0 && this.#world.now() < again)) return this.#wait(step.id, "SW2102", why, step.withinMs);
    if (state.refusals >= this.#timing.refusals) return this.#pause(step.id, "SW2106", state.refusal ?? why);
    if (state.trying && this.#world.now() - Math.max(state.trying, this.#began) > (step.withinMs ?? this.#timing.patienceMs))
      return this.#pause(step.id, "SW2102", `acted ${state.acts} times without effect: ${why}`);
    if (this.#decider.held().every((held) => this.#fold.of(held.id).done)) {
      const lost = await this.#keep(true);
      if (lost) return "is" in lost ? lost : null;
    }
    const harm = await this.#observer.worse(step);
    if (harm.length > 0) return this.#wait(step.id, "SW2104", harm.join("; "), step.withinMs);
    return this.#act(step, before, found === undefined ? note : { why: found, ...note });
  }

  async #act(step: Step, before: Json, note: { readonly why?: string; readonly before?: Json }): Promise<Outcome | null> {
    const operation = this.#decider.operation(step);
    if (!operation.act) return null;
    const at = this.#world.now();
    await this.#append({ is: "acting", step: step.id, at, settled: at + (operation.settleMs ?? 0), ...note });
    this.#world.progress(step.id, "under way");
    const { receipt } = this.#fold.of(step.id);
    const acting = { now: at, token: `${this.#request.id}/${step.id}`, send: this.#world.send.bind(this.#world) };
    const answer = await reach(async () => operation.act?.(step.params, { before, receipt }, acting) ?? null);
    if (!(answer instanceof StillwaterError)) {
      this.#answer({ is: "acted", step: step.id, receipt: answer });
      return null;
    }
    if (answer instanceof Unreachable && !(answer instanceof Refused)) {
      // No answer: unknown. Hosts refuse what may still come; the rest settles before anything else is sent.
      if (!this.#without.has("reconnect")) await reach(() => this.#world.raiseFences());
      return null;
    }
    this.#answer({ is: "refused", step: step.id, why: answer.message });
    // An answer in words that another try cannot change: the operator reads it now, not after five tries.
    return answer instanceof Refused && !finalRefusals.has(answer.code) ? null : this.#pause(step.id, answer.code, answer.message);
  }
}
