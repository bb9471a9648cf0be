// What the server checks before it sends a message to start or stop something (ProgramLifecycleService, facts 3.2).
import { ServerError, badRequest, conflict, notFound } from "../answers.ts";
import type { AppVersion } from "../applications.ts";
import type { LabCluster } from "../cluster.ts";
import { siteNumber } from "../settings.ts";
import { notRunning, referenceText, runText, versionedText } from "./entity.ts";
import type { RunMachine } from "./run-machine.ts";
import { hasEnded, type RunStore } from "./run-store.ts";
import type { ProgramId, Run, RunStatus } from "./run.ts";

/** Run-level stop finds these, and not STOPPING (facts 0.5). */
const STOPPABLE: ReadonlySet<RunStatus> = new Set<RunStatus>(["PENDING", "STARTING", "RUNNING", "SUSPENDED", "RESUMING"]);

export class Lifecycle {
  readonly #cluster: LabCluster;
  readonly #store: RunStore;
  readonly #machine: RunMachine;

  constructor(cluster: LabCluster, store: RunStore, machine: RunMachine) {
    this.#cluster = cluster;
    this.#store = store;
    this.#machine = machine;
  }

  /** The version that holds it; null: the latest. Throws 404. */
  versionOf(program: ProgramId, version: string | null): AppVersion {
    const { applications } = this.#cluster;
    if (!applications.namespaces().includes(program.namespace)) throw notFound(`namespace:${program.namespace}`);
    const versions = applications.versions(program.namespace, program.app) ?? [];
    const found = version === null ? versions.at(-1) : versions.find((each) => each.version === version);
    const holds = found?.programs.some(({ type, name }) => type === program.type && name === program.name) ?? false;
    if (found === undefined || !holds)
      throw notFound(version === null ? versionedText(program, found?.version ?? "-SNAPSHOT") : versionedText(program, version));
    return found;
  }
  /** Runs of the latest version, as `/status` and the stops of whole programs see them (facts 0.2). */
  activeOfLatest(program: ProgramId): readonly Run[] {
    const { version } = this.versionOf(program, null);
    return this.#store.activeOf(program).filter((run) => run.version === version);
  }

