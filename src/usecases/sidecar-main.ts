// The process beside a run: `node sidecar-main.ts RUN_DIRECTORY`. Started by the worker, outlives it, ends by itself.
import { sidecar } from "./sidecar-process.ts";

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new TypeError("sidecar-main.ts RUN_DIRECTORY");
await sidecar(directory);
