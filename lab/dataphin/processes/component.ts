// One component as a process: the lab's logic on a real clock, with sockets and files.
import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LabNetwork } from "../../kit/lab-network.ts";
import { RealNetwork } from "../../kit/real-network.ts";
import { labCredentials, type ComponentName, type Surroundings } from "../logic/cluster.ts";
import { Gateway } from "../logic/dataservice/gateway.ts";
import { Executors } from "../logic/executors.ts";
import { Manager } from "../logic/manager/manager.ts";
import { Platform } from "../logic/platform/platform.ts";
import { RealtimeRuntime } from "../logic/realtime.ts";
import { addWorkload } from "../logic/workload.ts";
import { ShiftedClock } from "./clocks.ts";
import { directoryOf, readLabFile, writeWhole, writeWorkload } from "./lab-file.ts";

/** Returns when it listens; its listeners and timers keep the process alive. */
export async function runComponent(directory: string, name: ComponentName): Promise<void> {
  const lab = readLabFile(directory);
  const own = directoryOf(lab, name);
  mkdirSync(own, { recursive: true });
  const log = (line: string): void => {
    appendFileSync(join(own, "log"), `${new Date().toISOString()} ${line}\n`);
  };
  process.on("uncaughtException", (error) => {
    log(`uncaught: ${error.stack ?? error.message}`);
    process.exit(134);
  });
  const network = new LabNetwork(new RealNetwork());
  const state = join(own, "state.json");
  const surroundings: Surroundings = {
    clock: new ShiftedClock(lab.aheadMs),
    network,
    endpoints: lab.endpoints,
    settings: lab.settings,
    store: {
      load: () => {
        try {
          return readFileSync(state, "utf8");
        } catch {
          return null;
        }
      },
      save: (text) => {
        writeWhole(state, text);
      },
    },
  };
  log(`Stillwater lab: ${name} starts, pid ${String(process.pid)}`);
  process.once("SIGTERM", () => {
    void network.drain().then(() => process.exit(0));
  });
  switch (name) {
    case "platform": {
      const platform = new Platform(surroundings, { version: lab.release, credentials: labCredentials, signingNow: () => Date.now() });
      if (platform.database.data.projects.length === 0) writeWorkload(lab, addWorkload(platform.database, surroundings.clock.now(), lab.work));
      return platform.start();
    }
    case "manager":
      return new Manager(surroundings, labCredentials).start();
    case "executors":
      return new Executors(surroundings).start();
    case "realtime":
      return new RealtimeRuntime(surroundings).start();
    case "gateway":
      return new Gateway(surroundings, lab.release, () => Date.now()).start();
  }
}
