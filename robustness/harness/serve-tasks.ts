// The worker's side of the pool.
import { parentPort } from "node:worker_threads";

export function serveTasks<Task, Result>(play: (task: Task) => Promise<Result>): void {
  const port = parentPort;
  if (port === null) throw new Error("this program is a worker thread of the harness");
  port.on("message", (task: Task) => {
    play(task).then(
      (result) => {
        port.postMessage({ result });
      },
      (error: unknown) => {
        port.postMessage({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      },
    );
  });
}
