// Labs: simulated clusters of systems whose servers cannot be had, as processes on this machine.
import { down as downOpenmldb } from "./openmldb/processes/down.ts";
import { writeClusterFile } from "./openmldb/processes/cluster-file.ts";
import { faultUsages, inject, parseFault } from "./openmldb/processes/faults.ts";
import type { LabFile } from "./openmldb/processes/lab-file.ts";
import { loadLines, startLoad, type LabLoadOptions, type LabLoadResult } from "./openmldb/processes/load.ts";
import { status as statusOpenmldb, statusLines, type LabStatus } from "./openmldb/processes/status.ts";
import { up as upOpenmldb, type UpOptions } from "./openmldb/processes/up.ts";
import { walkLines } from "./openmldb/processes/walk.ts";

export { demoStage as openmldbDemoStage } from "./openmldb/demo/stage.ts";
export { faultUsages };
export type { LabFile, LabLoadOptions, LabLoadResult, LabStatus, UpOptions };

/** Systems that have a lab. */
export const labSystems = ["openmldb"] as const;

/** What was done, and what a person is told of it. */
export type Told<T> = T & { readonly lines: readonly string[] };

/** Error when the system has no lab, an option is wrong, or a component does not come up: then nothing is left running. */
export async function up(system: string, options: UpOptions = {}): Promise<Told<{ readonly lab: LabFile; readonly clusterFile: string }>> {
  if (!labSystems.some((each) => each === system)) throw new Error(`there is no lab of ${system}; there is one of ${labSystems.join(", ")}`);
  const lab = await upOpenmldb(options);
  const clusterFile = writeClusterFile(lab);
  return { lab, clusterFile, lines: [...statusLines(await statusOpenmldb(lab.directory)), "", ...walkLines(lab, clusterFile)] };
}

/** Error when the directory holds no lab; so with all that follow. */
export async function status(directory: string): Promise<Told<LabStatus>> {
  const found = await statusOpenmldb(directory);
  return { ...found, lines: statusLines(found) };
}

/** Ends every process of the lab; with `remove` its files go, too. */
export async function down(directory: string, options: { readonly remove?: boolean } = {}): Promise<Told<{ readonly processes: number }>> {
  const processes = await downOpenmldb(directory, options);
  return { processes, lines: [`lab in ${directory}: ${String(processes)} processes ended${options.remove === true ? ", files removed" : ""}`] };
}

/** `words` as typed: KIND and what it wants; see `faultUsages`. */
export async function fault(directory: string, words: readonly string[]): Promise<Told<object>> {
  return { lines: [await inject(directory, parseFault(words))] };
}

/** Writes until `ended` resolves, then reads everything back. */
export async function load(directory: string, options: LabLoadOptions, ended: Promise<unknown>): Promise<Told<LabLoadResult>> {
  const running = await startLoad(directory, options);
  await ended;
  const result = await running.stop();
  return { ...result, lines: loadLines(running.table, result) };
}
