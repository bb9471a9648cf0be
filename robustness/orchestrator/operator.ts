// One run of Stillwater to its end in virtual time, and what people and the watchdog do about deaths, pauses and questions.
import { Decider } from "../../src/engine/decide.ts";
import { RunFold } from "../../src/engine/run-fold.ts";
import { run } from "../../src/engine/run.ts";
import type { Outcome } from "../../src/engine/run-request.ts";
import { defaultTiming, type Timing } from "../../src/engine/rules.ts";
import type { Driver } from "../../src/model/driver.ts";
import type { Facts } from "../../src/model/facts.ts";
import type { Turn } from "../../src/model/step.ts";
import type { Clock } from "../../lab/kit/clock.ts";
import { ArrayJournal } from "../matrix/simulation/array-journal.ts";
import { Instants } from "./instants.ts";
import { Mortal } from "./process.ts";
import { VirtualSurroundings, type FencedHosts } from "./surroundings.ts";

/** Real polls are shorter; these find the same, for a fraction of the work. */
export const virtualTiming: Timing = { ...defaultTiming, pollMinMs: 20, pollMaxMs: 500 };

/** A claim of a dead process runs out after so long, and the watchdog has waited for its grace by then; milliseconds. */
const LEASE_MS = 15_000;
const RESUMES_AT_MOST = 4;
const CLAIMS_AT_MOST = 40;

export interface OperatorOptions<F extends Facts> {
  readonly clock: Clock;
  readonly hosts: FencedHosts;
  readonly driver: (process: Mortal) => Driver<F, never>;
  /** Whether somebody releases what a dead process held, at its n-th death. */
  readonly watchdog: (death: number) => boolean;
  /** Between a death, or a pause, and the resume; milliseconds. */
  readonly pauseMs: () => number;
  /** Absent: `virtualTiming`. */
  readonly timing?: Timing;
  /** Approves a question of the driver; false: the run ends there. */
  readonly approve: (step: string, question: string) => boolean;
}
export interface Ended {
  /** Null: it never came to an end. */
  readonly outcome: Outcome | null;
  readonly deaths: number;
  readonly pauses: readonly string[];
  readonly questions: readonly string[];
  /** What an engine threw that is no crash of ours: a defect. */
  readonly defects: readonly string[];
}

export class Operator<F extends Facts> {
  readonly journal = new ArrayJournal();
  readonly instants = new Instants();
  readonly #options: OperatorOptions<F>;
  readonly #pauses: string[] = [];
  readonly #questions: string[] = [];
  readonly #defects: string[] = [];
  #process: Mortal;
  #deaths = 0;
  #surroundings: VirtualSurroundings | null = null;

  constructor(options: OperatorOptions<F>) {
    this.#options = options;
    this.#process = new Mortal(options.clock);
  }
  /** kill -9 of whatever process of Stillwater is at work. */
  kill(): void {
    this.#process.kill();
  }
  /** What the process at work, or the last one, said that it does or waits for. */
  get said(): string {
    return this.#surroundings?.said ?? "";
  }

  async toTheEnd(turns: readonly Turn[]): Promise<Ended> {
    let outcome: Outcome | null = null;
    let resumes = 0;
    for (let claims = 0; claims < CLAIMS_AT_MOST; claims++) {
      const ended = await this.#claimed(turns, claims === 0 ? "apply" : "resume");
      if (ended === "died") {
        await this.#lieDead(turns);
        continue;
      }
      if (ended === "defect") break;
      outcome = ended;
      if (ended.is === "paused") {
        this.#pauses.push(`${ended.code} ${ended.step ?? "end"}: ${ended.why}`);
        if (++resumes > RESUMES_AT_MOST) break;
        await this.#sleep(this.#options.pauseMs());
        continue;
      }
      if (ended.is !== "asks") break;
      this.#questions.push(`${ended.code} ${ended.step}: ${ended.question}`);
      if (++resumes > RESUMES_AT_MOST || !this.#options.approve(ended.step, ended.question)) break;
      await this.#sleep(1_000);
      const answer = ended.code === "SW2007" ? "approve" : "again";
      this.journal.append(this.journal.epoch, [{ is: "answered", step: ended.step, answer, by: "operator", reason: "the trial" }]);
    }
    return { outcome, deaths: this.#deaths, pauses: this.#pauses, questions: this.#questions, defects: this.#defects };
  }

  async #claimed(turns: readonly Turn[], verb: string, release?: readonly string[]): Promise<Outcome | "died" | "defect"> {
    const { clock, hosts, driver, timing = virtualTiming } = this.#options;
    const process = new Mortal(clock);
    this.#process = process;
    const { journal, instants } = this;
    const epoch = journal.claim(verb);
    const surroundings = new VirtualSurroundings({ clock, journal, epoch, process, hosts, instants, run: "r1" });
    this.#surroundings = surroundings;
    const working = run({
      id: "r1",
      driver: driver(process),
      turns,
      events: [...journal.read()],
      surroundings,
      timing,
      ...(release === undefined ? {} : { release, timing: { ...timing, patienceMs: 30_000 } }),
    }).catch((error: unknown) => {
      this.#defects.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
      return "defect" as const;
    });
    const ended = await Promise.race([working, process.death().then(() => "died" as const)]);
    if (ended === "died") this.#deaths++;
    return ended;
  }

  /** The dead man's part: everything held whose policy is not `page`, in the reverse order of taking, one at a time. */
  async #lieDead(turns: readonly Turn[]): Promise<void> {
    await this.#sleep(LEASE_MS);
    if (this.#options.watchdog(this.#deaths)) {
      const fold = new RunFold(turns, this.journal.read());
      if (fold.finished === null) {
        const left = new Decider(fold, this.#options.driver(new Mortal(this.#options.clock)).operations).left();
        for (const step of left.filter(({ held }) => held !== "page").toReversed()) {
          const released = await this.#claimed(turns, "watchdog", [step.id]);
          if (released === "died") break;
        }
      }
    }
    await this.#sleep(this.#options.pauseMs());
  }
  async #sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#options.clock.after(ms, resolve);
    });
  }
}
