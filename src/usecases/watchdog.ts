// The dead man's rule: when the worker of a run dies with a held step set, the cluster must not stay unprotected until somebody notices.
import { Decider } from "../engine/decide.ts";
import { failpointsFrom } from "../engine/failpoints.ts";
import { LiveSurroundings } from "../engine/live-surroundings.ts";
import { defaultTiming } from "../engine/rules.ts";
import { run as runEngine } from "../engine/run.ts";
import { RunFold } from "../engine/run-fold.ts";
import { isDead } from "../journal/process-identity.ts";
import type { RunRecord } from "../journal/store.ts";
import type { SystemDriver } from "../model/driver.ts";
import { ClaimLost, StillwaterError } from "../model/errors.ts";
import type { Step } from "../model/step.ts";
import { alert, grip, LEASE_MS, tokenOf, type Grip } from "./worker.ts";
import type { Workspace } from "./workspace.ts";

/** So long an operator has to resume by himself before the watchdog acts. */
export const GRACE_MS = 5_000;
/** After an attempt that failed the next one is made after a second, then after two, and so on up to this. */
const RETRY_AT_MOST_MS = 60_000;

export type Watch =
  /** Somebody works on the run. */
  | { readonly is: "attended" }
  | { readonly is: "finished" }
  /** Nobody works on it, because it was stopped in order: paused, or it asks. `since`: when the watchdog first saw it, ms since 1970. */
  | { readonly is: "standing"; readonly since: number }
  /** The worker died in the middle. `over`: everything that may be put back was put back. */
  | { readonly is: "orphaned"; readonly since: number; readonly over: boolean };

/** What the watchdog has done about one death of a worker. */
interface Orphan {
  readonly since: number;
  readonly released: Set<string>;
  /** It is in the journal. */
  alarmed: boolean;
  /** The operator was told that it does not get on. */
  complained: boolean;
  tries: number;
  nextTry: number;
  over: boolean;
}

export class Watchdog {
  readonly #workspace: Workspace;
  readonly #record: RunRecord;
  readonly #say: (text: string) => void;
  readonly #seen: RunFold;
  /** Number of the last entry in `#seen`. */
  #seenTo = 0;
  #orphan: Orphan | null = null;
  #standingSince: number | null = null;

  constructor(workspace: Workspace, record: RunRecord, say: (text: string) => void = () => undefined) {
    this.#workspace = workspace;
    this.#record = record;
    this.#say = say;
    this.#seen = new RunFold(record.plan.turns);
  }

