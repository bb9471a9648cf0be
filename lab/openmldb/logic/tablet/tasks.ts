import type { TaskInfo } from "../tablet-messages.ts";

interface Task {
  readonly info: TaskInfo;
  status: TaskInfo["status"];
}
/** Ends the task; a request without task_info has none, and nothing is noted. */
export type EndTask = (status: "kDone" | "kFailed") => void;

/** Tasks of the nameserver's operations, as GetTaskStatus tells them. In memory: a restart forgets them. */
export class Tasks {
  #tasks: Task[] = [];

  /** Null: that task of that operation is here already. `many`: an operation may have several of that type. */
  begin(info: TaskInfo | undefined, many = false): EndTask | null {
    if (info === undefined) return () => {};
    const isHere = this.#tasks.some(({ info: other }) => other.op_id === info.op_id && other.task_type === info.task_type);
    if (isHere && !many) return null;
    const task: Task = { info, status: "kDoing" };
    this.#tasks.push(task);
    return (status) => {
      task.status = status;
    };
  }

  list(): readonly TaskInfo[] {
    return this.#tasks.map(({ info, status }) => ({ op_id: info.op_id, op_type: info.op_type, task_type: info.task_type, status }));
  }

  forget(operations: readonly number[]): void {
    this.#tasks = this.#tasks.filter(({ info }) => !operations.includes(info.op_id));
  }
}
