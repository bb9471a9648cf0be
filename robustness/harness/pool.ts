// Tasks over worker threads: results in the order of the tasks, whoever did them; one that takes too long is ended with its thread.
import { Worker } from "node:worker_threads";

export interface PoolOptions<Task, Result> {
  /** The program of a worker: it answers each message with `{result}` or `{failed}`, see `serveTasks`. */
  readonly program: URL;
  readonly workers: number;
  /** Real time that one task may take, milliseconds. */
  readonly withinMs: number;
  /** What stands for a task that did not end, or whose thread died. */
  readonly failed: (task: Task, why: string) => Result;
  /** After each, in the order in which they end. */
  readonly done?: (result: Result, task: Task) => void;
}
interface Answer<Result> {
  readonly result?: Result;
  readonly failed?: string;
}

export async function overWorkers<Task, Result>(tasks: readonly Task[], options: PoolOptions<Task, Result>): Promise<readonly Result[]> {
  const results: Result[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    let worker: Worker | null = null;
    for (let index = next++; index < tasks.length; index = next++) {
      const task = tasks[index] as Task;
      worker ??= new Worker(options.program);
      const answer = await ask<Result>(worker, task, options.withinMs);
      if (answer.result === undefined) {
        await worker.terminate();
        worker = null;
      }
      const result = answer.result ?? options.failed(task, answer.failed ?? "no answer");
      results[index] = result;
      options.done?.(result, task);
    }
    await worker?.terminate();
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(options.workers, tasks.length)) }, work));
  return results;
}

function ask<Result>(worker: Worker, task: unknown, withinMs: number): Promise<Answer<Result>> {
  return new Promise((resolve) => {
    const settle = (answer: Answer<Result>): void => {
      clearTimeout(timer);
      for (const event of ["message", "error", "exit"]) worker.removeAllListeners(event);
      resolve(answer);
    };
    const timer = setTimeout(() => settle({ failed: `no end within ${String(Math.round(withinMs / 1_000))} s` }), withinMs);
    worker.once("message", (answer: Answer<Result>) => settle(answer));
    worker.once("error", (error) => settle({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }));
    worker.once("exit", (code) => settle({ failed: `its thread ended with ${String(code)}` }));
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin; the rule is about windows
    worker.postMessage(task);
  });
}
