// One seed: a whole upgrade by the real engine and driver while instances run, one fault on the way, and the judgement of its end.
import { seededRandom } from "../../../lab/kit/random.ts";
import type { DpFacts } from "../../../src/drivers/dataphin/facts.ts";
import { goalOf, small, TARGET } from "../../../src/drivers/dataphin/testing/memory-run.ts";
import { defaultTiming, type Timing } from "../../../src/engine/rules.ts";
import type { Mode } from "../../../src/model/goal.ts";
import { isUndo, type Turn } from "../../../src/model/step.ts";
import { checkDraft } from "../../../src/planner/checker.ts";
import type { Instant, Moment } from "../../orchestrator/instants.ts";
import { Operator, type Ended } from "../../orchestrator/operator.ts";
import { Mortal } from "../../orchestrator/process.ts";
import { judgeWork, stoppedAt, upgradedTo, type WorkVerdict } from "../../validators/dataphin-work.ts";
import { seen } from "../snapshot.ts";
import { Stand } from "../stand.ts";
import { fire, type Bit, type FaultKind } from "./faults.ts";
import { stepAt, type Place } from "./places.ts";

export interface TrialOptions {
  readonly seed: number;
  readonly mode: Mode;
  /** Null: nothing goes wrong. */
  readonly fault: { readonly kind: FaultKind; readonly at: Place } | null;
  /** The platform runs what has failed again by itself. */
  readonly autoRerun?: boolean;
  /** Stillwater is killed there, once. */
  readonly crash?: { readonly number: number; readonly moment: Moment };
  /** The driver's re-runs are sent twice: for tests of the judgement. */
  readonly sabotage?: boolean;
}
export interface TrialResult {
  readonly seed: number;
  readonly mode: Mode;
  readonly ended: Ended;
  readonly work: WorkVerdict;
  readonly fired: boolean;
  readonly bit: boolean;
  readonly reached: readonly Instant[];
  readonly virtualMs: number;
  /** Somebody wanted it to end. */
  readonly aborts: boolean;
  readonly said: string;
}

const LONGEST_MS = 24 * 3_600_000;
/** Longer than any instance runs. */
const SETTLE_MS = 240_000;
const POLL_MS = 100;
/** Looks that are further apart find the same, for a fraction of the work. */
const coarse: Timing = { ...defaultTiming, pollMinMs: 50, pollMaxMs: 2_000 };

export async function playTrial(options: TrialOptions): Promise<TrialResult> {
  const stand = await Stand.begin({ ...small, seed: options.seed });
  return stand.lab.world.run(new TrialRun(stand, options).play(), LONGEST_MS);
}

class TrialRun {
  readonly #stand: Stand;
  readonly #options: TrialOptions;
  readonly #random: () => number;
  #fired = false;
  #bit: Bit = () => false;
  #over = false;

  constructor(stand: Stand, options: TrialOptions) {
    this.#stand = stand;
    this.#options = options;
    this.#random = seededRandom(options.seed * 7_919 + 13);
  }

  async play(): Promise<TrialResult> {
    const { lab } = this.#stand;
    const { world } = lab;
    if (this.#options.autoRerun === true)
      for (const node of Object.values(lab.database.data.nodes)) Object.assign(node, { autoRerun: { count: 1, intervalMs: 3_000 } });
    await world.sleep(this.#random() * 20_000);
    const turns = await this.#plan();
    const before = await seen(this.#stand);
    const operator = this.#operator();
    const began = world.now();
    this.#watch(operator, turns);
    if (this.#options.sabotage === true) this.#sabotage();
    const ended = await operator.toTheEnd(turns);
    const virtualMs = world.now() - began;
    this.#over = true;
    await world.sleep(SETTLE_MS);
    const { seed, mode, fault } = this.#options;
    const aborts = fault?.kind === "operator aborts";
    const after = await seen(this.#stand);
    const stopped = aborts && after.record !== "Upgrade Succeeded";
    return {
      seed,
      mode,
      ended,
      work: judgeWork(before, after, stopped ? stoppedAt(lab.version, after) : upgradedTo(TARGET)),
      aborts,
      fired: this.#fired,
      bit: this.#bit(),
      reached: operator.instants.reached,
      virtualMs,
      said: operator.said,
    };
  }

  async #plan(): Promise<readonly Turn[]> {
    const driver = this.#stand.driver(new Mortal(this.#stand.lab.world));
    const facts = await driver.inspect();
    const draft = driver.plan(facts, goalOf(this.#options.mode));
    if ("refused" in draft) throw new Error(draft.refused);
    const wrong = checkDraft(driver, facts, draft);
    if (wrong.length > 0) throw new Error(wrong.join("\n"));
    return JSON.parse(JSON.stringify(draft.turns)) as readonly Turn[];
  }
  #operator(): Operator<DpFacts> {
    return new Operator<DpFacts>({
      clock: this.#stand.lab.world,
      hosts: this.#stand,
      timing: coarse,
      driver: (process) => this.#stand.driver(process),
      watchdog: () => this.#options.fault?.kind !== "killed, nobody there",
      pauseMs: () => 15_000 + this.#random() * 30_000,
      approve: () => true,
    });
  }

  /** Tells of each step that Stillwater reaches: by what it writes and sends, and by what it says that it waits for. */
  #watch(operator: Operator<DpFacts>, turns: readonly Turn[]): void {
    const { crash } = this.#options;
    const { world } = this.#stand.lab;
    const ids = turns.flatMap(({ items }) => items.flatMap((item) => (isUndo(item) ? [] : [item.id])));
    operator.instants.on((number, instant, moment) => {
      if (moment === "before") this.#entered(instant.step, operator);
      return crash !== undefined && number === crash.number && moment === crash.moment;
    });
    const look = (): void => {
      if (this.#over) return;
      const [known] = ids.filter((id) => operator.said.startsWith(`${id} `)).toSorted((a, b) => b.length - a.length);
      this.#entered(known ?? null, operator);
      world.after(POLL_MS, look);
    };
    look();
  }
  #entered(step: string | null, operator: Operator<DpFacts>): void {
    const { fault } = this.#options;
    if (fault === null || step === null || this.#fired || stepAt(step) !== fault.at.step) return;
    this.#fired = true;
    this.#bit = fire(fault.kind, {
      stand: this.#stand,
      at: fault.at,
      killStillwater: () => operator.kill(),
      abort: () => operator.journal.wish("abort"),
    });
  }
  /** Somebody else runs every instance again that has just succeeded again. */
  #sabotage(): void {
    const { lab } = this.#stand;
    const look = (): void => {
      for (const instance of Object.values(lab.database.data.instances))
        if (instance.status === "SUCCESS" && instance.taskruns.length === 2) {
          instance.status = "WAIT_SCHEDULE";
          instance.trigger = "RERUN";
        }
      if (!this.#over) lab.world.after(POLL_MS, look);
    };
    look();
  }
}
