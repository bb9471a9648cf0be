// Where a run is, for people and scripts: computed from its plan, its journal, and what is known of its holder. Pure. Times in ms since 1970.
import { RunFold, type StepState } from "../engine/run-fold.ts";
import type { Claim, Progress, RunRecord, Signal } from "../journal/store.ts";
import { leasesOf } from "../report/leases.ts";
import { shortHash } from "../planner/plan.ts";
import type { ForcedEnd, JournalEntry, RunEnd } from "../model/event.ts";
import type { Mode } from "../model/goal.ts";
import { isUndo, type Phase, type Step, type Turn } from "../model/step.ts";
import { changeOf, expectedMs, stepsOf, titleOf, unitOf } from "./plan-words.ts";

/** `stopped`: nobody works on it, and the journal does not say why: the process was killed or crashed. */
export type RunState = "running" | "pausing" | "aborting" | "paused" | "asks" | "stopped" | RunEnd;

export interface StepView {
  readonly id: string;
  readonly title: string;
  readonly phase: Phase;
  /** Its number among all steps of the plan, from 1; a step of an expansion has the number of the step that expanded into it. */
  readonly number: number;
  /** When it was begun; null: not yet. */
  readonly since: number | null;
  readonly expectedMs: number | null;
  /** What it waits for or does right now. */
  readonly state: string | null;
}
export interface TurnRow {
  readonly number: number;
  readonly unit: string;
  readonly role: string | null;
  readonly title: string | null;
  /** The version that its nodes have now, as far as the run knows. */
  readonly version: string | null;
  readonly state: "next" | "active" | "done" | "undone";
  readonly phase: Phase | null;
  readonly elapsedMs: number | null;
  readonly expectedMs: number | null;
}
export interface LeaseView {
  readonly step: string;
  readonly title: string;
  /** `held` by a living run; `left` behind by a dead one; `released` by the watchdog; `put back`, or only said to be by a person. */
  readonly state: "held" | "left" | "released" | "said to be put back" | "put back";
  readonly since: number;
}
/** One step of the turn that the run stands in: what the journal proves of it. */
export interface Known {
  readonly step: string;
  readonly title: string;
  readonly is: "done" | "begun" | "not begun";
  readonly at: number | null;
}
export interface RunView {
  readonly run: number;
  readonly cluster: string;
  readonly system: string;
  readonly plan: string;
  readonly change: string;
  readonly mode: Mode;
  readonly state: RunState;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly elapsedMs: number;
  /** When the run should end, by the plan's own durations; null when they are not known or it does not move. */
  readonly expectedEnd: number | null;
  readonly turn: { readonly number: number; readonly of: number; readonly id: string; readonly unit: string } | null;
  readonly step: StepView | null;
  readonly steps: { readonly done: number; readonly of: number };
  readonly rows: readonly TurnRow[];
  readonly leases: readonly LeaseView[];
  readonly known: readonly Known[];
  readonly paused: { readonly code: string; readonly step: string | null; readonly why: string; readonly at: number } | null;
  readonly asks: { readonly code: string; readonly step: string; readonly title: string; readonly question: string; readonly at: number } | null;
  readonly holder: { readonly operator: string; readonly host: string; readonly pid: number; readonly verb: string; readonly since: number } | null;
  /** Of a run that an operator stopped by force. */
  readonly forced: ForcedEnd | null;
  readonly lastSign: number;
  readonly alarms: readonly { readonly at: number; readonly what: string }[];
}

/** What is known of a run beside its journal. */
export interface Circumstances {
  readonly progress: Progress | null;
  readonly signal: Signal;
  /** Whoever holds the cluster; null: nobody. */
  readonly claim: Claim | null;
  /** What is known of the holder's process; `unknown` on another machine. */
  readonly holderIs: "alive" | "dead" | "unknown";
  readonly now: number;
}

interface Marks {
  firstAt: number | null;
  doneAt: number | null;
}

