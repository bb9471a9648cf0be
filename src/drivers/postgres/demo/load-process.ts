// The process of `startLoad`: the application writes from here, so that nothing that its parent does can hold it up.
import { NodeWatch } from "./node-watch.ts";
import type { LoadAnswer, LoadRequest } from "./load.ts";
import { Writer } from "./writer.ts";

let writer: Writer | null = null;
let watches: readonly NodeWatch[] = [];

async function serve(request: LoadRequest): Promise<LoadAnswer> {
  if (request.ask === "start") {
    writer = new Writer(request.writer);
    await writer.start();
    watches = request.watch ? request.writer.route.hosts.map((host) => new NodeWatch(request.writer.route, host)) : [];
    for (const watch of watches) watch.start();
  }
  if (writer === null) throw new Error("not started");
  if (request.ask === "stop") await Promise.all([writer.stop(), ...watches.map((watch) => watch.stop())]);
  return {
    id: request.id,
    figures: { ...writer.figures(), nodes: watches.map((watch) => watch.figures()) },
    lost: request.ask === "stop" ? await writer.lost() : [],
    failed: null,
  };
}

async function answer(request: LoadRequest): Promise<void> {
  try {
    process.send?.(await serve(request));
  } catch (error) {
    const failed: LoadAnswer = { id: request.id, figures: null, lost: [], failed: error instanceof Error ? error.message : String(error) };
    process.send?.(failed);
  }
}

process.on("message", (request: LoadRequest) => void answer(request));
// The parent is gone: nobody will read the figures.
process.on("disconnect", () => process.exit(0));
