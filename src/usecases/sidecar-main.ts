// The process beside a run: `node sidecar-main.ts RUN_DIRECTORY`. Started by the worker, outlives it, ends by itself.
import { sidecar } from "./sidecar-process.ts";

// Its log may lie on a full disk: what cannot be written there must not end the watchdog, which is what an unhandled error of a stream does.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new TypeError("sidecar-main.ts RUN_DIRECTORY");
await sidecar(directory);
// A connection that somebody forgot to close must not keep a process alive whose work is done.
process.exit();