  /** One look; acts when the grace is over. Rejects when the journal cannot be read: the next look tries again. */
  async look(): Promise<Watch> {
    const store = await this.#workspace.store();
    const fold = await this.#catchUp();
    if (fold.finished !== null) return { is: "finished" };
    const claim = await store.holder(this.#record.cluster);
    const now = this.#workspace.now();
    const attended = claim !== null && claim.until > now && !isDead(claim.holder);
    if (attended) {
      // Whoever comes gets the whole grace again when he goes; only another watchdog is nobody.
      if (claim.holder.verb !== "watchdog") this.#orphan = null;
      this.#standingSince = null;
      return { is: "attended" };
    }
    if (fold.standing) {
      this.#orphan = null;
      this.#standingSince ??= now;
      return { is: "standing", since: this.#standingSince };
    }
    this.#standingSince = null;
    const orphan = (this.#orphan ??= {
      since: now,
      released: new Set(),
      alarmed: false,
      complained: false,
      tries: 0,
      nextTry: now + GRACE_MS,
      over: false,
    });
    if (!orphan.over && now >= orphan.nextTry) await this.#try(orphan);
    return { is: "orphaned", since: orphan.since, over: orphan.over };
  }

  /** Only what is new is read: a run of thousands of steps is looked at five times a second, on the processors that it needs itself. */
  async #catchUp(): Promise<RunFold> {
    for (const { n, event } of await (await this.#workspace.store()).read(this.#record.id, this.#seenTo)) {
      this.#seen.fold(event);
      this.#seenTo = n;
      // A worker that came and died between two looks: this is another death, and what it has set is not put back yet. A watchdog writes no `claimed`.
      if (event.is === "claimed") this.#orphan = null;
    }
    return this.#seen;
  }

  async #fold(): Promise<RunFold> {
    const store = await this.#workspace.store();
    const entries = await store.read(this.#record.id, 0);
    return new RunFold(
      this.#record.plan.turns,
      entries.map((entry) => entry.event),
    );
  }

  async #try(orphan: Orphan): Promise<void> {
    let problem: string | null;
    try {
      problem = await this.#act(orphan);
    } catch (error) {
      // Somebody resumed in this very moment: then the cluster is attended.
      if (error instanceof StillwaterError && (error.code === "SW2001" || error.code === "SW2002" || error.code === "SW2003")) return;
      problem = messageOf(error);
    }
    if (problem === null) {
      orphan.over = true;
      return;
    }
    orphan.nextTry = this.#workspace.now() + Math.min(RETRY_AT_MOST_MS, 1_000 * 2 ** orphan.tries++);
    this.#say(`the watchdog could not put everything back: ${problem}`);
    if (orphan.complained) return;
    orphan.complained = true;
    const why = `Stillwater died in the middle of the run, and the watchdog could not put everything back yet: ${problem}`;
    await alert(this.#workspace, this.#record.plan, { is: "orphaned", why });
  }

  /** Null: everything that may be put back was put back; else why not. */
  async #act(orphan: Orphan): Promise<string | null> {
    const driver = await this.#workspace.driver();
    const held = await grip(this.#workspace, "watchdog");
    try {
      const fold = await this.#fold();
      // Between our look and our claim somebody may have come, stopped in order, and gone.
      if (fold.finished !== null || fold.standing) return null;
      const left = new Decider(fold, driver.operations).left();
      // In the reverse order of taking: what was taken later may rest on what was taken before.
      const release = left.filter((step) => step.held !== "page" && !orphan.released.has(step.id)).toReversed();
      const surroundings = new LiveSurroundings({
        store: held.store,
        claim: held.claim,
        run: this.#record.id,
        hosts: held.claims,
        leaseMs: LEASE_MS,
        failpoints: failpointsFrom(undefined),
        now: () => this.#workspace.now(),
        entry: () => undefined,
        progress: () => undefined,
      });
      await surroundings.start();
      try {
        if (!orphan.alarmed) await surroundings.append([{ is: "alarm", what: alarmText(left, release), step: left[0]?.id ?? null }]);
        orphan.alarmed = true;
        const problems: string[] = [];
        // One at a time: a lease that cannot be put back must not keep the others set.
        for (const step of release) {
          const problem = await this.#release(driver, held, surroundings, step);
          if (problem === null) orphan.released.add(step.id);
          else problems.push(`${step.title ?? step.id}: ${problem}`);
        }
        if (problems.length > 0) return problems.join("; ");
        await alert(this.#workspace, this.#record.plan, { is: "orphaned", why: doneText(left, orphan.released) });
        return null;
      } finally {
        surroundings.stop();
      }
    } finally {
      await held.release();
    }
  }

  async #release(driver: SystemDriver, held: Grip, surroundings: LiveSurroundings, step: Step): Promise<string | null> {
    const entries = await held.store.read(this.#record.id, 0);
    try {
      const outcome = await runEngine({
        id: tokenOf(held.store, this.#record),
        driver,
        turns: this.#record.plan.turns,
        events: entries.map((entry) => entry.event),
        surroundings,
        timing: { ...defaultTiming, patienceMs: PATIENCE_MS },
        release: [step.id],
      });
      if (outcome.is === "paused") return `${outcome.code} ${outcome.why}`;
      return outcome.is === "asks" ? outcome.question : null;
    } catch (error) {
      if (error instanceof ClaimLost) throw error;
      return messageOf(error);
    }
  }
}

/** The others wait for it, and so does whoever wants to resume. */
const PATIENCE_MS = 30_000;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const named = (steps: readonly Step[]): string => steps.map((step) => step.title ?? step.id).join(", ");

function alarmText(left: readonly Step[], release: readonly Step[]): string {
  if (left.length === 0) return "Stillwater died in the middle of the run; nothing temporary is left set";
  const kept = left.filter((step) => !release.includes(step));
  return [
    "Stillwater died in the middle of the run",
    ...(release.length > 0 ? [`the watchdog puts back: ${named(release)}`] : []),
    ...(kept.length > 0 ? [`still set: ${named(kept)}`] : []),
  ].join("; ");
}
function doneText(left: readonly Step[], released: ReadonlySet<string>): string {
  if (left.length === 0) return alarmText([], []);
  const [back, kept] = [left.filter((step) => released.has(step.id)), left.filter((step) => !released.has(step.id))];
  return [
    "Stillwater died in the middle of the run",
    ...(back.length > 0 ? [`put back: ${named(back)}`] : []),
    ...(kept.length > 0 ? [`still set: ${named(kept)}`] : []),
  ].join("; ");
}
