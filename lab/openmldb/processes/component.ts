// One component as a process: the lab's node logic on the real clock, real files, HTTP on the endpoint and ZooKeeper over the wire.
import { existsSync } from "node:fs";
import { basename, isAbsolute, join, resolve } from "node:path";
import { RealClock } from "../../kit/real-clock.ts";
import { RealDisk } from "../../kit/real-disk.ts";
import { RealNetwork } from "../../kit/real-network.ts";
import { seededRandom } from "../../kit/random.ts";
import { parseProperties } from "../memory/flags-file.ts";
import type { Component, Durations, RunningNode, Surroundings } from "../logic/node.ts";
import { componentLog } from "./component-log.ts";
import { defaultDurations } from "./durations.ts";
import { readLabFile, type Role } from "./lab-file.ts";
import { LabNetwork } from "../../kit/lab-network.ts";
import { WireZooKeeperPort } from "./zookeeper-port.ts";

export interface Launch {
  readonly role: Role;
  /** What the binary is. */
  readonly release: string;
  readonly installation: string;
  /** Directory of the lab; null: the distribution was put to use by hand. */
  readonly lab: string | null;
  /** Of the command line and the flag file. */
  readonly flags: Readonly<Record<string, string>>;
}

/** Returns when the component listens; its listener and timers keep the process alive. */
export async function runComponent(launch: Launch): Promise<void> {
  const { role, release, installation } = launch;
  const disk = new RealDisk();
  const flags =
    role === "taskmanager" ? parseProperties(disk.read(join(installation, "taskmanager/conf/taskmanager.properties")) ?? "") : launch.flags;
  const endpoint = role === "taskmanager" ? `${flags["server.host"] ?? ""}:${flags["server.port"] ?? ""}` : (flags["endpoint"] ?? "");
  const name = role === "taskmanager" ? role : basename(flags["flagfile"] ?? role, ".flags");
  const { seed, durations } = settingsOf(launch.lab);
  const log = componentLog(logDirectory(role, installation, flags), name);
  const exit = (code: number, why: string): never => {
    log(code === 0 ? "INFO" : "ERROR", why);
    process.stderr.write(`${why}\n`);
    process.exit(code);
  };
  const network = new LabNetwork(new RealNetwork());
  const component: Component = { role, endpoint, release, directory: installation, flags, durations };
  if (role === "taskmanager") needSpark(flags["spark.home"] ?? "", exit);
  process.on("uncaughtException", (error) => exit(134, `uncaught: ${error.stack ?? error.message}`));
  // brpc handles SIGINT alone (facts 3.2): requests under way are answered, and the session with ZooKeeper is left as it is.
  process.once("SIGINT", () => {
    void network.drain().then(() => exit(0, "SIGINT: requests under way are answered"));
  });
  log("INFO", `Stillwater lab: ${role} ${release} starts at ${endpoint}, pid ${String(process.pid)}`);
  const logic = await logicOf(component, {
    clock: new RealClock(),
    network,
    zookeeper: new WireZooKeeperPort((role === "taskmanager" ? flags["zookeeper.cluster"] : flags["zk_cluster"]) ?? ""),
    disk,
    random: seededRandom(seed ^ hash(endpoint)),
    log,
    exit,
  });
  try {
    await logic.start();
  } catch (error) {
    exit(1, `Fail to start ${role}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function logicOf(component: Component, surroundings: Surroundings): Promise<RunningNode> {
  switch (component.role) {
    case "nameserver": {
      const { Nameserver } = await import("../logic/nameserver/nameserver.ts");
      return new Nameserver(component, surroundings);
    }
    case "tablet": {
      const { tablet } = await import("../logic/tablet/tablet.ts");
      return tablet(component, surroundings);
    }
    case "apiserver": {
      const { ApiServer } = await import("../logic/apiserver/apiserver.ts");
      return new ApiServer(component, surroundings);
    }
    case "taskmanager": {
      const { Taskmanager } = await import("../logic/taskmanager/taskmanager.ts");
      return new Taskmanager(component, surroundings);
    }
  }
}

function settingsOf(lab: string | null): { readonly seed: number; readonly durations: Durations } {
  return lab === null ? { seed: 1, durations: defaultDurations } : readLabFile(lab);
}

function logDirectory(role: Role, installation: string, flags: Readonly<Record<string, string>>): string {
  const given = role === "taskmanager" ? flags["job.log.path"] : flags["openmldb_log_dir"];
  const path = given ?? "./logs";
  return isAbsolute(path) ? path : resolve(role === "taskmanager" ? join(installation, "taskmanager/bin") : installation, path);
}

function needSpark(sparkHome: string, exit: (code: number, why: string) => never): void {
  const home = sparkHome === "" ? (process.env["SPARK_HOME"] ?? "") : sparkHome;
  if (!existsSync(join(home, "jars"))) exit(1, `spark.home ${home === "" ? "is not set" : `${home} is no Spark distribution`}`);
}

/** FNV-1a: nodes of one seed draw different numbers. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 0;
}
