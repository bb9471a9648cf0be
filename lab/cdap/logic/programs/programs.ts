import { ServerError } from "../answers.ts";
import type { Agenda } from "../agenda.ts";
import type { LabCluster } from "../cluster.ts";
import { BatchRoutes } from "./batch-routes.ts";
import type { Behaviours } from "./behaviours.ts";
import { Lifecycle } from "./lifecycle.ts";
import { ProgramRoutes } from "./program-routes.ts";
import { RunMachine } from "./run-machine.ts";
import { RunStore } from "./run-store.ts";
import type { ProgramId, Run, RunListener } from "./run.ts";

const SERVICE_RETRY_MS = 5_000;

/** Programs and their runs: what the other parts of the lab may ask and hear of them. */
export class Programs {
  readonly #cluster: LabCluster;
  readonly #store: RunStore;
  readonly #machine: RunMachine;
  readonly #lifecycle: Lifecycle;

  constructor(cluster: LabCluster, agenda: Agenda) {
    this.#cluster = cluster;
    this.#store = new RunStore(cluster);
    this.#machine = new RunMachine(cluster, agenda, this.#store);
    this.#lifecycle = new Lifecycle(cluster, this.#store, this.#machine);
    new ProgramRoutes(cluster, this.#lifecycle, this.#store, this.#machine).register();
    new BatchRoutes(cluster, this.#lifecycle, this.#store).register();
    cluster.control("lose-controller", (body) => this.#machine.lose(this.#run(body)));
    cluster.control("end-run", (body) => this.#machine.end(this.#run(body)));
    cluster.control("runs", () => this.#store.all());
  }

  get behaviours(): Behaviours {
    return this.#machine.behaviours;
  }
  listen(listener: RunListener): void {
    this.#machine.listen(listener);
  }
  /** Of all versions, oldest first. */
  runs(program: ProgramId): readonly Run[] {
    return this.#store.of(program);
  }
  all(): readonly Run[] {
    return this.#store.all();
  }
  /** Runs of an application that have not ended, of all its versions. */
  activeIn(namespace: string, app: string): readonly Run[] {
    return this.#store.active().filter(({ program }) => program.namespace === namespace && program.app === app);
  }
  /** Returns the run's id. Throws ServerError. */
  start(program: ProgramId, args: Readonly<Record<string, string>> = {}): string {
    return this.#lifecycle.start(program, args);
  }
  /** The application is deleted. */
  forget(namespace: string, app: string): void {
    this.#store.forget(namespace, app);
    this.#cluster.changed();
  }
  /** As the bootstrap does: services of system applications that do not run are started, and those of an older version replaced. */
  bootstrap(): void {
    const { applications } = this.#cluster;
    for (const app of applications.apps("system")) {
      const latest = applications.versions("system", app)?.at(-1);
      for (const { type, name } of latest?.programs ?? []) {
        if (type !== "SERVICE") continue;
        const program = { namespace: "system", app, type, name };
        for (const run of this.#store.activeOf(program)) if (run.version !== latest?.version) this.#machine.end(run);
        if (this.#store.activeOf(program).length === 0) this.#startService(program);
      }
    }
  }
  /** Until it is let: a limit of launches counts for the system's own programs, too. */
  #startService(program: ProgramId): void {
    try {
      this.start(program);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      this.#cluster.clock.after(SERVICE_RETRY_MS, () => {
        if (this.#store.activeOf(program).length === 0) this.#startService(program);
      });
    }
  }

  #run(body: unknown): Run {
    const { run: id } = body as { readonly run: string };
    const run = this.#store.get(id);
    if (run === null) throw new Error(`there is no run ${id}`);
    return run;
  }
}
