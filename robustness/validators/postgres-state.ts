// The state of a PostgreSQL cluster as the servers, the files and the process table tell it. Imports nothing of Stillwater.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, readdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { Client } from "pg";
import type { Description, NodeDescription } from "./description.ts";

export interface NodeState {
  readonly version: string;
  readonly binary: string;
  readonly inRecovery: boolean;
  readonly systemIdentifier: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly pendingRestart: readonly string[];
  /** How often the server said in its log that it starts. */
  readonly starts: number;
  /** How often it said that it was told to stop. */
  readonly stops: number;
  readonly promotions: number;
  readonly timeline: number;
  /** Hashes of the files that people edit. */
  readonly files: Readonly<Record<string, string>>;
  /** What lies beside the installation in use, and what it points to. */
  readonly releases: readonly string[];
  readonly installed: string;
  readonly physicalSlots: readonly string[];
  readonly tables: readonly string[];
}
export interface ClusterState {
  readonly nodes: Readonly<Record<string, NodeState>>;
  readonly primaries: readonly string[];
  /** Standbys that stream, as the primary sees them. */
  readonly streaming: readonly string[];
  /** What must not be there: processes, locks, records, settings, unfinished copies. One line each. */
  readonly leftovers: readonly string[];
}

async function query(node: NodeDescription, description: Description, sql: string): Promise<readonly Readonly<Record<string, string>>[]> {
  const client = new Client({
    host: node.host,
    port: node.port,
    user: description.user,
    password: description.password,
    database: "postgres",
    connectionTimeoutMillis: 5_000,
  });
  await client.connect();
  try {
    return (await client.query<Record<string, string>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const hash = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 16);

async function nodeState(node: NodeDescription, description: Description): Promise<NodeState> {
  const [row] = await query(
    node,
    description,
    "select current_setting('server_version') as version, pg_is_in_recovery()::text as recovery, (select system_identifier::text from pg_control_system()) as identifier, case when pg_is_in_recovery() then (select received_tli from pg_stat_wal_receiver) else ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int end as timeline",
  );
  const names = description.settings.map((name) => `'${name}'`).join(",") || "''";
  const settings = await query(node, description, `select name, setting from pg_settings where name in (${names}) order by name`);
  const pending = await query(node, description, "select name from pg_settings where pending_restart order by name");
  const slots = await query(node, description, "select slot_name from pg_replication_slots where slot_type = 'physical' order by 1");
  const tables = await query(
    node,
    description,
    "select schemaname || '.' || tablename as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema') order by 1",
  );
  const log = readFileSync(node.logFile, "utf8");
  const said = (what: RegExp): number => (log.match(what) ?? []).length;
  return {
    version: row?.["version"] ?? "",
    binary: hash(realpathSync(join(node.installation, "bin", "postgres"))),
    inRecovery: row?.["recovery"] === "true",
    systemIdentifier: row?.["identifier"] ?? "",
    settings: Object.fromEntries(settings.map((each) => [each["name"] ?? "", each["setting"] ?? ""])),
    pendingRestart: pending.map((each) => each["name"] ?? ""),
    starts: said(/starting PostgreSQL/g),
    stops: said(/received (smart|fast|immediate) shutdown request/g),
    promotions: said(/received promote request/g),
    timeline: Number(row?.["timeline"]),
    files: Object.fromEntries(["postgresql.conf", "pg_hba.conf", "pg_ident.conf"].map((name) => [name, hash(join(node.dataDirectory, name))])),
    releases: readdirSync(dirname(realpathSync(node.installation))).toSorted(),
    installed: realpathSync(node.installation),
    physicalSlots: slots.map((each) => each["slot_name"] ?? ""),
    tables: tables.map((each) => each["name"] ?? ""),
  };
}

/** The servers themselves: they must run, and inherit the environment of whatever started them. */
function servers(description: Description): readonly number[] {
  return description.nodes.flatMap((node) => {
    const file = join(node.dataDirectory, "postmaster.pid");
    return existsSync(file) ? [Number(readFileSync(file, "utf8").split("\n")[0])] : [];
  });
}

/** Processes of this machine whose command line or environment names one of these directories. */
function processesOf(directories: readonly string[], except: ReadonlySet<number>): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && !except.has(Number(name)))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
        const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
        return directories.some((directory) => command.includes(directory) || environment.includes(directory))
          ? [`process ${pid}: ${command.slice(0, 120)}`]
          : [];
      } catch {
        return []; // it ended while we looked
      }
    });
}

