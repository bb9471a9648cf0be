// The scripts that come with the server, with their real behaviour: they end with 0 when they have failed, and return before anything has happened (facts 1.4).
import type { CommandResult } from "../../../src/model/host.ts";
import { said } from "../../kit/memory-host.ts";
import { copyTree, exists } from "../../kit/trees.ts";
import { serverOf, type Machine } from "./machine.ts";
import { kept, packageIn, unzip } from "./releases.ts";

export interface ScriptCall {
  /** `sh` is dash on this machine. */
  readonly shell: "sh" | "bash";
  /** `.../clusterDemo`: the scripts work only there. */
  readonly directory: string;
  readonly input: string;
  /** TERM of the caller; null: not set. */
  readonly terminal: string | null;
}
const COPY_MS = 800;

/** Null: no script of the vendor's. */
export function vendorScript(machine: Machine, name: string, call: ScriptCall): Promise<CommandResult> | null {
  switch (name) {
    case "startController.sh":
      return Promise.resolve(startScript(machine, "controller", call));
    case "startAgent.sh":
      return Promise.resolve(startScript(machine, "agent", call));
    case "stopAllNode.sh":
      // Every process of the user with that word in its command line; it does not wait for one.
      for (const running of machine.processes()) running.terminate();
      return Promise.resolve(said(""));
    case "upgrade.sh":
      return upgrade(machine, call);
    default:
      return null;
  }
}

function startScript(machine: Machine, role: "controller" | "agent", { directory }: ScriptCall): CommandResult {
  const running = machine.spawn({ role, directory, launch: null });
  if (running === null)
    machine.disk.write(`${directory}/${role}.nohup`, "nohup: failed to run command './../dolphindb': No such file or directory\n");
  return said("");
}

async function upgrade(machine: Machine, { shell, directory, input, terminal }: ScriptCall): Promise<CommandResult> {
  if (shell === "sh") return { code: 2, stdout: "", stderr: 'upgrade.sh: 12: Syntax error: "(" unexpected\n' };
  // `set -e; clear`
  if (terminal === null || terminal === "dumb") return { code: 1, stdout: "", stderr: "TERM environment variable not set.\n" };
  const [go = "", menu = "", version = ""] = input.split("\n").map((line) => line.trim());
  if (go !== "y") return said("");
  if (menu === "1") return said("DownLoadFailure\n");
  if (menu !== "2") return said("");
  const { disk } = machine;
  const zip = `${directory}/DolphinDB_Linux64_V${version}.zip`;
  if (!exists(disk, zip)) return said("UpLoadFailure\n");
  const made = packageIn(disk.read(zip) ?? "");
  if (made === null) return said("UpLoadSuccess\nUnzipFailure\n");
  await machine.sleep(COPY_MS);
  const unpacked = `${directory}/v${version}`;
  const server = serverOf(directory);
  unzip(disk, made, unpacked);
  for (const name of disk.list(`${unpacked}/server`)) if (!kept.has(name)) copyTree(disk, `${unpacked}/server/${name}`, `${server}/${name}`);
  disk.remove(unpacked);
  disk.remove(zip);
  // Libraries are overwritten in place: a process that has them mapped dies of it.
  for (const running of machine.processes()) if (running.executable.startsWith(`${server}/`)) running.kill();
  return said("UpLoadSuccess\nUnzipSuccess\nUpgradeSuccess\n");
}
