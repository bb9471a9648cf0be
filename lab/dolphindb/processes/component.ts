// One server as a process: the lab's node logic on the real clock and real files, with one port for nodes and clients.
import { spawn } from "node:child_process";
import { appendFileSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { RealClock } from "../../kit/real-clock.ts";
import { RealDisk } from "../../kit/real-disk.ts";
import { LabNetwork } from "../../kit/lab-network.ts";
import { seededRandom } from "../../kit/random.ts";
import { parseSettings, siteOf } from "../logic/cluster-files.ts";
import type { Component, Launch, RunningNode } from "../logic/node.ts";
import { labNode } from "../logic/start.ts";
import { networkWithFaces } from "../wire/http-faces.ts";
import { commandLineOf, parseCommandLine, roleOf, SETTINGS } from "./command-line.ts";
import { defaultDurations } from "./durations.ts";
import { journaled } from "./journal.ts";
import { readLabFile } from "./lab-file.ts";
import { PortNetwork } from "./port-network.ts";

export interface Start {
  /** As it was called: `./../dolphindb`. */
  readonly executable: string;
  readonly words: readonly string[];
  /** `.../server/clusterDemo`. */
  readonly directory: string;
  /** Directory of the lab; null: a package that was put to use by hand. */
  readonly lab: string | null;
}
/** How often the library is looked at that a real process has mapped. */
const LIBRARY_MS = 500;

/** Returns when it listens; its listener and timers keep the process alive. */
export async function runServer({ executable, words, directory, lab }: Start): Promise<void> {
  const options = parseCommandLine(words);
  const log = logTo(resolve(directory, options["logFile"] ?? "log/dolphindb.log"));
  const exit = (code: number, why: string): never => {
    log(code === 0 ? "INFO" : "ERROR", why);
    process.exit(code);
  };
  process.on("uncaughtException", (error) => {
    process.stderr.write(`${error.stack ?? error.message}\n`);
    exit(134, `uncaught: ${error.stack ?? error.message}`);
  });
  const component = componentOf(options, directory, lab, exit);
  log(
    "INFO",
    `Stillwater lab: ${component.role} ${component.alias} ${component.release} starts at ${component.endpoint}, pid ${String(process.pid)}`,
  );
  const faults = new LabNetwork(new PortNetwork(() => ({ evaluator, around: (asked, work) => faults.around(asked, work) })));
  const node: RunningNode = labNode(component, {
    clock: new RealClock(),
    network: networkWithFaces(faults, () => evaluator),
    disk: new RealDisk(),
    random: seededRandom((lab === null ? 1 : readLabFile(lab).seed) ^ hash(`${component.alias} ${String(process.pid)}`)),
    log,
    exit,
    launch: (launch) => {
      start(executable, directory, launch);
    },
  });
  const evaluator = journaled(node, log);
  process.once("SIGTERM", () => {
    node.terminate();
  });
  dieWithTheLibrary(resolve(directory, "../libDolphinDB.so"));
  await node.start();
}

function componentOf(
  options: Readonly<Record<string, string>>,
  directory: string,
  lab: string | null,
  exit: (code: number, why: string) => never,
): Component {
  const role = roleOf(options["mode"]) ?? exit(1, `Stillwater lab: no mode ${options["mode"] ?? ""}`);
  try {
    const given = process.env[SETTINGS];
    const { config } = options;
    const settings =
      given !== undefined
        ? (JSON.parse(given) as Readonly<Record<string, string>>)
        : parseSettings(config === undefined ? "" : readFileSync(resolve(directory, config), "utf8"));
    const site = siteOf(options["localSite"] ?? settings["localSite"] ?? "") ?? exit(1, "The configuration has no localSite.");
    const scale = lab === null ? 1 : readLabFile(lab).scale;
    return {
      role,
      alias: site.alias,
      endpoint: site.endpoint,
      release: [process.env["LAB_RELEASE"] ?? "0.0.0", process.env["LAB_FLAVOUR"] ?? ""].filter((part) => part !== "").join("_"),
      directory,
      settings,
      durations: lab === null ? { ...defaultDurations, scale: 1 / scale } : readLabFile(lab).durations,
    };
  } catch (error) {
    return exit(1, error instanceof Error ? error.message : String(error));
  }
}

/** Who is started so belongs to nobody; what it says beside its log goes to a file like those of the scripts. */
function start(executable: string, directory: string, launch: Launch): void {
  const output = openSync(resolve(directory, `${launch.alias}.nohup`), "w");
  const child = spawn(executable, commandLineOf(launch), {
    cwd: directory,
    detached: true,
    stdio: ["ignore", output, output],
    env: { ...process.env, [SETTINGS]: JSON.stringify(launch.settings) },
  });
  child.on("error", () => {
    // No binary there: the controller sees that no node comes.
  });
  child.unref();
  closeSync(output);
}

/** `<INFO> :text` lines, with the instant in front. */
function logTo(path: string): (level: "INFO" | "WARNING" | "ERROR", line: string) => void {
  mkdirSync(dirname(path), { recursive: true });
  return (level, line) => {
    const stamp = new Date().toISOString().replace("T", " ").slice(0, 23);
    appendFileSync(path, `${stamp},${String(process.pid)} <${level}> :${line}\n`);
  };
}

/** A library that is overwritten in place takes the processes with it that have it mapped (facts 1.4); one that is exchanged by renaming does not. */
function dieWithTheLibrary(path: string): void {
  if (!existsSync(path)) return;
  const { ino, mtimeMs } = statSync(path);
  setInterval(() => {
    const now = statSync(path, { throwIfNoEntry: false });
    if (now !== undefined && now.ino === ino && now.mtimeMs !== mtimeMs) process.kill(process.pid, "SIGBUS");
  }, LIBRARY_MS).unref();
}

/** FNV-1a: nodes of one seed draw different numbers. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 0;
}