/** Follows one run: takes its entries as they come, and says where it is at any time. */
export class RunTracker {
  readonly record: RunRecord;
  readonly #fold: RunFold;
  readonly #marks = new Map<string, Marks>();
  readonly #numbers = new Map<string, number>();
  readonly #entries: JournalEntry[] = [];
  readonly #alarms: { at: number; what: string }[] = [];
  #pausedAt = 0;
  #askedAt = 0;
  #askedCode = "SW2007";
  #endedAt: number | null = null;
  #lastStep: string | null = null;
  #firstAt: number | null = null;
  #lastAt = 0;
  #last = 0;
  #input: Circumstances = { progress: null, signal: { desired: "run", by: "", reason: "" }, claim: null, holderIs: "unknown", now: 0 };

  constructor(record: RunRecord) {
    this.record = record;
    const { plan } = record;
    this.#fold = new RunFold(plan.turns);
    for (const step of plan.turns.flatMap(stepsOf)) this.#numbers.set(step.id, this.#numbers.size + 1);
  }

  /** Number of the last entry that was added; 0: none. */
  get last(): number {
    return this.#last;
  }

  /** In the order of the journal; one that was added before is left out. */
  add(entries: readonly JournalEntry[]): void {
    for (const entry of entries) if (entry.n > this.#last) this.#entry(entry);
  }

  #entry(entry: JournalEntry): void {
    const { event, at } = entry;
    this.#last = entry.n;
    this.#entries.push(entry);
    this.#firstAt ??= at;
    this.#lastAt = at;
    this.#fold.fold(event);
    if (event.is === "paused") this.#pausedAt = at;
    if (event.is === "asked") [this.#askedAt, this.#askedCode] = [at, event.code];
    if (event.is === "alarm") this.#alarms.push({ at, what: event.what });
    if (event.is === "finished") this.#endedAt = at;
    if (!("step" in event) || event.step === null || event.is === "paused" || event.is === "alarm") return;
    this.#lastStep = event.step;
    if (event.is === "undone" || event.step.startsWith("undo ")) this.#mark(undoOf(this.#root(event.step))).firstAt ??= at;
    if (event.is === "undone") this.#mark(undoOf(event.step)).doneAt = at;
    // A step of an expansion is work of the step that the plan names.
    for (const id of new Set([event.step, this.#root(event.step)])) {
      const marks = this.#mark(id);
      marks.firstAt ??= at;
      const ends = event.is === "done" || (event.is === "answered" && (event.answer === "done" || event.answer === "skip"));
      if (id === event.step && ends) marks.doneAt = at;
      if (id === event.step && (event.is === "lost" || event.is === "released")) marks.doneAt = null;
    }
  }
  #mark(id: string): Marks {
    let marks = this.#marks.get(id);
    if (!marks) this.#marks.set(id, (marks = { firstAt: null, doneAt: null }));
    return marks;
  }
  /** The plan's own step behind `undo a/b`, `a/b`. */
  #root(id: string): string {
    let path = id.replace(/^(undo )+/, "").replace(/ \(\d+\)(?=\/|$)/, "");
    for (;;) {
      if (this.#numbers.has(path)) return path;
      const cut = path.lastIndexOf("/");
      if (cut < 0) return id;
      path = path.slice(0, cut);
    }
  }

  view(circumstances: Circumstances): RunView {
    this.#input = circumstances;
    const { record } = this;
    const { now } = circumstances;
    const { plan } = record;
    const state = this.#state();
    const moving = state === "running" || state === "pausing" || state === "aborting";
    const startedAt = this.#firstAt ?? record.createdAt;
    const lastSign = Math.max(startedAt, this.#lastAt, circumstances.progress?.at ?? 0);
    const until = this.#endedAt ?? (moving ? now : lastSign);
    const turn = this.#currentTurn(state);
    const steps = plan.turns.flatMap(stepsOf);
    return {
      run: record.id,
      cluster: record.cluster,
      system: plan.system,
      plan: shortHash(plan),
      change: changeOf(plan),
      mode: plan.mode,
      state,
      startedAt,
      endedAt: this.#endedAt,
      elapsedMs: Math.max(0, until - startedAt),
      expectedEnd: moving && this.#fold.aborting === null ? this.#expectedEnd(now) : null,
      turn: turn && { number: plan.turns.indexOf(turn) + 1, of: plan.turns.length, id: turn.id, unit: unitOf(turn) },
      step: this.#currentStep(state),
      steps: { done: steps.filter((step) => this.#isDone(step)).length, of: steps.length },
      rows: plan.turns.map((each, index) => this.#row(each, index, each === turn, until)),
      leases: this.#leases(state),
      known: turn === null ? [] : stepsOf(turn).map((step) => this.#known(step)),
      paused: this.#fold.paused && state !== "running" ? { ...this.#fold.paused, at: this.#pausedAt } : null,
      asks: this.#asks(state),
      holder: this.#holder(),
      forced: this.#fold.forced,
      lastSign,
      alarms: this.#alarms,
    };
  }

  #state(): RunState {
    const { claim, holderIs, now, signal } = this.#input;
    const fold = this.#fold;
    if (fold.finished !== null) return fold.finished;
    // On another machine nothing is known of the process; its claim speaks for it until it expires.
    const worked = claim !== null && holderIs !== "dead" && (holderIs === "alive" || claim.until > now);
    if (worked) {
      if (fold.aborting !== null || signal.desired === "abort") return "aborting";
      return signal.desired === "pause" ? "pausing" : "running";
    }
    if (fold.asking !== null) return "asks";
    return fold.paused !== null || fold.standing ? "paused" : "stopped";
  }

  #isDone(step: Step): boolean {
    return this.#fold.steps.get(step.id)?.done ?? false;
  }
  #touched(step: Step): boolean {
    return (this.#marks.get(step.id)?.firstAt ?? null) !== null;
  }
  #turnOf(step: string): Turn | null {
    const root = this.#root(step);
    const { turns } = this.record.plan;
    // What a plan puts back in a later turn is that turn's work; an abort puts back where it was set.
    const later =
      step.startsWith("undo ") && this.#fold.aborting === null
        ? turns.findLast(({ items }) => items.some((item) => isUndo(item) && item.undo === root))
        : undefined;
    return later ?? turns.find((turn) => stepsOf(turn).some((each) => each.id === root)) ?? null;
  }

  #currentId(state: RunState): string | null {
    if (this.#fold.finished !== null && state === this.#fold.finished) return null;
    const { progress } = this.#input;
    if (this.#fold.asking !== null) return this.#fold.asking;
    if (progress?.step != null && progress.at >= this.#lastAt) return progress.step;
    if (this.#fold.paused?.step != null) return this.#fold.paused.step;
    if (this.#lastStep !== null && !(this.#fold.steps.get(this.#lastStep)?.done ?? false)) return this.#lastStep;
    const next = this.record.plan.turns.flatMap(stepsOf).find((step) => !this.#isDone(step));
    return next?.id ?? this.#lastStep;
  }
  #currentTurn(state: RunState): Turn | null {
    const id = this.#currentId(state);
    return id === null ? null : this.#turnOf(id);
  }
  #currentStep(state: RunState): StepView | null {
    const id = this.#currentId(state);
    if (id === null) return null;
    const step = this.#fold.known.get(id) ?? this.#fold.known.get(this.#root(id));
    if (!step) return null;
    const { progress } = this.#input;
    return {
      id,
      title: id.startsWith("undo ") ? `put back: ${titleOf(step)}` : titleOf(step),
      phase: step.phase,
      number: this.#numbers.get(this.#root(id)) ?? 0,
      since: this.#marks.get(id)?.firstAt ?? null,
      expectedMs: step.expectedMs ?? null,
      state: progress?.step === id && progress.state !== "" ? progress.state : null,
    };
  }

  #row(turn: Turn, index: number, current: boolean, until: number): TurnRow {
    const steps = stepsOf(turn);
    // A turn may also put back what an earlier one holds, and nothing else.
    const undos = turn.items.filter(isUndo).map(({ undo }) => undo);
    const ids = [...steps.map(({ id }) => id), ...undos.map(undoOf)];
    const marks = ids.flatMap((id) => this.#marks.get(id) ?? []);
    const first = Math.min(...marks.flatMap((mark) => mark.firstAt ?? []));
    const last = Math.max(...marks.flatMap((mark) => mark.doneAt ?? mark.firstAt ?? []));
    const over = this.#fold.finished !== null;
    const done = steps.every((step) => this.#isDone(step)) && (over || undos.every((id) => this.#fold.steps.get(id)?.undone === true));
    const undone = this.#fold.aborting !== null && !this.#fold.aborting.finish && this.#fold.aborting.turn === turn.id;
    const begun = Number.isFinite(first);
    const { plan } = this.record;
    const before = (plan.nodes ?? []).filter((node) => turn.nodes.includes(node.name));
    const versionBefore = [...new Set(before.flatMap((node) => node.version ?? node.installed ?? []))].join(", ");
    const state = undone ? "undone" : done ? "done" : current || begun ? "active" : "next";
    return {
      number: index + 1,
      unit: unitOf(turn),
      role: turn.role ?? before[0]?.role ?? null,
      title: turn.title ?? null,
      version:
        turn.nodes.length === 0
          ? null
          : state === "done" && plan.goal.version !== null
            ? plan.goal.version
            : versionBefore === ""
              ? null
              : versionBefore,
      state,
      phase: state === "active" ? (steps.find((step) => !this.#isDone(step))?.phase ?? null) : null,
      elapsedMs: begun ? Math.max(0, (state === "active" ? until : last) - first) : null,
      expectedMs: expectedMs(steps),
    };
  }

  #leases(state: RunState): readonly LeaseView[] {
    const works = state === "running" || state === "pausing" || state === "aborting";
    const alive = works || state === "paused" || state === "asks";
    const over = this.#fold.finished !== null;
    // The fold closes a lease also when what puts it back was left out. Not asked while somebody works: a screen asks five times a second.
    const kept = new Map(works ? [] : leasesOf(this.record.plan, this.#entries).map((lease) => [lease.step, lease]));
    return [...this.#fold.known.values()].flatMap((step): readonly LeaseView[] => {
      const held = this.#fold.steps.get(step.id);
      if (step.held === undefined || held === undefined || !touchedBy(held)) return [];
      const lease = kept.get(step.id);
      const set = lease?.to === null;
      const closed = lease?.word === true ? "said to be put back" : "put back";
      const is = released(held) && !set ? "released" : !set && (over || held.undone) ? closed : alive ? "held" : "left";
      return [{ step: step.id, title: titleOf(step), state: is, since: this.#marks.get(step.id)?.firstAt ?? this.record.createdAt }];
    });
  }

  #known(step: Step): Known {
    const marks = this.#marks.get(step.id);
    const base = { step: step.id, title: titleOf(step) };
    if (this.#isDone(step)) return { ...base, is: "done", at: marks?.doneAt ?? marks?.firstAt ?? null };
    return this.#touched(step) ? { ...base, is: "begun", at: marks?.firstAt ?? null } : { ...base, is: "not begun", at: null };
  }

  #asks(state: RunState): RunView["asks"] {
    const step = this.#fold.asking;
    if (step === null || state === "running") return null;
    const known = this.#fold.known.get(step);
    return {
      code: this.#askedCode,
      step,
      title: known ? titleOf(known) : step,
      question: this.#fold.steps.get(step)?.asked ?? "",
      at: this.#askedAt,
    };
  }

  #holder(): RunView["holder"] {
    const { claim } = this.#input;
    if (claim === null) return null;
    const { operator, host, pid, verb } = claim.holder;
    return { operator, host, pid, verb, since: claim.since };
  }

  #expectedEnd(now: number): number | null {
    let left = 0;
    let known = false;
    for (const step of this.record.plan.turns.flatMap(stepsOf)) {
      if (this.#isDone(step) || step.expectedMs === undefined) continue;
      known = true;
      const since = this.#marks.get(step.id)?.firstAt;
      left += since == null ? step.expectedMs : Math.max(0, step.expectedMs - (now - since));
    }
    return known ? now + left : null;
  }
}

const released = (held: StepState): boolean => !held.undone && held.releases > 0 && held.lost;
const undoOf = (step: string): string => `undo ${step}`;
const touchedBy = (state: StepState): boolean =>
  state.acts > 0 || state.done || state.lost || state.rounds.some((round) => round.some((item) => !isUndo(item)));
