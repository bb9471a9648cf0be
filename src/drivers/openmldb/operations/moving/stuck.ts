// Operations that nobody works on any more, and that hold up their queue for ever.
import { isActive, type Observation, type OperationView } from "./observation.ts";

/**
 * Tasks that the nameserver does itself, and that its successor takes for a tablet's: after a takeover in the middle of one it stays kDoing, and no tablet
 * ever answers for it (SkipDoneTask, facts 6.3.3).
 */
const ownTasks: ReadonlySet<string> = new Set(["kChangeLeader", "kDelTableInfo"]);

/** A change of leader that waits so long for its turn, milliseconds, is cancelled: its partition would be fenced until everything before it has ended. */
export const queuedAtMostMs = 5_000;

/** Above what a nameserver waits for a tablet's answer in such a task, milliseconds. */
export const stuckAfterMs = 25_000;

/** What one process remembers of them between two looks. */
export class StuckOperations {
  /** Of those that stay as they are: since when. */
  readonly #since = new Map<string, number>();
  #now = 0;

  look({ now, operations }: Pick<Observation, "now" | "operations">): void {
    this.#now = now;
    const seen = new Set(operations.filter((operation) => isOwnTask(operation) || isQueuedChange(operation)).map(placeOf));
    for (const place of this.#since.keys()) if (!seen.has(place)) this.#since.delete(place);
    for (const place of seen) if (!this.#since.has(place)) this.#since.set(place, now);
  }
  has(operation: OperationView): boolean {
    return isOwnTask(operation) && this.#lasted(operation) >= stuckAfterMs;
  }
  /** A change of leader that does not get its turn, whatever it waits for. */
  isQueuedInVain(operation: OperationView): boolean {
    return isQueuedChange(operation) && this.#lasted(operation) >= queuedAtMostMs;
  }
  #lasted(operation: OperationView): number {
    return this.#now - (this.#since.get(placeOf(operation)) ?? this.#now);
  }
}
const isOwnTask = (operation: OperationView): boolean => isActive(operation) && ownTasks.has(operation.task_type ?? "");
const isQueuedChange = ({ status, op_type }: OperationView): boolean => status === "kInited" && op_type === "kChangeLeaderOP";
const placeOf = ({ op_id, status, task_type }: OperationView): string => `${String(op_id)} ${status} ${task_type ?? ""}`;
