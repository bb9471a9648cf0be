// A lab from nothing: packages, installation directories, configuration, and every node started as the vendor has it: controllers and agents by their
// scripts, data nodes by their agents because the controller was asked to.
import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { freePorts } from "../../kit/free-ports.ts";
import { checkCount, checkScale, labDirectory } from "../../kit/up.ts";
import type { Durations, LabRole } from "../logic/node.ts";
import { LabClient } from "./ask.ts";
import { writeConfiguration, type Settings } from "./configuration.ts";
import { down } from "./down.ts";
import { defaultDurations } from "./durations.ts";
import { clusterDirectoryOf, nodesOf, writeLabConf, writeLabFile, type LabArchive, type LabFile, type LabNode } from "./lab-file.ts";
import { layOutRelease, packRelease } from "./releases.ts";
import { createTables } from "./tables.ts";

const run = promisify(execFile);

export interface UpOptions {
  /** Absent: a new temporary directory. It must be empty or not exist. */
  readonly directory?: string | undefined;
  readonly hosts?: number | undefined;
  /** On each of the first so many hosts. */
  readonly controllers?: number | undefined;
  /** On each host; so with compute nodes. */
  readonly dataNodes?: number | undefined;
  readonly computeNodes?: number | undefined;
  /** Replication factor. */
  readonly replicas?: number | undefined;
  /** That every host begins with. */
  readonly release?: string | undefined;
  readonly seed?: number | undefined;
  /** Of the vendor's waits and time-outs; 1 is as long as theirs. */
  readonly scale?: number | undefined;
  /** Beside what the tutorial's files have. */
  readonly settings?: Settings | undefined;
  readonly durations?: Partial<Omit<Durations, "scale">> | undefined;
  /** Packages beside those of every lab. */
  readonly packages?: readonly string[] | undefined;
  readonly log?: ((line: string) => void) | undefined;
}

export const defaultRelease = "2.00.7.4";
const known = ["2.00.7.4", "2.00.8.12", "2.00.9.1", "2.00.9.6", "2.00.10.9", "3.00.4.3", "3.00.5.1"] as const;
const ROLES: readonly LabRole[] = ["controller", "agent", "datanode", "computenode"];

/** Error when an option is wrong, the directory is taken, or a node does not come up; what was started is stopped then. */
export async function up(options: UpOptions = {}): Promise<LabFile> {
  const lab = await plan(options);
  const log = options.log ?? (() => undefined);
  writeLabFile(lab);
  try {
    const archives = layOut(lab, options);
    const complete: LabFile = { ...lab, archives };
    writeLabFile(complete);
    await startAll(complete, log);
    return complete;
  } catch (error) {
    await down(lab.directory);
    throw error;
  }
}

async function plan(options: UpOptions): Promise<LabFile> {
  const { hosts = 3, dataNodes = 1, computeNodes = 0, seed = 1, scale = 1, release = defaultRelease } = options;
  checkCount("hosts", hosts, 1);
  const controllers = options.controllers ?? (hosts < 3 ? 1 : 3);
  const replicationFactor = options.replicas ?? Math.min(2, hosts);
  checkCount("controllers", controllers, 1);
  checkCount("data nodes of a host", dataNodes, 1);
  checkCount("compute nodes of a host", computeNodes, 0);
  checkCount("replicas", replicationFactor, 1);
  if (controllers > hosts) throw new Error(`controllers: ${String(hosts)} hosts have room for ${String(hosts)}, not for ${String(controllers)}`);
  if (replicationFactor > hosts) throw new Error(`replicas: ${String(hosts)} hosts cannot hold ${String(replicationFactor)} on different hosts`);
  checkScale(scale);
  if (!/^\d+\.\d+\.\d+(\.\d+)?$/.test(release)) throw new Error(`release: a version such as 2.00.8.12 is wanted, not ${release}`);
  const asked = resolve(options.directory ?? tmpdir());
  if (/[^\u0021-\u007e]/.test(asked)) throw new Error(`${asked}: an installation of DolphinDB has no blank and no Chinese character in its path`);
  const directory = await labDirectory(options.directory);
  const counts: Readonly<Record<LabRole, number>> = { controller: 1, agent: 1, datanode: dataNodes, computenode: computeNodes };
  const names: Readonly<Record<LabRole, string>> = { controller: "ctl", agent: "agent", datanode: "node", computenode: "compute" };
  const nodes: LabNode[] = [];
  for (let host = 1; host <= hosts; host += 1) {
    // Replicas of one chunk lie on different hosts, so that every host has an address of its own, as in the tutorial.
    const address = `127.10.11.${String(host)}`;
    const ports = [...(await freePorts(2 + dataNodes + computeNodes, address))];
    for (const role of ROLES)
      for (let index = 0; index < counts[role]; index += 1) {
        if (role === "controller" && host > controllers) continue;
        const letter = counts[role] === 1 ? "" : String.fromCodePoint(97 + index);
        const name = `${names[role]}${String(host)}${letter}`;
        const server = join(directory, `h${String(host)}`, "server");
        nodes.push({ name, role, endpoint: `${address}:${String(ports.shift())}`, host: `h${String(host)}`, server });
      }
  }
  const durations: Durations = { ...defaultDurations, ...options.durations, scale: 1 / scale };
  return { lab: "dolphindb", format: 1, directory, seed, scale, release, replicationFactor, nodes, archives: [], durations };
}

