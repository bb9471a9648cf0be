// The dead man's rule: when the worker of a run dies with a held step set, the cluster must not stay unprotected until somebody notices.
import { Decider } from "../engine/decide.ts";
import { failpointsFrom } from "../engine/failpoints.ts";
import { LiveSurroundings } from "../engine/live-surroundings.ts";
import { run as runEngine } from "../engine/run.ts";
import { RunFold } from "../engine/run-fold.ts";
import { isDead } from "../journal/process-identity.ts";
import type { RunRecord } from "../journal/store.ts";
import { StillwaterError } from "../model/errors.ts";
import type { Step } from "../model/step.ts";
import { alert, grip, LEASE_MS, tokenOf } from "./worker.ts";
import type { Workspace } from "./workspace.ts";

/** So long an operator has to resume by himself before the watchdog acts. */
export const GRACE_MS = 5_000;

export type Watch =
  /** Somebody works on the run, or it stands still in an orderly way. */
  | { readonly is: "attended" }
  | { readonly is: "finished" }
  /** The worker died in the middle; `since`: when the watchdog first saw it, ms since 1970. */
  | { readonly is: "orphaned"; readonly since: number };

export class Watchdog {
  readonly #workspace: Workspace;
  readonly #record: RunRecord;
  #orphanedSince: number | null = null;
  #acted = false;

  constructor(workspace: Workspace, record: RunRecord) {
    this.#workspace = workspace;
    this.#record = record;
  }

  /** One look; acts when the grace is over. Errors are the caller's to log: the next look tries again. */
  async look(): Promise<Watch> {
    const store = await this.#workspace.store();
    const fold = await this.#fold();
    if (fold.finished !== null) return { is: "finished" };
    const claim = await store.holder(this.#record.cluster);
    const attended = claim !== null && claim.until > this.#workspace.now() && !isDead(claim.holder);
    if (attended || fold.paused !== null || fold.asking !== null) {
      this.#orphanedSince = null;
      this.#acted = false;
      return { is: "attended" };
    }
    this.#orphanedSince ??= this.#workspace.now();
    if (!this.#acted && this.#workspace.now() - this.#orphanedSince >= GRACE_MS) await this.#act();
    return { is: "orphaned", since: this.#orphanedSince };
  }

  async #fold(): Promise<RunFold> {
    const store = await this.#workspace.store();
    const entries = await store.read(this.#record.id, 0);
    return new RunFold(
      this.#record.plan.turns,
      entries.map((entry) => entry.event),
    );
  }

  async #act(): Promise<void> {
    const driver = await this.#workspace.driver();
    let held: Awaited<ReturnType<typeof grip>>;
    try {
      held = await grip(this.#workspace, "watchdog");
    } catch (error) {
      // Somebody resumed in this very moment: then the cluster is attended.
      if (error instanceof StillwaterError && (error.code === "SW2001" || error.code === "SW2002")) return;
      throw error;
    }
    try {
      const left = new Decider(await this.#fold(), driver.operations).left();
      const release = left.filter((step) => step.held !== "page");
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
        const what = alarmText(left, release);
        await surroundings.append([{ is: "alarm", what, step: left[0]?.id ?? null }]);
        if (release.length > 0) {
          const entries = await held.store.read(this.#record.id, 0);
          await runEngine({
            id: tokenOf(held.store, this.#record),
            driver,
            turns: this.#record.plan.turns,
            events: entries.map((entry) => entry.event),
            surroundings,
            release: release.map((step) => step.id),
          });
        }
        this.#acted = true;
        await alert(this.#workspace, this.#record.plan, { is: "orphaned", why: what });
      } finally {
        surroundings.stop();
      }
    } finally {
      await held.release();
    }
  }
}

function alarmText(left: readonly Step[], release: readonly Step[]): string {
  if (left.length === 0) return "Stillwater died in the middle of the run; nothing temporary is left set";
  const kept = left.filter((step) => !release.includes(step));
  return [
    "Stillwater died in the middle of the run",
    ...(release.length > 0 ? [`put back: ${release.map((step) => step.title ?? step.id).join(", ")}`] : []),
    ...(kept.length > 0 ? [`still set: ${kept.map((step) => step.title ?? step.id).join(", ")}`] : []),
  ].join("; ");
}
