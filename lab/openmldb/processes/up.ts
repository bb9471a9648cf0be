// A lab from nothing: releases, installation directories, ZooKeeper, components through their own start.sh, tables.
import { execFile, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import type { Durations } from "../logic/node.ts";
import { LabClient, nodesOf } from "./ask.ts";
import { configurationOf, environmentFile, hostsFile } from "./configuration.ts";
import { down } from "./down.ts";
import { defaultDurations } from "./durations.ts";
import { labConf, writeLabFile, type LabFile, type LabNode, type LabTable, type Role } from "./lab-file.ts";
import { freePorts } from "../../kit/free-ports.ts";
import { checkCount, checkScale, labDirectory } from "../../kit/up.ts";
import { layOutRelease, layOutSpark, packRelease } from "./releases.ts";
import { fourLetters } from "./zookeeper-question.ts";

const run = promisify(execFile);

export interface UpOptions {
  /** Absent: a new temporary directory. It must be empty or not exist. */
  readonly directory?: string | undefined;
  readonly tablets?: number | undefined;
  readonly nameservers?: number | undefined;
  readonly apiservers?: number | undefined;
  readonly taskmanagers?: number | undefined;
  /** Of the largest table. */
  readonly partitions?: number | undefined;
  readonly replicas?: number | undefined;
  /** X.Y.Z that every node begins with. */
  readonly release?: string | undefined;
  readonly seed?: number | undefined;
  /** Of the vendor's waits and time-outs; 1 is as long as theirs. */
  readonly scale?: number | undefined;
  /** Nameserver, apiserver and taskmanager of one number share an installation directory, as the vendor's default has it. */
  readonly shared?: boolean | undefined;
  /** Start with mon. */
  readonly daemon?: boolean | undefined;
  /** Beside what the templates set, or in its place. */
  readonly flags?: Partial<Readonly<Record<Role, Readonly<Record<string, string>>>>> | undefined;
  readonly durations?: Partial<Durations> | undefined;
  readonly log?: ((line: string) => void) | undefined;
}

const known = ["0.8.5", "0.9.2", "0.9.3"] as const;
const names: Readonly<Record<Role, string>> = { nameserver: "ns", tablet: "tablet", apiserver: "api", taskmanager: "tm" };
export const defaultRelease = "0.9.2";

/** Error when an option is wrong, the directory is taken, or a component does not come up; what was started is stopped then. */
export async function up(options: UpOptions = {}): Promise<LabFile> {
  const lab = await plan(options);
  const log = options.log ?? (() => undefined);
  writeLabFile(lab);
  try {
    await layOut(lab, options);
    await startZooKeeper(lab);
    log(`lab: ZooKeeper answers at ${lab.zookeeper.endpoint}`);
    await startAll(lab, options.daemon === true, log);
    return lab;
  } catch (error) {
    await down(lab.directory);
    throw error;
  }
}

async function plan(options: UpOptions): Promise<LabFile> {
  const { tablets = 3, nameservers = 2, apiservers = 1, taskmanagers = 1, partitions = 8, seed = 1, scale = 1, release = defaultRelease } = options;
  const replicas = options.replicas ?? Math.min(2, tablets);
  checkCount("tablets", tablets, 1);
  checkCount("nameservers", nameservers, 1);
  checkCount("apiservers", apiservers, 0);
  checkCount("taskmanagers", taskmanagers, 0);
  checkCount("partitions", partitions, 1);
  checkCount("replicas", replicas, 1);
  if (replicas > tablets) throw new Error(`replicas: ${String(tablets)} tablets cannot hold ${String(replicas)} replicas`);
  checkScale(scale);
  if (!/^\d+\.\d+\.\d+$/.test(release)) throw new Error(`release: X.Y.Z is wanted, not ${release}`);
  const directory = await labDirectory(options.directory);
  const counts: Readonly<Record<Role, number>> = { nameserver: nameservers, tablet: tablets, apiserver: apiservers, taskmanager: taskmanagers };
  const ports = [...(await freePorts(nameservers + tablets + apiservers + taskmanagers + 2))];
  const endpoint = (): string => `127.0.0.1:${String(ports.shift())}`;
  const zookeeper = { endpoint: endpoint(), control: endpoint(), rootPath: "/openmldb" };
  const nodes = (Object.keys(counts) as Role[]).flatMap((role) =>
    Array.from({ length: counts[role] }, (_, index): LabNode => {
      const name = `${names[role]}${String(index + 1)}`;
      const place = options.shared === true && role !== "tablet" ? `home${String(index + 1)}` : name;
      return { name, role, component: role, endpoint: endpoint(), directory: join(directory, "nodes", place) };
    }),
  );
  const half = Math.max(1, Math.floor(partitions / 2));
  const tables: LabTable[] = [
    { db: "shop", name: "orders", partitions, replicas },
    { db: "shop", name: "payments", partitions: half, replicas },
    { db: "risk", name: "scores", partitions: half, replicas },
    { db: "risk", name: "notes", partitions: 2, replicas: 1 },
  ];
  return {
    lab: "openmldb",
    format: 1,
    directory,
    seed,
    scale,
    release,
    zookeeper,
    nodes,
    tables,
    archives: [],
    sparkHome: join(directory, "spark"),
    durations: { ...defaultDurations, ...options.durations },
  };
}

async function layOut(lab: LabFile, { flags = {}, release = defaultRelease }: UpOptions): Promise<void> {
  const releases = join(lab.directory, "releases");
  mkdirSync(releases);
  mkdirSync(join(lab.directory, "zookeeper"));
  layOutSpark(lab.sparkHome, release);
  for (const node of lab.nodes) {
    const { directory } = node;
    if (!existsSync(directory)) layOutRelease(directory, { version: release });
    writeFileSync(join(directory, "lab.conf"), labConf(lab));
    writeFileSync(join(directory, "conf/hosts"), hostsFile(lab));
    writeFileSync(join(directory, "conf/openmldb-env.sh"), environmentFile(lab, node));
    const { name, content } = configurationOf(lab, node, flags[node.role] ?? {});
    writeFileSync(join(directory, "conf", name), content);
    if (node.role === "taskmanager") copyFileSync(join(directory, "conf", name), join(directory, "taskmanager/conf", name));
  }
  const archives = [];
  for (const version of new Set([...known, release])) archives.push(await packRelease(releases, version));
  // A file whose name says 0.9.4 and whose inside is the release that runs already.
  archives.push(await packRelease(releases, "0.9.4", { version: release }));
  // One that calls itself 0.9.5 inside, too, but for the binary.
  archives.push(await packRelease(releases, "0.9.5", { version: "0.9.5", binary: release }));
  Object.assign(lab, { archives });
  writeLabFile(lab);
}

async function startZooKeeper(lab: LabFile): Promise<void> {
  const directory = join(lab.directory, "zookeeper");
  const output = openSync(join(directory, "zookeeper.log"), "a");
  const main = join(import.meta.dirname, `zookeeper-main${extname(import.meta.filename)}`);
  const child = spawn(process.execPath, ["--max-semi-space-size=1", main, lab.directory], {
    cwd: directory,
    detached: true,
    stdio: ["ignore", output, output],
  });
  child.unref();
  const client = new LabClient(lab);
  await client.until(
    `ZooKeeper answers at ${lab.zookeeper.endpoint} (see ${directory}/zookeeper.log)`,
    async () => (await fourLetters(lab.zookeeper.endpoint, "ruok").catch(() => "")) === "imok",
    15_000,
  );
  client.close();
}

/** The vendor's order: tablets, nameservers, then the others; a nameserver wants the tablets to be registered. */
async function startAll(lab: LabFile, daemon: boolean, log: (line: string) => void): Promise<void> {
  const client = new LabClient(lab);
  const patience = 30_000 + 60_000 * lab.scale;
  try {
    await startRole(lab, "tablet", daemon, log);
    await client.until(
      "every tablet is registered",
      async () => {
        const text = (await client.post(lab.zookeeper.control, "/ephemerals", "")) ?? "[]";
        const paths = JSON.parse(text) as readonly string[];
        return nodesOf(lab, "tablet").every(({ endpoint }) => paths.includes(`${lab.zookeeper.rootPath}/nodes/${endpoint}`));
      },
      patience,
    );
    await startRole(lab, "nameserver", daemon, log);
    await client.until("a nameserver leads", async () => (await client.leader()) !== null, patience);
    for (const table of lab.tables) await createTable(client, table);
    log(`lab: tables ${lab.tables.map(({ db, name }) => `${db}.${name}`).join(", ")}`);
    await Promise.all([startRole(lab, "apiserver", daemon, log), startRole(lab, "taskmanager", daemon, log)]);
  } finally {
    client.close();
  }
}

async function startRole(lab: LabFile, role: Role, daemon: boolean, log: (line: string) => void): Promise<void> {
  await Promise.all(
    nodesOf(lab, role).map(async ({ name, component, directory, endpoint }) => {
      const argv = ["start", component, ...(daemon ? ["mon"] : [])];
      const { stdout } = await run(join(directory, "bin/start.sh"), argv, { cwd: directory });
      // It exits 0 whatever happened.
      if (!stdout.includes(`Start ${component} success`)) throw new Error(`${name} does not start; see ${directory}/logs:\n${stdout}`);
      log(`lab: ${name} (${role}) runs at ${endpoint}`);
    }),
  );
}

async function createTable(client: LabClient, { db, name, partitions, replicas }: LabTable): Promise<void> {
  const { db: databases = [] } = await client.ask<{ readonly code: number; readonly db?: readonly string[] }>("ShowDatabase");
  if (!databases.includes(db)) await client.ask("CreateDatabase", { db });
  // What the lab's own load writes (LOAD_COLUMNS).
  const column_desc = [
    { name: "id", data_type: "kString" },
    { name: "n", data_type: "kBigInt" },
    { name: "sum", data_type: "kString" },
  ];
  await client.ask("CreateTable", { table_info: { name, db, partition_num: partitions, replica_num: replicas, key_column: "id", column_desc } });
}
