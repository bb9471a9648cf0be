// One line for each event, for pipes and logs: `time level turn node phase message`. Pure.
import { localTime, machineOffset } from "../../model/local-time.ts";
import type { Progress } from "../../usecases/run-types.ts";
import type { JournalEntry, RunEvent } from "../../model/event.ts";
import type { Plan } from "../../model/plan.ts";
import { isUndo, type Step, type Turn } from "../../model/step.ts";
import { titleOf, unitOf } from "../../usecases/plan-words.ts";
import { clean, lengthOf, pad } from "./text.ts";
import { plural } from "./time.ts";

type Level = "info" | "warn" | "error";
interface Told {
  readonly level: Level;
  readonly message: string;
}

/** Turns the events of one run into lines; remembers the steps that expansions brought. */
export class EventLines {
  readonly #plan: Plan;
  readonly #steps = new Map<string, { readonly step: Step; readonly turn: Turn; readonly number: number }>();
  /** Of a step that the plan puts back: where. */
  readonly #back = new Map<string, { readonly turn: Turn; readonly number: number }>();
  #aborting = false;
  #waiting: { readonly step: string | null; readonly state: string; readonly at: number } | null = null;

  readonly #unitWidth: number;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#unitWidth = Math.min(16, Math.max(1, ...plan.turns.map((turn) => lengthOf(unitOf(turn)))));
    plan.turns.forEach((turn, index) => {
      for (const item of turn.items)
        if (isUndo(item)) this.#back.set(item.undo, { turn, number: index + 1 });
        else this.#steps.set(item.id, { step: item, turn, number: index + 1 });
    });
  }

  entry(entry: JournalEntry): readonly string[] {
    const { event } = entry;
    if (event.is === "expanded")
      this.#learn(
        event.step,
        event.into.flatMap((item) => (isUndo(item) ? [] : [item])),
      );
    const step = "step" in event ? event.step : null;
    this.#waiting = null;
    if (event.is === "aborting") this.#aborting = true;
    // The step that is put back says so itself, once all of its undo is done.
    if (event.is === "done" && event.step.startsWith("undo ")) return [];
    const told = this.#tell(event);
    return told === null ? [] : [this.#line(entry.at, told, step, event.is === "undone")];
  }

  /** What is waited for: once for each thing, and at most once a second where it has a moving figure in it. */
  progress(progress: Progress): readonly string[] {
    const { step, state, at } = progress;
    if (state === "" || state === "under way") return [];
    const before = this.#waiting;
    if (before !== null && before.step === step && (before.state === state || at - before.at < 1000)) return [];
    this.#waiting = { step, state, at };
    return [this.#line(at, { level: "info", message: `waiting: ${state}` }, step)];
  }

  #learn(parent: string, steps: readonly Step[]): void {
    const owner = this.#find(parent);
    if (owner) for (const step of steps) this.#steps.set(step.id, { ...owner, step });
  }
  #find(id: string): { readonly step: Step; readonly turn: Turn; readonly number: number } | undefined {
    const direct = this.#steps.get(id);
    if (direct) return direct;
    let path = id.replace(/^(undo )+/, "").replace(/ \(\d+\)(?=\/|$)/, "");
    for (;;) {
      const found = this.#steps.get(path);
      if (found) return found;
      const cut = path.lastIndexOf("/");
      if (cut < 0) return undefined;
      path = path.slice(0, cut);
    }
  }

  #line(at: number, told: Told, id: string | null, undone = false): string {
    const found = id === null ? undefined : this.#find(id);
    const undoing = id?.startsWith("undo ") === true;
    // An abort puts back where it was set; a plan may do it in a later turn, which is where the run is then.
    const back = (undoing || undone) && !this.#aborting && found !== undefined ? this.#back.get(found.step.id) : undefined;
    const here = back ?? found;
    const turn = here ? `${here.number}/${this.#plan.turns.length}` : "-";
    const unit = here ? clean(unitOf(here.turn)).replaceAll(" ", "") : "-";
    const title = found ? `${undoing ? "put back: " : ""}${clean(titleOf(found.step))}: ` : "";
    const phase = undoing ? "restore" : (found?.step.phase ?? "-");
    return `${localIso(at)} ${told.level.padEnd(5)} ${turn.padEnd(3)} ${pad(unit, this.#unitWidth)} ${phase.padEnd(7)} ${title}${clean(told.message)}`;
  }

  #tell(event: RunEvent): Told | null {
    const info = (message: string): Told => ({ level: "info", message });
    const warn = (message: string): Told => ({ level: "warn", message });
    switch (event.is) {
      case "claimed":
        return info(`${event.verb} by ${event.holder} (pid ${event.pid})`);
      case "acting":
        return info(event.why ?? "begun");
      case "acted":
        return null;
      case "refused":
        return warn(`refused: ${event.why}`);
      case "expanded":
        return info(`becomes ${plural(event.into.length, "step")}`);
      case "done":
        return info("done");
      case "lost":
        return warn("no longer holds; set again");
      case "undone":
        return info("put back");
      case "released":
        return warn("put back by the watchdog");
      case "absent":
        return info("did not happen; again");
      case "asked":
        return warn(`asks (${event.code}): ${event.question}`);
      case "answered":
        return info(`answered by ${event.by}: ${event.answer}: ${event.reason}`);
      case "paused":
        return warn(`paused (${event.code}): ${event.why}`);
      case "aborting":
        return warn(`aborting, asked by ${event.by}: ${event.reason}${event.finish ? " (the open turn is finished first)" : ""}`);
      case "alarm":
        return { level: "error", message: `alarm: ${event.what}` };
      case "finished":
        return finishedWords(event);
    }
  }
}

function finishedWords({ as, forced }: Extract<RunEvent, { readonly is: "finished" }>): Told {
  switch (as) {
    case "succeeded":
      return { level: "info", message: "the run has succeeded" };
    case "aborted":
      return { level: "info", message: "the run was aborted" };
    case "force-stopped": {
      const left = forced === undefined || forced.left.length === 0 ? "nothing temporary is left set" : `still set: ${forced.left.join(", ")}`;
      return { level: "warn", message: `the run was stopped by force, marked ${forced?.mark ?? "failed"}; ${left}` };
    }
  }
}

/** Local time with its zone, to the millisecond: sorts, and can be compared with a server's log. */
export function localIso(ms: number): string {
  const { full, time, zone } = localTime(machineOffset(ms));
  return `${full(ms).slice(0, 10)}T${time(ms, 3)}${zone === "UTC" ? "Z" : zone.slice(3)}`;
}
