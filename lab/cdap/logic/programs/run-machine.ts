// What becomes of a run between its start and its end (facts 3.2 and section 8).
import type { Agenda } from "../agenda.ts";
import type { ProgramType } from "../applications.ts";
import type { LabCluster } from "../cluster.ts";
import { siteNumber } from "../settings.ts";
import { Behaviours } from "./behaviours.ts";
import { runIdAt } from "./run-id.ts";
import { hasEnded, type RunStore } from "./run-store.ts";
import type { EndStatus, ProgramId, Run, RunListener, RunStatus } from "./run.ts";

interface Start {
  readonly run: string;
  readonly program: ProgramId;
  readonly version: string;
  readonly args: Readonly<Record<string, string>>;
  readonly parent: string | null;
}
interface Stop {
  readonly run: string;
  readonly budgetMs: number;
}
/** Happens if the run is in one of these states then. */
interface Step {
  readonly run: string;
  readonly from: readonly RunStatus[];
  readonly to: RunStatus;
}

/** A workflow looks so often whether its children have ended. */
const CHILDREN_MS = 500;
/** A child runs in its workflow's container: there is nothing to provision. */
const CHILD_START_MS = 500;

export class RunMachine {
  readonly behaviours: Behaviours;
  /** Requests that were answered and whose runs have no record yet. */
  readonly outstanding = new Map<string, ProgramId>();
  readonly #cluster: LabCluster;
  readonly #agenda: Agenda;
  readonly #store: RunStore;
  readonly #listeners: RunListener[] = [];
  readonly #later: {
    readonly start: (ms: number, what: Start) => void;
    readonly stop: (ms: number, what: Stop) => void;
    readonly step: (ms: number, what: Step) => void;
    readonly monitor: (ms: number, what: null) => void;
  };

  constructor(cluster: LabCluster, agenda: Agenda, store: RunStore) {
    this.#cluster = cluster;
    this.#agenda = agenda;
    this.#store = store;
    this.behaviours = new Behaviours(cluster);
    this.#later = {
      start: agenda.on<Start>("start", (what) => this.#started(what)),
      stop: agenda.on<Stop>("stop", (what) => this.#told(what)),
      step: agenda.on<Step>("step", (what) => this.#step(what)),
      monitor: agenda.on<null>("monitor", () => this.#monitor()),
    };
    const begun = cluster.part<{ monitor: boolean }>("monitor", () => ({ monitor: false }));
    cluster.onAppfabric(() => {
      if (!begun.monitor) this.#later.monitor(this.#interval, null);
      begun.monitor = true;
      this.#recover();
    });
  }

  listen(listener: RunListener): void {
    this.#listeners.push(listener);
  }
  /** The message of a start is under way; returns the run's id. */
  start(program: ProgramId, version: string, args: Readonly<Record<string, string>>): string {
    const { clock, random, settings } = this.#cluster;
    const run = runIdAt(clock.now(), random);
    this.outstanding.set(run, program);
    this.#later.start(settings.durations.messaging, { run, program, version, args, parent: null });
    return run;
  }
  /** A record without a run: the limit was reached. */
  reject(program: ProgramId, version: string, args: Readonly<Record<string, string>>): void {
    const { clock, random } = this.#cluster;
    const run = this.#record({ run: runIdAt(clock.now(), random), program, version, args, parent: null }, "PENDING");
    this.#become(run, "REJECTED");
  }
  /** The message of a stop is under way. */
  stop(run: Run, budgetMs: number): void {
    this.#later.stop(this.#cluster.settings.durations.messaging, { run: run.id, budgetMs });
  }
  suspend(run: Run): void {
    this.#later.step(this.#cluster.settings.durations.messaging, { run: run.id, from: ["RUNNING"], to: "SUSPENDED" });
  }
  resume(run: Run): void {
    this.#later.step(this.#cluster.settings.durations.messaging, { run: run.id, from: ["SUSPENDED"], to: "RUNNING" });
  }
  /** As somebody does on the cluster that runs it (`yarn application -kill`): the record follows, whoever has its controller. */
  end(run: Run): void {
    if (hasEnded(run)) return;
    run.forced = true;
    this.#become(run, "KILLED");
  }
  /** Its controller is gone, as after a loss of its host. */
  lose(run: Run): void {
    run.lost = true;
    this.#cluster.changed();
  }

  #started(start: Start): void {
    this.outstanding.delete(start.run);
    const { applications, settings } = this.#cluster;
    // Deleted meanwhile.
    if (applications.versions(start.program.namespace, start.program.app) === null) return;
    this.#record(start, "PENDING");
    this.#later.step(settings.durations.pending, { run: start.run, from: ["PENDING"], to: "STARTING" });
  }
  #record({ run: id, program, version, args, parent }: Start, status: RunStatus): Run {
    const starting = this.#cluster.clock.now();
    const unknown = { start: null, suspend: null, resume: null, stopping: null, terminate: null, end: null };
    const run: Run = { id, program, version, status, starting, ...unknown, parent, children: {}, args, forced: false, lost: false };
    this.#store.add(run);
    this.#tell(run, null);
    return run;
  }

  #step({ run: id, from, to }: Step): void {
    const run = this.#store.get(id);
    if (run === null || !from.includes(run.status) || run.lost) return;
    if (ENDS.has(to) && this.#childrenOf(run).length > 0) {
      this.#later.step(CHILDREN_MS, { run: id, from, to });
      return;
    }
    this.#become(run, to);
  }
  #become(run: Run, to: RunStatus): void {
    const now = this.#cluster.clock.now();
    const before = run.status;
    run.status = to;
    if (to === "RUNNING" && run.start === null) run.start = now;
    else if (to === "RUNNING") run.resume = now;
    if (to === "SUSPENDED") run.suspend = now;
    if (to === "STOPPING") run.stopping = now;
    if (ENDS.has(to)) {
      run.end = now;
      this.#store.ended(run);
    }
    if (to === "STARTING") {
      const { startMs, startFails } = this.behaviours.of(run);
      this.#later.step(startMs, { run: run.id, from: ["STARTING"], to: startFails ? "FAILED" : "RUNNING" });
    }
    if (to === "RUNNING") this.#runs(run);
    this.#tell(run, before);
    if (ENDS.has(to)) this.#childEnded(run);
  }
  #tell(run: Run, before: RunStatus | null): void {
    for (const listener of this.#listeners) listener(run, before);
    this.#cluster.changed();
  }
  #runs(run: Run): void {
    if (this.#nodes(run).length > 0) {
      this.#nextChild(run);
      return;
    }
    const { runsMs, endsAs } = this.behaviours.of(run);
    if (runsMs !== null) this.#later.step(runsMs, { run: run.id, from: ["RUNNING"], to: endsAs });
  }

  /** Programs that the workflow's version starts one after another. */
  #nodes({ program, version }: Run): readonly { readonly type: ProgramType; readonly name: string }[] {
    if (program.type !== "WORKFLOW") return [];
    const versions = this.#cluster.applications.versions(program.namespace, program.app) ?? [];
    const own = versions.find((each) => each.version === version) ?? versions.at(-1);
    return own?.programs.find(({ type, name }) => type === program.type && name === program.name)?.children ?? [];
  }
  #childrenOf(run: Run): readonly Run[] {
    return Object.values(run.children)
      .map((id) => this.#store.get(id))
      .filter((child) => child !== null && !hasEnded(child))
      .filter((child) => child !== null);
  }
  #nextChild(workflow: Run): void {
    const node = this.#nodes(workflow).find(({ name }) => workflow.children[name] === undefined);
    if (node === undefined) {
      this.#become(workflow, "COMPLETED");
      return;
    }
    const { clock, random } = this.#cluster;
    const id = runIdAt(clock.now(), random);
    workflow.children[node.name] = id;
    const program = { ...workflow.program, type: node.type, name: node.name };
    const child = this.#record({ run: id, program, version: workflow.version, args: workflow.args, parent: workflow.id }, "PENDING");
    child.status = "STARTING";
    this.#tell(child, "PENDING");
    this.#later.step(CHILD_START_MS, { run: id, from: ["STARTING"], to: "RUNNING" });
  }
  #childEnded(child: Run): void {
    const workflow = child.parent === null ? null : this.#store.get(child.parent);
    if (workflow === null || workflow.status !== "RUNNING") return;
    if (child.status === "COMPLETED") this.#nextChild(workflow);
    else this.#become(workflow, "FAILED");
  }

  #told({ run: id, budgetMs }: Stop): void {
    const run = this.#store.get(id);
    // STOPPING cannot become STOPPING: the first budget counts.
    if (run === null || hasEnded(run) || run.status === "STOPPING") return;
    const now = this.#cluster.clock.now();
    if (run.status === "PENDING") {
      this.#become(run, "KILLED");
      return;
    }
    const passes = run.status === "RUNNING" || this.#cluster.release.stoppingFromAnywhere;
    const from = passes ? (["STOPPING"] as const) : [run.status];
    if (passes) {
      run.terminate = now + budgetMs;
      this.#become(run, "STOPPING");
    }
    for (const child of this.#childrenOf(run)) this.#told({ run: child.id, budgetMs });
    const { drainMs, exitMs, onStop } = this.behaviours.of(run);
    if (onStop === "lost") run.lost = true;
    // What has no time for its drain does not end by itself: the monitor kills it.
    if (run.lost || (passes && drainMs > budgetMs)) return;
    this.#later.step(drainMs + exitMs, { run: id, from, to: END_ON_STOP[onStop] });
  }

  get #interval(): number {
    return siteNumber(this.#cluster.settings, "app.program.terminator.interval.secs") * 1_000;
  }
  /** Scans at its interval; kills what is past its time and a buffer, if there is a controller to tell. */
  #monitor(): void {
    const { clock, settings } = this.#cluster;
    const buffer = siteNumber(settings, "app.program.terminate.time.buffer.secs") * 1_000;
    const due = (run: Run): boolean => run.status === "STOPPING" && run.terminate !== null && run.terminate + buffer <= clock.now() && !run.lost;
    for (const run of this.#store.active().filter(due)) {
      run.forced = true;
      this.#become(run, "KILLED");
    }
    this.#later.monitor(this.#interval, null);
  }

  /** What a restart of appfabric does to the runs under way. */
  #recover(): void {
    switch (this.#cluster.settings.onRestart) {
      case "go-on":
        break;
      case "fail":
        for (const run of this.#store.active()) {
          if (hasEnded(run) || run.lost || run.status === "PENDING") continue;
          run.forced = true;
          this.#become(run, "FAILED");
        }
        break;
      case "stuck-starting":
        for (const run of this.#store.active()) if (run.status === "STARTING") run.lost = true;
        break;
    }
    this.#agenda.arm();
  }
}

const ENDS: ReadonlySet<RunStatus> = new Set<RunStatus>(["COMPLETED", "FAILED", "KILLED", "REJECTED"]);
const END_ON_STOP: Readonly<Record<"killed" | "completes" | "fails" | "lost", EndStatus>> = {
  killed: "KILLED",
  completes: "COMPLETED",
  fails: "FAILED",
  lost: "KILLED",
};
