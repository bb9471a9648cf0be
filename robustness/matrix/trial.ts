// One trial: a scenario, its faults, and what an operator would do about it, to the end.
import { Decider } from "../../src/engine/decide.ts";
import { RunFold } from "../../src/engine/run-fold.ts";
import { run } from "../../src/engine/run.ts";
import type { Outcome } from "../../src/engine/run-request.ts";
import { defaultTiming, type Rule, type Timing } from "../../src/engine/rules.ts";
import type { Driver } from "../../src/model/driver.ts";
import { ClaimLost, Unreachable } from "../../src/model/errors.ts";
import type { RunEvent } from "../../src/model/event.ts";
import type { Facts } from "../../src/model/facts.ts";
import type { Turn } from "../../src/model/step.ts";
import { checkDraft } from "../../src/planner/checker.ts";
import type { Fixture, Scenario } from "./scenario.ts";
import type { Charge } from "./simulation/books.ts";
import { ArrayJournal } from "./simulation/array-journal.ts";
import { Crash, Runaway, type Fault } from "./simulation/faults.ts";
import { World, type Incident } from "./simulation/world.ts";

/** What an incident may look at and change. */
export interface Scene {
  readonly fixture: Fixture<Facts, never>;
  readonly world: World;
}

export interface Trial {
  readonly faults?: ReadonlyMap<number, Fault>;
  /** The operator wants to abort from that instant on. */
  readonly abortAt?: number;
  readonly incidents?: ReadonlyMap<number, (scene: Scene) => Incident>;
  /** How long Stillwater lies dead after a crash, in milliseconds. */
  readonly gapMs?: number;
  /** After a crash the watchdog of the run puts back what may be put back. */
  readonly watchdog?: boolean;
  readonly without?: ReadonlySet<Rule>;
  /** After an abort, plan the way back and run it. */
  readonly rollback?: boolean;
  readonly timing?: Timing;
}

export interface Result {
  /** Null: there is no way back any more, and the driver said so before anything was done. */
  readonly outcome: Outcome | null;
  readonly unclear: readonly string[];
  readonly pauses: readonly string[];
  readonly crashes: number;
  readonly end: string;
  readonly versions: string;
  readonly starts: number;
  readonly charges: readonly Charge[];
  readonly leftovers: readonly string[];
  /** What the frozen process did wrong after it woke; empty unless one was frozen. */
  readonly awake: readonly string[];
  readonly aborted: boolean;
  readonly world: World;
  readonly events: readonly RunEvent[];
  readonly turns: readonly Turn[];
  readonly operations: Driver<Facts>["operations"];
}

/** A poll interval that never grows. Held steps are looked at as often as everything else: the fake systems' clocks run about ten times as fast as real ones. */
export const evenTiming: Timing = { ...defaultTiming, pollMinMs: 100, pollMaxMs: 100, keepMs: 100 };

/** How often the operator resumes a paused run before he gives up. */
const mostResumes = 5;
const mostClaims = 60;

export async function drive(scenario: Scenario, trial: Trial = {}): Promise<Result> {
  return new Drive(scenario, trial).go();
}

class Drive {
  readonly #trial: Trial;
  readonly #world = new World();
  readonly #fixture: Fixture<Facts, never>;
  readonly #unclear: string[] = [];
  readonly #pauses: string[] = [];
  readonly #awake: string[] = [];
  #crashes = 0;
  #wantsAbort = false;

  constructor(scenario: Scenario, trial: Trial) {
    this.#trial = trial;
    this.#fixture = scenario.make(this.#world);
    for (const [number, fault] of trial.faults ?? []) this.#world.faults.set(number, fault);
    for (const [number, incident] of trial.incidents ?? [])
      this.#world.incidents.set(number, incident({ fixture: this.#fixture, world: this.#world }));
    if (trial.abortAt !== undefined) this.#abortAt(trial.abortAt);
    this.#world.clock.advance(500);
  }

  async go(): Promise<Result> {
    const world = this.#world;
    const turns = this.#plan(await this.#inspect(), this.#fixture.goal);
    if (typeof turns === "string") throw new Error(`refused: ${turns}`);
    let outcome: Outcome | null = await this.#toTheEnd(turns, "apply");
    const aborted = outcome.is === "aborted";
    const events = world.journal.read();
    if (this.#trial.rollback === true && aborted) outcome = await this.#rollBack(outcome);
    world.clock.advance(3_000);
    return {
      outcome,
      aborted,
      events,
      turns,
      operations: this.#fixture.driver.operations,
      world,
      unclear: this.#unclear,
      pauses: this.#pauses,
      awake: this.#awake,
      crashes: this.#crashes,
      end: JSON.stringify(this.#fixture.end()),
      versions: JSON.stringify(this.#fixture.versions()),
      starts: this.#fixture.starts(),
      charges: this.#fixture.charges(),
      leftovers: this.#fixture.leftovers(),
    };
  }

  #abortAt(instant: number): void {
    const earlier = this.#world.incidents.get(instant);
    this.#world.incidents.set(instant, (at) => {
      earlier?.(at);
      this.#wantsAbort = true;
      this.#world.journal.wish("abort");
    });
  }

