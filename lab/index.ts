// Labs: simulated clusters of systems whose servers cannot be had, as processes on this machine.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeClusterFile as writeCdapClusterFile } from "./cdap/processes/cluster-file.ts";
import { down as downCdap } from "./cdap/processes/down.ts";
import { inject as injectCdap, parseFault as parseCdapFault } from "./cdap/processes/faults.ts";
import type { LabFile as CdapLabFile } from "./cdap/processes/lab-file.ts";
import { status as statusCdap, statusLines as cdapStatusLines, type LabStatus as CdapStatus } from "./cdap/processes/status.ts";
import { up as upCdap, type UpOptions as CdapUpOptions } from "./cdap/processes/up.ts";
import { walkLines as cdapWalkLines } from "./cdap/processes/walk.ts";
import { writeClusterFile as writeDataphinClusterFile } from "./dataphin/processes/cluster-file.ts";
import { down as downDataphin } from "./dataphin/processes/down.ts";
import { inject as injectDataphin } from "./dataphin/processes/faults.ts";
import type { LabFile as DataphinLabFile } from "./dataphin/processes/lab-file.ts";
import { status as statusDataphin, statusLines as dataphinStatusLines, type LabStatus as DataphinStatus } from "./dataphin/processes/status.ts";
import { up as upDataphin, type UpOptions as DataphinUpOptions } from "./dataphin/processes/up.ts";
import { walkLines as dataphinWalkLines } from "./dataphin/processes/walk.ts";
import { writeClusterFile as writeDolphindbClusterFile } from "./dolphindb/processes/cluster-file.ts";
import { down as downDolphindb } from "./dolphindb/processes/down.ts";
import { inject as injectDolphindb, parseFault as parseDolphindbFault } from "./dolphindb/processes/faults.ts";
import type { LabFile as DolphindbLabFile } from "./dolphindb/processes/lab-file.ts";
import { status as statusDolphindb, statusLines as dolphindbStatusLines, type LabStatus as DolphindbStatus } from "./dolphindb/processes/status.ts";
import { up as upDolphindb, type UpOptions as DolphindbUpOptions } from "./dolphindb/processes/up.ts";
import { walkLines as dolphindbWalkLines } from "./dolphindb/processes/walk.ts";
import { writeClusterFile as writeOpenmldbClusterFile } from "./openmldb/processes/cluster-file.ts";
import { down as downOpenmldb } from "./openmldb/processes/down.ts";
import { inject as injectOpenmldb, parseFault as parseOpenmldbFault } from "./openmldb/processes/faults.ts";
import type { LabFile as OpenmldbLabFile } from "./openmldb/processes/lab-file.ts";
import { loadLines, startLoad, type LabLoadOptions, type LabLoadResult } from "./openmldb/processes/load.ts";
import { status as statusOpenmldb, statusLines as openmldbStatusLines, type LabStatus as OpenmldbStatus } from "./openmldb/processes/status.ts";
import { up as upOpenmldb, type UpOptions as OpenmldbUpOptions } from "./openmldb/processes/up.ts";
import { walkLines as openmldbWalkLines } from "./openmldb/processes/walk.ts";

export { demoStage as cdapDemoStage } from "./cdap/demo/stage.ts";
export { demoStage as dataphinDemoStage } from "./dataphin/demo/stage.ts";
export { demoStage as dolphindbDemoStage } from "./dolphindb/demo/stage.ts";
export { demoStage as openmldbDemoStage } from "./openmldb/demo/stage.ts";
export type { OpenmldbLabFile as LabFile };

/** What was done, and what a person is told of it. */
export type Told<T> = T & { readonly lines: readonly string[] };

interface LabTypes {
  readonly openmldb: { readonly options: OpenmldbUpOptions; readonly lab: OpenmldbLabFile; readonly status: OpenmldbStatus };
  readonly dolphindb: { readonly options: DolphindbUpOptions; readonly lab: DolphindbLabFile; readonly status: DolphindbStatus };
  readonly cdap: { readonly options: CdapUpOptions; readonly lab: CdapLabFile; readonly status: CdapStatus };
  readonly dataphin: { readonly options: DataphinUpOptions; readonly lab: DataphinLabFile; readonly status: DataphinStatus };
}
type LabSystem = keyof LabTypes;
interface Lab<System extends LabSystem> {
  /** Names of options as a person may give them. */
  readonly options: readonly (keyof LabTypes[System]["options"] & string)[];
  up(options: LabTypes[System]["options"]): Promise<LabTypes[System]["lab"]>;
  writeClusterFile(lab: LabTypes[System]["lab"]): string;
  status(directory: string): Promise<LabTypes[System]["status"]>;
  statusLines(status: LabTypes[System]["status"]): readonly string[];
  walkLines(status: LabTypes[System]["status"], clusterFile: string): readonly string[];
  down(directory: string, options: { readonly remove?: boolean }): Promise<number>;
  /** Words as typed: KIND and what it wants. */
  fault(directory: string, words: readonly string[]): Promise<string>;
}

