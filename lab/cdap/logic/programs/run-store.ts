import type { LabCluster } from "../cluster.ts";
import { keyOf } from "./entity.ts";
import type { ProgramId, Run, RunStatus } from "./run.ts";

interface RunState {
  readonly runs: Record<string, Run>;
}
const ENDED: ReadonlySet<RunStatus> = new Set<RunStatus>(["COMPLETED", "FAILED", "KILLED", "REJECTED"]);
export const hasEnded = ({ status }: Run): boolean => ENDED.has(status);

/** Run records of all programs, oldest first. */
export class RunStore {
  readonly #state: RunState;
  readonly #byProgram = new Map<string, Run[]>();
  readonly #active = new Set<Run>();

  constructor(cluster: LabCluster) {
    this.#state = cluster.part<RunState>("runs", () => ({ runs: {} }));
    for (const run of Object.values(this.#state.runs)) this.#index(run);
  }
  add(run: Run): void {
    this.#state.runs[run.id] = run;
    this.#index(run);
  }
  ended(run: Run): void {
    this.#active.delete(run);
  }
  get(id: string): Run | null {
    return this.#state.runs[id] ?? null;
  }
  /** Of all versions. */
  of(program: ProgramId): readonly Run[] {
    return this.#byProgram.get(keyOf(program)) ?? [];
  }
  activeOf(program: ProgramId): readonly Run[] {
    return this.of(program).filter((run) => !hasEnded(run));
  }
  active(): readonly Run[] {
    return [...this.#active];
  }
  all(): readonly Run[] {
    return Object.values(this.#state.runs);
  }
  /** With its application. */
  forget(namespace: string, app: string): void {
    for (const run of this.all()) {
      if (run.program.namespace !== namespace || run.program.app !== app) continue;
      delete this.#state.runs[run.id];
      this.#byProgram.delete(keyOf(run.program));
      this.#active.delete(run);
    }
  }

  #index(run: Run): void {
    const key = keyOf(run.program);
    const same = this.#byProgram.get(key);
    if (same === undefined) this.#byProgram.set(key, [run]);
    else same.push(run);
    if (!hasEnded(run)) this.#active.add(run);
  }
}