function layOut(lab: LabFile, { settings = {}, packages = [] }: UpOptions): readonly LabArchive[] {
  for (const node of nodesOf(lab, "agent")) {
    layOutRelease(node.server, { version: lab.release });
    const directory = clusterDirectoryOf(node);
    for (const empty of ["config", "data", "log"]) mkdirSync(join(directory, empty), { recursive: true });
    writeLabConf(directory, lab);
  }
  writeConfiguration(lab, settings);
  const releases = join(lab.directory, "releases");
  mkdirSync(releases);
  const archives = [...new Set([...known, lab.release, ...packages])].map((version) => packRelease(releases, { version }));
  archives.push(packRelease(releases, { version: "2.00.8.12", flavour: "JIT" }));
  archives.push(packRelease(releases, { version: "2.00.8.12", architecture: "ARM64" }));
  // One whose name says 2.00.8.13, and whose binary is what runs already.
  archives.push(packRelease(releases, { version: "2.00.8.13", binary: lab.release }));
  return archives;
}

async function startAll(lab: LabFile, log: (line: string) => void): Promise<void> {
  const client = new LabClient(lab);
  const patience = 60_000 + 60_000 * lab.scale;
  try {
    for (const role of ["controller", "agent"] as const)
      for (const node of nodesOf(lab, role)) {
        await startByScript(node);
        log(`lab: ${node.name} (${role}) starts at ${node.endpoint}`);
      }
    await client.until("a controller leads", async () => (await client.leader()) !== null, patience);
    const leader = (await client.leader()) ?? "";
    log(`lab: ${lab.nodes.find(({ endpoint }) => endpoint === leader)?.name ?? ""} leads the Raft group`);
    const data = [...nodesOf(lab, "datanode"), ...nodesOf(lab, "computenode")];
    await client.until("every agent is online", async () => areOnline(await client.cluster(), nodesOf(lab, "agent")), patience);
    await client.until(
      "the data nodes may be started",
      async () => (await client.call((await client.leader()) ?? leader, "startDataNode", [data.map(({ name }) => name)])).kind === "value",
      patience,
    );
    await client.until("every data node is online", async () => areOnline(await client.cluster(), data), patience);
    for (const node of data) {
      await client.until(`${node.name} is initialised`, () => client.isTrue(node.endpoint, "isDataNodeInitialized"), patience);
      log(`lab: ${node.name} (${node.role}) serves at ${node.endpoint}`);
    }
    for (const { database, name, partitions, rows } of await createTables(lab, client))
      log(`lab: table ${name} of ${database}: ${String(rows)} rows in ${String(partitions)} partitions`);
  } finally {
    client.close();
  }
}

/** A controller or an agent; the script returns before anything has happened. */
export async function startByScript(node: LabNode): Promise<void> {
  const directory = clusterDirectoryOf(node);
  await run("sh", [node.role === "controller" ? "startController.sh" : "startAgent.sh"], { cwd: directory });
}

function areOnline(rows: Awaited<ReturnType<LabClient["cluster"]>>, nodes: readonly LabNode[]): boolean {
  return rows !== null && nodes.every(({ name }) => rows.some((row) => row["name"] === name && row["state"] === 1));
}