  #plan(facts: Facts, goal: never): readonly Turn[] | string {
    const draft = this.#fixture.driver.plan(facts, goal);
    if ("refused" in draft) return draft.refused;
    const wrong = checkDraft(this.#fixture.driver, facts, draft);
    if (wrong.length > 0) throw new Error(`the checker refuses the plan: ${wrong.join("; ")}`);
    return JSON.parse(JSON.stringify(draft.turns)) as readonly Turn[];
  }
  async #inspect(): Promise<Facts> {
    for (;;)
      try {
        return await this.#fixture.driver.inspect({ now: this.#world.time });
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error;
        this.#world.sleep(50);
      }
  }

  async #rollBack(outcome: Outcome): Promise<Outcome | null> {
    const { back } = this.#fixture;
    if (back === null) return null;
    const turns = this.#plan(await this.#inspect(), back);
    if (typeof turns === "string") return turns.startsWith("no way back") ? null : outcome;
    this.#world.journal = new ArrayJournal();
    this.#wantsAbort = false;
    return this.#toTheEnd(turns, "rollback");
  }

  /** Claims, runs, and does what an operator does about crashes, pauses and questions. */
  async #toTheEnd(turns: readonly Turn[], verb: string): Promise<Outcome> {
    let resumes = 0;
    for (let claims = 0; claims < mostClaims; claims++) {
      const outcome = await this.#claimed(turns, claims === 0 ? verb : "resume");
      if (outcome === "crashed") continue;
      switch (outcome.is) {
        case "succeeded":
        case "aborted":
        case "released":
        case "force-stopped":
          return outcome;
        case "paused":
          this.#pauses.push(`${outcome.code} ${outcome.step ?? "end"}: ${outcome.why}`);
          if (++resumes > mostResumes) return outcome;
          break;
        case "asks":
          if (outcome.code !== "SW2007") {
            this.#unclear.push(`${outcome.step}: ${outcome.question}`);
            return outcome;
          }
          this.#answer(outcome.step);
      }
    }
    throw new Runaway(`still not at the end after ${mostClaims} claims`);
  }
  #answer(step: string): void {
    const { journal, clock } = this.#world;
    this.#fixture.person?.(step);
    clock.advance(1_000);
    journal.append(journal.epoch, [{ is: "answered", step, answer: "approve", by: "operator", reason: "planned" }]);
  }

  async #claimed(turns: readonly Turn[], verb: string): Promise<Outcome | "crashed"> {
    const world = this.#world;
    world.journal.wish(this.#wantsAbort ? "abort" : "run");
    const surroundings = world.claim(verb);
    const { driver } = this.#fixture;
    const events = [...world.journal.read()];
    const { timing = evenTiming, without } = this.#trial;
    const frozen = world.whenFrozen().then(() => "frozen" as const);
    const alive = run({ id: "r1", driver, turns, events, surroundings, timing, ...(without ? { without } : {}) });
    const judged = alive.catch((error: unknown) => {
      if (error instanceof Crash) return "crashed" as const;
      throw error;
    });
    const outcome = await Promise.race([judged, frozen]);
    if (outcome === "frozen") return this.#takeOver(turns, alive);
    if (outcome === "crashed") {
      this.#crashes++;
      this.#lieDead();
      if (this.#trial.watchdog === true) await this.#release(turns);
    }
    return outcome;
  }
  /** The dead man's part: everything held whose policy is not `page`. It may crash too; then nobody is there. */
  async #release(turns: readonly Turn[]): Promise<void> {
    const { journal } = this.#world;
    const { driver } = this.#fixture;
    const left = new Decider(new RunFold(turns, journal.read()), driver.operations).left();
    const release = left.filter((step) => step.held !== "page").map((step) => step.id);
    if (release.length === 0) return;
    this.#world.orphaned = true;
    journal.wish("run");
    const surroundings = this.#world.claim("watchdog");
    try {
      await run({ id: "r1", driver, turns, events: [...journal.read()], surroundings, release, timing: this.#trial.timing ?? evenTiming });
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      this.#crashes++;
    }
    this.#lieDead();
  }
  #lieDead(): void {
    this.#world.orphaned = true;
    this.#world.clock.advance(this.#trial.gapMs ?? 20);
    this.#world.orphaned = false;
  }

  /** Somebody else takes over from a frozen process and finishes; then it wakes, and must do nothing any more. */
  async #takeOver(turns: readonly Turn[], frozen: Promise<Outcome>): Promise<Outcome> {
    this.#lieDead();
    const outcome = await this.#toTheEnd(turns, "take over");
    this.#world.thaw();
    await frozen.then(
      (late) => this.#awake.push(`the frozen process went on and ended ${late.is}`),
      (error: unknown) => {
        if (!(error instanceof ClaimLost)) throw error;
      },
    );
    this.#world.clock.advance(5_000);
    return outcome;
  }
}
