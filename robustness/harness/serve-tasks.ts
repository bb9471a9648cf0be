// The worker's side of the pool.
import { parentPort } from "node:worker_threads";

export function serveTasks(play: (task: never) => Promise<unknown>): void {
  const port = parentPort;
  if (port === null) throw new Error("this program is a worker thread of the harness");
  port.on("message", (task) => {
    play(task as never).then(
      (result) => {
        port.postMessage({ result });
      },
      (error: unknown) => {
        port.postMessage({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      },
    );
  });
}