const openmldb: Lab<"openmldb"> = {
  options: ["tablets", "nameservers", "apiservers", "taskmanagers", "partitions", "replicas", "release", "seed", "scale"],
  up: upOpenmldb,
  writeClusterFile: writeOpenmldbClusterFile,
  status: statusOpenmldb,
  statusLines: openmldbStatusLines,
  walkLines: ({ lab }, clusterFile) => openmldbWalkLines(lab, clusterFile),
  down: downOpenmldb,
  fault: (directory, words) => injectOpenmldb(directory, parseOpenmldbFault(words)),
};
const dolphindb: Lab<"dolphindb"> = {
  options: ["hosts", "controllers", "dataNodes", "computeNodes", "replicas", "release", "seed", "scale"],
  up: upDolphindb,
  writeClusterFile: writeDolphindbClusterFile,
  status: statusDolphindb,
  statusLines: dolphindbStatusLines,
  walkLines: ({ lab, leader }, clusterFile) => dolphindbWalkLines(lab, clusterFile, leader),
  down: downDolphindb,
  fault: (directory, words) => injectDolphindb(directory, parseDolphindbFault(words)),
};
const cdap: Lab<"cdap"> = {
  options: ["apps", "programs", "stubborn", "release", "seed", "scale"],
  up: upCdap,
  writeClusterFile: writeCdapClusterFile,
  status: statusCdap,
  statusLines: cdapStatusLines,
  walkLines: ({ lab }, clusterFile) => cdapWalkLines(lab, clusterFile),
  down: downCdap,
  fault: (directory, words) => injectCdap(directory, parseCdapFault(words)),
};
const dataphin: Lab<"dataphin"> = {
  options: ["release", "seed", "scale", "at"],
  up: upDataphin,
  writeClusterFile: writeDataphinClusterFile,
  status: statusDataphin,
  statusLines: dataphinStatusLines,
  walkLines: ({ lab }, clusterFile) => dataphinWalkLines(lab, clusterFile),
  down: downDataphin,
  fault: (directory, words) => injectDataphin(directory, words),
};
const labs: { readonly [System in LabSystem]: Lab<System> } = { openmldb, dolphindb, cdap, dataphin };

/** Systems that have a lab. */
const labSystems = Object.keys(labs) as LabSystem[];

/** Error when an option is wrong, or a node does not come up: then nothing is left running. */
export function up<System extends LabSystem>(
  system: System,
  options: LabTypes[System]["options"] = {},
): Promise<Told<{ readonly lab: LabTypes[System]["lab"]; readonly clusterFile: string }>> {
  return bringUp<System>(labs[system], options);
}

async function bringUp<System extends LabSystem>(
  of: Lab<System>,
  options: LabTypes[System]["options"],
): Promise<Told<{ readonly lab: LabTypes[System]["lab"]; readonly clusterFile: string }>> {
  const lab = await of.up(options);
  const clusterFile = of.writeClusterFile(lab);
  const found = await of.status(lab.directory);
  return { lab, clusterFile, lines: [...of.statusLines(found), "", ...of.walkLines(found, clusterFile)] };
}

/** As it was typed: error for a system that has no lab, and for an option that this lab does not have. Absent options count as not given. */
export async function upAsTyped(
  name: string,
  typed: Readonly<Record<string, number | string | undefined>>,
  rest: { readonly directory: string; readonly log: (line: string) => void },
): Promise<Told<object>> {
  const system = labSystems.find((each) => each === name);
  if (system === undefined) throw new Error(`there is no lab of ${name === "" ? "nothing" : name}; there is one of ${labSystems.join(", ")}`);
  const given = Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== undefined));
  const known: readonly string[] = labs[system].options;
  const unknown = Object.keys(given).filter((option) => !known.includes(option));
  if (unknown.length > 0) throw new Error(`a lab of ${system} has no ${unknown.join(", ")}; it has ${known.join(", ")}`);
  return up(system, { ...given, ...rest });
}

/** Error when the directory holds no lab; so with all that follow. */
function systemIn(directory: string): LabSystem {
  let found: unknown;
  try {
    found = (JSON.parse(readFileSync(join(directory, "lab.json"), "utf8")) as { readonly lab?: unknown }).lab;
  } catch (error) {
    throw new Error(`${directory} holds no lab (there is no lab.json)`, { cause: error });
  }
  const system = labSystems.find((each) => each === found);
  if (system === undefined) throw new Error(`${join(directory, "lab.json")} is of no lab that this Stillwater knows`);
  return system;
}

export async function status(directory: string): Promise<Told<object>> {
  const told = async <System extends LabSystem>(of: Lab<System>): Promise<Told<object>> => {
    const found = await of.status(directory);
    return { ...found, lines: of.statusLines(found) };
  };
  const system = systemIn(directory);
  switch (system) {
    case "openmldb":
      return told(openmldb);
    case "dolphindb":
      return told(dolphindb);
    case "cdap":
      return told(cdap);
    case "dataphin":
      return told(dataphin);
  }
}

/** Ends every process of the lab; with `remove` its files go, too. */
export async function down(directory: string, options: { readonly remove?: boolean } = {}): Promise<Told<{ readonly processes: number }>> {
  const processes = await labs[systemIn(directory)].down(directory, options);
  return {
    processes,
    lines: [
      `lab in ${directory}: ${processes === 1 ? "1 process" : `${String(processes)} processes`} ended${options.remove === true ? ", files removed" : ""}`,
    ],
  };
}

/** `words` as typed: KIND and what it wants. Error with all kinds when it is none of them. */
export async function fault(directory: string, words: readonly string[]): Promise<Told<object>> {
  return { lines: [await labs[systemIn(directory)].fault(directory, words)] };
}

/** Writes until `ended` resolves, then reads everything back. */
export async function load(directory: string, options: LabLoadOptions, ended: Promise<unknown>): Promise<Told<LabLoadResult>> {
  const system = systemIn(directory);
  if (system === "cdap") throw new Error("a lab of cdap has its own work: `stillwater lab status` says what has become of its records");
  if (system !== "openmldb")
    throw new Error(`a lab of ${system} has no load of its own: \`stillwater probe start\` writes numbered rows and judges them`);
  const running = await startLoad(directory, options);
  await ended;
  const result = await running.stop();
  return { ...result, lines: loadLines(running.table, result) };
}
