// Operations that nobody works on any more, and that hold up their queue for ever.
import { isActive, type Observation, type OperationView } from "./observation.ts";

/**
 * Tasks that the nameserver does itself, and that its successor takes for a tablet's: after a takeover in the middle of one it stays kDoing, and no tablet
 * ever answers for it (SkipDoneTask, facts 6.3.3).
 */
const ownTasks: ReadonlySet<string> = new Set(["kChangeLeader", "kDelTableInfo"]);

/** Above what a nameserver waits for a tablet's answer in such a task, milliseconds. */
export const stuckAfterMs = 25_000;

/** What one process remembers of them between two looks. */
export class StuckOperations {
  readonly #since = new Map<string, number>();
  #now = 0;

  look({ now, operations }: Pick<Observation, "now" | "operations">): void {
    this.#now = now;
    const seen = new Set(operations.filter((operation) => isActive(operation) && ownTasks.has(operation.task_type ?? "")).map(placeOf));
    for (const place of this.#since.keys()) if (!seen.has(place)) this.#since.delete(place);
    for (const place of seen) if (!this.#since.has(place)) this.#since.set(place, now);
  }
  has(operation: OperationView): boolean {
    const since = this.#since.get(placeOf(operation));
    return since !== undefined && this.#now - since >= stuckAfterMs;
  }
}
const placeOf = ({ op_id, task_type }: OperationView): string => `${String(op_id)} ${task_type ?? ""}`;
