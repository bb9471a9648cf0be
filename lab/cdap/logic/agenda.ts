import type { Timer } from "../../kit/clock.ts";
import type { LabCluster } from "./cluster.ts";

interface AgendaState {
  next: number;
  /** By number. `at`: ms since 1970. */
  readonly tasks: Record<string, { readonly at: number; readonly kind: string; readonly what: unknown }>;
}

/**
 * What is to happen later, kept by the storage: messages that are under way, and the next step of every run. A server that starts again takes it up; what
 * was due meanwhile happens then.
 */
export class Agenda {
  readonly #cluster: LabCluster;
  readonly #state: AgendaState;
  readonly #handlers = new Map<string, (what: unknown) => void>();
  readonly #timers = new Map<string, Timer>();

  constructor(cluster: LabCluster) {
    this.#cluster = cluster;
    this.#state = cluster.part<AgendaState>("agenda", () => ({ next: 1, tasks: {} }));
  }
  /** `What`: plain JSON. */
  on<What>(kind: string, handler: (what: What) => void): (ms: number, what: What) => void {
    this.#handlers.set(kind, (what) => handler(what as What));
    return (ms, what) => this.#add(kind, ms, what);
  }
  /** When the server starts, or appfabric alone: nothing happens before it is there. */
  arm(): void {
    const { tasks } = this.#state;
    const inOrder = Object.entries(tasks).toSorted(([a, one], [b, other]) => one.at - other.at || Number(a) - Number(b));
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    for (const [id, { at }] of inOrder) this.#arm(id, Math.max(at, this.#cluster.readyAt ?? 0));
  }

  #add(kind: string, ms: number, what: unknown): void {
    const id = String(this.#state.next);
    this.#state.next += 1;
    const at = this.#cluster.clock.now() + ms;
    this.#state.tasks[id] = { at, kind, what };
    this.#arm(id, at);
    this.#cluster.changed();
  }
  #arm(id: string, at: number): void {
    const fire = (): void => {
      this.#timers.delete(id);
      const task = this.#state.tasks[id];
      if (task === undefined) return;
      delete this.#state.tasks[id];
      this.#handlers.get(task.kind)?.(task.what);
      this.#cluster.changed();
    };
    this.#timers.set(id, this.#cluster.clock.after(Math.max(0, at - this.#cluster.clock.now()), fire));
  }
}
