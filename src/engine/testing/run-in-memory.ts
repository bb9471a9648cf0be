// The real engine over a journal in memory, process after process of Stillwater: what the tests of drivers on a lab in memory have in common.
import type { Signal } from "../../journal/store.ts";
import type { Draft, Driver, Refusal, StepEvidence } from "../../model/driver.ts";
import type { RunEvent } from "../../model/event.ts";
import type { Facts } from "../../model/facts.ts";
import type { Fence } from "../../model/fence.ts";
import type { Turn } from "../../model/step.ts";
import { checkDraft } from "../../planner/checker.ts";
import { Decider } from "../decide.ts";
import { RunFold } from "../run-fold.ts";
import { run } from "../run.ts";
import type { Outcome, RunRequest } from "../run-request.ts";

export class Killed extends Error {}

type Operations<F extends Facts> = Driver<F, never>["operations"];
type Copied = readonly Turn[] | RunEvent | readonly RunEvent[];
/** As it comes back from a file. */
const copyOf = <T extends Copied>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

export class RunInMemory {
  readonly events: RunEvent[] = [];
  /** What the engine said while it waited, each once. */
  readonly said = new Set<string>();
  /** Before every append, and after each event of it; throws Killed to die there. */
  journaling: (events: readonly RunEvent[]) => void = () => undefined;
  journaled: (event: RunEvent) => void = () => undefined;
  /** When an effect is sent, and when its answer is there; throws Killed to die there. */
  sending: (moment: "before" | "after") => void = () => undefined;
  signal: Signal = { desired: "run", by: "op", reason: "" };
  turns: readonly Turn[] = [];

  /** Keeps the turns. Error when the driver refuses or the checker finds anything. */
  protected keep<F extends Facts>(driver: Pick<Driver<F, never>, "operations" | "invariants">, facts: F, draft: Draft | Refusal): readonly Turn[] {
    if ("refused" in draft) throw new Error(draft.refused);
    const wrong = checkDraft(driver, facts, draft);
    if (wrong.length > 0) throw new Error(wrong.join("\n"));
    this.turns = copyOf(draft.turns);
    return this.turns;
  }
  /** One process of Stillwater, until it ends, pauses, asks or dies. `release`: the watchdog's part. */
  protected async engine<F extends Facts>(
    world: { now(): number; sleep(ms: number): Promise<void> },
    driver: RunRequest<F>["driver"],
    more: Pick<RunRequest<F>, "release" | "timing"> = {},
  ): Promise<Outcome | "killed"> {
    const fence: Fence = { run: "1", epoch: 1, connection: 1, signal: new AbortController().signal };
    try {
      return await run({
        id: "1",
        driver,
        turns: this.turns,
        events: copyOf<readonly RunEvent[]>(this.events),
        ...more,
        surroundings: {
          now: () => world.now(),
          sleep: (ms) => world.sleep(ms),
          signal: () => this.signal,
          append: async (events) => {
            await world.sleep(1);
            this.journaling(events);
            for (const event of events) {
              this.events.push(copyOf(event));
              this.journaled(event);
            }
          },
          send: async (_, effect) => {
            this.sending("before");
            const answer = await effect(fence);
            this.sending("after");
            return answer;
          },
          raiseFences: async () => undefined,
          progress: (step, state) => void this.said.add(`${step ?? "-"}: ${state}`),
        },
      });
    } catch (error) {
      if (error instanceof Killed) return "killed";
      throw error;
    }
  }

  /** What the journal tells, with the steps of every undo, which are named nowhere else. */
  protected fold<F extends Facts>(operations: Operations<F>): RunFold {
    const fold = new RunFold(this.turns, this.events);
    const decider = new Decider(fold, operations);
    for (const step of fold.known.values()) decider.undoing(step);
    return fold;
  }
  /** Proofs of every step that is done, as `prove` gets them. */
  protected evidenceOf<F extends Facts>(operations: Operations<F>): readonly StepEvidence[] {
    const fold = this.fold(operations);
    return this.events.flatMap((event) => {
      const step = event.is === "done" ? fold.known.get(event.step) : undefined;
      return event.is === "done" && step !== undefined ? [{ step: step.id, do: step.do, params: step.params, proof: event.proof }] : [];
    });
  }
}
