import type { OpType, TaskType } from "./operation.ts";

/** What can be made to go wrong in a nameserver. Each happens once. */
export type NameserverFault =
  /** The task fails without having been done. */
  | { readonly kind: "fail-task"; readonly task: TaskType; readonly op?: OpType }
  /** The task begins that much later. */
  | { readonly kind: "delay-task"; readonly task: TaskType; readonly op?: OpType; readonly ms: number }
  /** The call of that follower is not answered, after the followers before it have taken the higher term (upstream issue 2849). */
  | { readonly kind: "fail-follow-of-no-one"; readonly endpoint: string };

export class NameserverFaults {
  #waiting: NameserverFault[] = [];

  add(fault: NameserverFault): void {
    this.#waiting.push(fault);
  }

  clear(): void {
    this.#waiting = [];
  }

  /** Takes what is to happen to that task. */
  ofTask(task: TaskType, op: OpType): { readonly delayMs: number; readonly fails: boolean } {
    const meant = (fault: NameserverFault): boolean =>
      fault.kind !== "fail-follow-of-no-one" && fault.task === task && (fault.op === undefined || fault.op === op);
    const delay = this.#take((fault) => fault.kind === "delay-task" && meant(fault));
    const failure = this.#take((fault) => fault.kind === "fail-task" && meant(fault));
    return { delayMs: delay?.kind === "delay-task" ? delay.ms : 0, fails: failure !== null };
  }

  failsFollowOfNoOne(endpoint: string): boolean {
    return this.#take((fault) => fault.kind === "fail-follow-of-no-one" && fault.endpoint === endpoint) !== null;
  }

  #take(matches: (fault: NameserverFault) => boolean): NameserverFault | null {
    const index = this.#waiting.findIndex(matches);
    if (index < 0) return null;
    return this.#waiting.splice(index, 1)[0] ?? null;
  }
}
