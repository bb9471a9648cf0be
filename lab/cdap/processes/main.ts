// What `bin/cdap` of a lab starts: main.ts LAB serve|start|stop|restart|status|replace VERSION. What was compiled once is kept for the next.
import { enableCompileCache } from "node:module";
import { join } from "node:path";

const [, , directory = "", action = "", version] = process.argv;
const usage = "usage: cdap start|stop|restart|status|replace VERSION";
enableCompileCache(join(directory, "compiled"));
switch (action) {
  case "serve":
    await (await import("./server.ts")).serve(directory);
    break;
  case "start":
  case "stop":
  case "restart":
  case "status":
  case "replace":
    await control(action);
    break;
  default:
    process.stderr.write(`${usage}\n`);
    process.exitCode = 2;
}

async function control(what: "start" | "stop" | "restart" | "status" | "replace"): Promise<void> {
  const { processOf, replace, start, stop } = await import("./control.ts");
  try {
    if (what === "stop" || what === "restart") await stop(directory);
    if (what === "start" || what === "restart") await start(directory);
    if (what === "replace") {
      if (version === undefined) throw new Error(usage);
      await replace(directory, version);
    }
    const found = processOf(directory);
    process.stdout.write(found === null ? "Stillwater lab: CDAP is down\n" : `Stillwater lab: CDAP runs, pid ${String(found.pid)}\n`);
  } catch (error) {
    process.stderr.write(`Stillwater lab: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