  /** Of the latest version. Throws 404, 409, 429. */
  start(program: ProgramId, overrides: Readonly<Record<string, string>>): string {
    const { version } = this.versionOf(program, null);
    const args = { ...this.#cluster.applications.argumentsOf(program), ...overrides };
    this.#refuseDouble(program, version);
    const profile = args["system.profile.name"];
    if (profile !== undefined) this.#checkProfile(program, profile);
    this.#checkLimits(program, version, args);
    return this.#machine.start(program, version, args);
  }
  /** All its runs of the latest version, those that are STOPPING already among them. Throws 400 when there is none. */
  stopProgram(program: ProgramId, version: string | null, budgetMs: number): readonly Run[] {
    const own = this.versionOf(program, version).version;
    const runs = this.#store.activeOf(program).filter((run) => run.version === own);
    if (runs.length === 0) throw notRunning(version === null ? referenceText(program) : versionedText(program, own));
    for (const run of runs) this.#refuseChild(run);
    for (const run of runs) this.#machine.stop(run, budgetMs);
    return runs;
  }
  /** Of any version. Throws 400 when it does not run, or is STOPPING. */
  stopRun(program: ProgramId, runId: string, budgetMs: number): void {
    const { version } = this.versionOf(program, null);
    const run = this.#store.of(program).find(({ id }) => id === runId);
    if (run === undefined) throw notFound(runText(program, version, runId));
    if (!STOPPABLE.has(run.status)) throw notRunning(versionedText(program, run.version));
    this.#refuseChild(run);
    this.#machine.stop(run, budgetMs);
  }
  /** Throws 404. */
  runOf(program: ProgramId, runId: string): Run {
    const { version } = this.versionOf(program, null);
    const found = this.#store.of(program).find(({ id }) => id === runId);
    if (found === undefined) throw new ServerError(404, `No run record found for program ${versionedText(program, version)} and runID: ${runId}`);
    return found;
  }
  /** Programs whose runs were killed in the window run again, with the arguments that are saved now (facts P14). In ms since 1970, `to` exclusive. */
  restart(namespace: string, app: string, from: number, to: number): void {
    const killed = this.#store
      .all()
      .filter(({ program, parent }) => program.namespace === namespace && program.app === app && parent === null)
      .filter(({ status, end }) => status === "KILLED" && end !== null && end >= from && end < to);
    const programs = new Map(killed.map((run) => [versionedText(run.program, ""), run.program]));
    for (const program of programs.values()) {
      if (this.#store.activeOf(program).length === 0) this.start(program, {});
    }
  }
  /** The budget of run-level and batch stops. */
  get defaultBudgetMs(): number {
    return siteNumber(this.#cluster.settings, "app.program.max.stop.seconds") * 1_000;
  }

  #refuseChild(run: Run): void {
    const parent = run.parent === null ? null : this.#store.get(run.parent);
    if (parent !== null && !hasEnded(parent))
      throw badRequest(
        `Cannot stop the program run '${runText(run.program, run.version, run.id)}' started by the Workflow run '${parent.id}'. Please stop the Workflow.`,
      );
  }
  /** Services and workers run once; the others as often as they are started (facts 3.2). */
  #refuseDouble(program: ProgramId, version: string): void {
    if (program.type !== "SERVICE" && program.type !== "WORKER") return;
    const active = this.#store.activeOf(program);
    const coming = [...this.#machine.outstanding].filter(([, other]) => versionedText(other, "") === versionedText(program, ""));
    const ids = [...active.map(({ id }) => id), ...coming.map(([id]) => id)].join(", ");
    if (ids === "") return;
    const own = active.length === 0 || active.some((run) => run.version === version);
    const where = own ? "" : " in an version of the same application";
    throw conflict(`Program ${versionedText(program, version)} is already running${where} with run ids ${own ? `[${ids}]` : ids}`);
  }
  #checkProfile(program: ProgramId, profile: string): void {
    const [scope, name = scope ?? ""] = profile.includes(":") ? profile.split(":") : ["", profile];
    const namespace = scope?.toUpperCase() === "SYSTEM" ? "system" : program.namespace;
    const enabled = this.#cluster.applications.profileEnabled(namespace, name);
    if (enabled === null) throw notFound(`profile:${namespace}.${name}`);
    if (!enabled)
      throw conflict(
        `Profile ${name} in namespace ${namespace} is disabled. It cannot be used to start the program ${versionedText(program, "-SNAPSHOT")}`,
      );
  }
  #checkLimits(program: ProgramId, version: string, args: Readonly<Record<string, string>>): void {
    const { settings } = this.#cluster;
    const limit = (name: "app.max.concurrent.runs" | "app.max.concurrent.launching"): number => siteNumber(settings, name);
    const [runs, launches] = [limit("app.max.concurrent.runs"), limit("app.max.concurrent.launching")];
    if (runs < 0 && launches < 0) return;
    const active = this.#store.active().filter(({ parent }) => parent === null);
    const launching = this.#machine.outstanding.size + active.filter(({ status }) => status === "PENDING" || status === "STARTING").length;
    const all = this.#machine.outstanding.size + active.length;
    const refuse = (reason: string): never => {
      this.#machine.reject(program, version, args);
      throw new ServerError(429, `Program ${versionedText(program, version)} cannot start because the maximum of ${reason} is allowed`);
    };
    if (runs >= 0 && all >= runs) refuse(`${String(runs)} outstanding runs`);
    if (launches >= 0 && launching >= launches) refuse(`${String(launches)} concurrent provisioning/starting runs`);
  }
}