function lockLeft(lock: string): boolean {
  // flock -n takes the lock only when nobody holds it.
  return existsSync(lock) && spawnSync("flock", ["-n", lock, "true"]).status !== 0;
}

function leftovers(description: Description): readonly string[] {
  const found: string[] = [];
  for (const node of description.nodes) {
    for (const lock of globSync(join(node.stateDirectory, "**", "*.lock"))) if (lockLeft(lock)) found.push(`${node.name}: the lock ${lock} is held`);
    for (const record of globSync(join(node.stateDirectory, "**", "*.record"))) {
      const expires = /expires[=: ]+"?(\d+)/.exec(readFileSync(record, "utf8"))?.[1];
      if (expires !== undefined && Number(expires) !== 0) found.push(`${node.name}: the record ${record} is not released`);
    }
    for (const unfinished of globSync(join(node.stateDirectory, "**", "*.{tmp,partial}"))) found.push(`${node.name}: unfinished ${unfinished}`);
    for (const unfinished of globSync(join(node.dataDirectory, "*.{tmp,partial}"))) found.push(`${node.name}: unfinished ${unfinished}`);
  }
  return [
    ...found,
    ...processesOf(
      [description.journalDirectory, ...description.nodes.map((node) => node.stateDirectory)],
      new Set([process.pid, process.ppid, ...servers(description)]),
    ),
  ];
}

export async function clusterState(description: Description): Promise<ClusterState> {
  const states = await Promise.all(description.nodes.map(async (node) => [node.name, await nodeState(node, description)] as const));
  const nodes = Object.fromEntries(states);
  const primaries = states.filter(([, state]) => !state.inRecovery).map(([name]) => name);
  const primary = description.nodes.find((node) => node.name === primaries[0]);
  const rows = primary
    ? await query(primary, description, "select application_name from pg_stat_replication where state = 'streaming' order by 1")
    : [];
  return { nodes, primaries, streaming: rows.map((row) => row["application_name"] ?? ""), leftovers: leftovers(description) };
}

/** What is not as it should be by rule: one primary, every other node streams, one slot for each standby and none elsewhere. */
export function brokenRules(state: ClusterState): readonly string[] {
  const names = Object.keys(state.nodes);
  const standbys = names.filter((name) => !state.primaries.includes(name));
  const wrong: string[] = [];
  if (state.primaries.length !== 1) wrong.push(`primaries: ${state.primaries.join(", ")}`);
  if (standbys.join() !== state.streaming.toSorted().join()) wrong.push(`streaming: ${state.streaming.join(", ")} instead of ${standbys.join(", ")}`);
  for (const name of names) {
    const slots = state.nodes[name]?.physicalSlots.length ?? 0;
    const expected = state.primaries.includes(name) ? standbys.length : 0;
    if (slots !== expected) wrong.push(`${name}: ${slots} physical slots instead of ${expected}`);
  }
  return wrong;
}

/** The comparable part of a state: roles are by rule, so who is primary does not count. Restarts are compared by themselves. */
export function comparable(state: ClusterState): string {
  const nodes = Object.entries(state.nodes).map(([name, node]) => {
    const { version, binary, settings, pendingRestart, tables, files, releases, installed, systemIdentifier } = node;
    return [name, { version, binary, settings, pendingRestart, tables, files, releases, installed, systemIdentifier }];
  });
  return JSON.stringify(Object.fromEntries(nodes));
}

/** Starts, stops and promotions of a state beyond those of another: how much more was done to the servers. */
export function beyond(state: ClusterState, base: ClusterState): { readonly restarts: number; readonly actions: number } {
  const over = (of: (node: NodeState) => number): number =>
    Object.entries(state.nodes).reduce((sum, [name, node]) => sum + Math.max(0, of(node) - (base.nodes[name] ? of(base.nodes[name]) : 0)), 0);
  const all = (of: (node: NodeState) => number, where: ClusterState): number => Object.values(where.nodes).reduce((sum, node) => sum + of(node), 0);
  // Which standby was promoted is by rule, so promotions are counted over the cluster; a restart of any one node too many is one too many.
  const promotions = Math.max(0, all((node) => node.promotions, state) - all((node) => node.promotions, base));
  const timeline = Math.max(
    0,
    Math.max(...Object.values(state.nodes).map((node) => node.timeline)) - Math.max(...Object.values(base.nodes).map((node) => node.timeline)),
  );
  return { restarts: over((node) => node.starts), actions: over((node) => node.stops) + Math.max(promotions, timeline) };
}
