// The platform as a process: the lab's logic on the real clock, real HTTP and a directory.
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LabNetwork } from "../../kit/lab-network.ts";
import type { Disk } from "../../kit/disk.ts";
import type { Network, Request, Server } from "../../kit/network.ts";
import { seededRandom } from "../../kit/random.ts";
import { RealClock } from "../../kit/real-clock.ts";
import { RealDisk } from "../../kit/real-disk.ts";
import { RealNetwork } from "../../kit/real-network.ts";
import { installed } from "../apps/install.ts";
import { platformOf } from "../logic/platform.ts";
import type { Settings } from "../logic/settings.ts";
import { installedVersion, placesOf, readLabFile } from "./lab-file.ts";
import { batchIntervalOf, settingsOf, type Contents } from "./settings.ts";
import { StateFile } from "./state-file.ts";

/** What a lab begins with, until it has begun. */
const CONTENTS = "contents.json";
export const writeContents = (directory: string, contents: Contents): void => {
  writeFileSync(join(directory, CONTENTS), `${JSON.stringify(contents, null, 2)}\n`);
};

/** Returns when it listens; its listeners and timers keep the process alive. */
export async function serve(directory: string): Promise<void> {
  const lab = readLabFile(directory);
  const places = placesOf(directory);
  const contents = JSON.parse(readFileSync(join(directory, CONTENTS), "utf8")) as Contents;
  const state = new StateFile(places.state, () => ({ settings: settingsOf(lab, contents) }));
  const settings = state.storage.parts["settings"] as Settings;
  settings.release = installedVersion(directory);
  mkdirSync(places.logs, { recursive: true });
  const log = (line: string): void => {
    appendFileSync(join(places.logs, "cdap.log"), `${new Date().toISOString()} ${String(process.pid)} ${line}\n`);
  };
  const end = (code: number, why: string): void => {
    log(why);
    state.flush();
    process.exit(code);
  };
  process.on("uncaughtException", (error) => {
    process.stderr.write(`${error.stack ?? error.message}\n`);
    end(134, `uncaught: ${error.stack ?? error.message}`);
  });
  process.once("SIGTERM", () => end(0, "stopped"));
  const requests: Requests = { total: 0, bySecond: {} };
  const platform = platformOf({
    clock: new RealClock(),
    network: logged(new LabNetwork(new RealNetwork()), requests, log),
    endpoint: lab.endpoint,
    storage: state.storage,
    random: seededRandom(lab.seed ^ process.pid),
  });
  installed({ ...contents, batchInterval: batchIntervalOf(lab), disk: below(new RealDisk(), places.files) })(platform);
  platform.cluster.control("requests", (): Requests => requests);
  await platform.cluster.start();
  log(`Stillwater lab: CDAP ${settings.release} serves at ${lab.endpoint}`);
}

/** What this process was asked, without the lab's own pages: seconds since 1970. */
export interface Requests {
  total: number;
  readonly bySecond: Record<string, number>;
}
/** Everything is counted; what changes something is noted with its answer. */
function logged(network: Network, requests: Requests, log: (line: string) => void): Network {
  const told =
    (server: Server): Server =>
    async (request: Request) => {
      if (!request.path.startsWith("/lab/")) {
        const second = String(Math.floor(Date.now() / 1_000));
        requests.total += 1;
        requests.bySecond[second] = (requests.bySecond[second] ?? 0) + 1;
      }
      const reply = await server(request);
      if (request.method !== "GET") log(`${request.method} ${request.path} ${reply === null ? "cut" : String(reply.status)}`);
      return reply;
    };
  return { listen: (endpoint, server) => network.listen(endpoint, told(server)), call: (...words) => network.call(...words) };
}

/** A file system of its own below a directory. */
function below(disk: Disk, root: string): Disk {
  const at = (path: string): string => join(root, path);
  return {
    read: (path) => disk.read(at(path)),
    write: (path, text) => disk.write(at(path), text),
    append: (path, text) => disk.append(at(path), text),
    remove: (path) => disk.remove(at(path)),
    rename: (from, to) => disk.rename(at(from), at(to)),
    list: (path) => disk.list(at(path)),
  };
}
