// A real cluster on this machine, from nothing in about two seconds: pg1 primary, the others streaming standbys with physical slots.
import { randomBytes } from "node:crypto";
import { access, chmod, chown, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, type ClientConfig } from "pg";
import { freeAddresses } from "./addresses.ts";
import { clusterFile } from "./cluster-file.ts";
import { run } from "./command.ts";
import { readControlFile, segmentOf } from "./control-file.ts";
import { until } from "./deadline.ts";
import { mirror } from "./mirror.ts";
import { accessRules, passFile, primaryConnection, serverSettings, standbySettings, type Credentials } from "./node-files.ts";
import { removeSharedMemory, runningPid, startServer, stopServer, type Server, type StopMode } from "./postmaster.ts";
import { artefactOf, copyRelease, demoReleases, layRelease } from "./releases.ts";
import { mustBeReachable, serverUser, type ServerUser } from "./server-user.ts";

export interface DemoNode extends Server {
  readonly name: string;
  /** Loopback address of its own, where the machine has one. */
  readonly host: string;
  readonly port: number;
  /** host:port */
  readonly endpoint: string;
  /** Everything of this node. */
  readonly directory: string;
  /** PGDATA. */
  readonly dataDirectory: string;
  /** Symbolic link to the release in use: `releases/17.0`. */
  readonly installation: string;
  readonly releasesDirectory: string;
  readonly logFile: string;
  /** libpq's pass file with the replication user's password. */
  readonly passFile: string;
  /** Name of its host in the cluster file. */
  readonly hostName: string;
  readonly stateDirectory: string;
}

export interface DemoOptions {
  /** Made if absent; `temporaryDirectory()` gives one. Must be reachable by an unprivileged user when we are root. */
  readonly directory: string;
  /** Commits wait for one of the standbys. Default: they do not. */
  readonly synchronous?: boolean;
  /** Default 3. */
  readonly nodes?: number;
  /** Lines of postgresql.conf on every node, above the demo's own. */
  readonly settings?: Readonly<Record<string, string>>;
  /** An installed release, used where it lies, instead of the older npm package: a directory with bin/. There is no newer one to upgrade to then. */
  readonly release?: { readonly version: string; readonly directory: string };
  /** Name of the cluster in the cluster file. Default `orders`. */
  readonly name?: string;
  readonly log?: (line: string) => void;
}

export interface DemoCluster {
  readonly name: string;
  readonly directory: string;
  readonly nodes: readonly DemoNode[];
  readonly user: string;
  readonly password: string;
  readonly replicationUser: string;
  readonly synchronous: boolean;
  /** Who the servers run as; null: ourselves. */
  readonly serverUser: ServerUser | null;
  /** cluster.yaml */
  readonly clusterFile: string;
  readonly releases: { readonly from: string; readonly to: string };
  /** postgresql-17.10.tar.gz: made and cached at the first call. */
  artefact(): Promise<string>;
  node(name: string): DemoNode;
  /** For `new pg.Client(...)` to one node. */
  connection(name: string): ClientConfig;
  /** Starts every node that is down, in parallel, and returns once all standbys stream. */
  start(): Promise<void>;
  /** Primaries first, so that the standbys receive the end of the log. */
  stop(mode?: StopMode): Promise<void>;
  startNode(name: string): Promise<void>;
  stopNode(name: string, mode?: StopMode): Promise<void>;
  /** Returns once all of these stream from the primary. Default: every node but the primary. */
  streaming(timeoutMs?: number): Promise<void>;
  /** Lays the newer release beside the old one in `releases/`, without using it. */
  layNewRelease(name: string): Promise<string>;
  /** Keeps the present data and configuration. A running cluster is stopped for it and started again. */
  snapshot(): Promise<void>;
  /** Stops whatever runs, puts back what `snapshot` kept and the older release, removes what a run left on the hosts, and starts. `start: false` leaves it stopped. */
  restore(options?: { readonly start?: boolean }): Promise<void>;
  /** Stops the servers as after a crash and removes the directory. */
  destroy(): Promise<void>;
}

/** A directory under the system's temporary directory that an unprivileged user can reach. */
export async function temporaryDirectory(prefix = "stillwater-demo-"): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), prefix));
  await chmod(directory, 0o755);
  return directory;
}

/** Sparse: the zeros at the end of a log segment are a third of a fresh node's bytes. */
const copyTree = ["cp", "-a", "--reflink=auto", "--sparse=always"] as const;

/** Segments that were recycled for later are half of a fresh node's bytes and hold nothing: without them a restore takes half the time. */
async function removeSpareSegments(dataDirectory: string): Promise<void> {
  const { timeline, checkpoint } = await readControlFile(dataDirectory);
  const last = segmentOf(timeline, checkpoint);
  const segments = (await readdir(join(dataDirectory, "pg_wal"))).filter((name) => /^[0-9A-F]{24}$/.test(name));
  for (const name of segments) if (name > last) await rm(join(dataDirectory, "pg_wal", name));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Error SW3002 when the servers' packages or an unprivileged user are missing, SW3005 when that user cannot reach the directory, SW3004 when a server does not start. */
export async function createDemoCluster(options: DemoOptions): Promise<DemoCluster> {
  const { directory, synchronous = false, nodes: count = 3, settings = {}, release, name: clusterName = "orders", log = () => undefined } = options;
  const user = await serverUser();
  await mkdir(directory, { recursive: true, mode: 0o755 });
  await mustBeReachable(directory, user);
  const own = async (...paths: readonly string[]): Promise<void> => {
    if (user !== null) for (const path of paths) await chown(path, user.uid, user.gid);
  };

  const addresses = await freeAddresses(count);
  const nodes = addresses.map((address, index): DemoNode => {
    const name = `pg${String(index + 1)}`;
    const home = join(directory, name);
    return {
      name,
      ...address,
      endpoint: `${address.host}:${String(address.port)}`,
      directory: home,
      dataDirectory: join(home, "data"),
      installation: join(home, "pgsql"),
      releasesDirectory: join(home, "releases"),
      logFile: join(home, "log", "postgres.log"),
      passFile: join(home, "pgpass"),
      hostName: `host${String(index + 1)}`,
      stateDirectory: join(home, "stillwater"),
      user,
    };
  });
  const [first, ...standbys] = nodes;
  if (first === undefined) throw new RangeError("a cluster has at least one node");
  const secret = (): string => randomBytes(12).toString("hex");
  const credentials: Credentials = { user: "stillwater", password: secret(), replicationUser: "replicator", replicationPassword: secret() };
  const secretFile = join(directory, "password");
  const file = join(directory, "cluster.yaml");
  const releases = { ...demoReleases, ...(release === undefined ? {} : { from: release.version }) };
  const shared = join(directory, "shared", releases.from);
  const snapshots = join(directory, "snapshot");

  const node = (name: string): DemoNode => {
    const found = nodes.find((each) => each.name === name);
    if (found === undefined) throw new RangeError(`the demo has no node ${name}`);
    return found;
  };
  const connection = (name: string): ClientConfig => {
    const { host, port } = node(name);
    return { host, port, user: credentials.user, password: credentials.password, database: "postgres", connectionTimeoutMillis: 5000 };
  };
  const ask = async <T extends object>(at: string, sql: string): Promise<readonly T[]> => {
    const client = new Client(connection(at));
    // A server that stops ends idle sessions; without a listener that would end this process.
    client.on("error", () => undefined);
    await client.connect();
    try {
      return (await client.query<T>(sql)).rows;
    } finally {
      await client.end();
    }
  };
  const isStandby = async (at: string): Promise<boolean> =>
    (await ask<{ standby: boolean }>(at, "select pg_is_in_recovery() as standby"))[0]?.standby === true;
  const streaming = async (timeoutMs = 20_000): Promise<void> => {
    await until(`${clusterName}: all standbys stream`, timeoutMs, async () => {
      for (const { name } of nodes) {
        if (await isStandby(name)) continue;
        const rows = await ask<{ name: string }>(name, "select application_name as name from pg_stat_replication where state = 'streaming'");
        return nodes.every((other) => other.name === name || rows.some((row) => row.name === other.name)) ? true : null;
      }
      return null;
    });
  };

  /** What a node's host has before the first server starts: release, link, log and state directory, pass file. */
  const furnish = async (each: DemoNode): Promise<void> => {
    const laid = join(each.releasesDirectory, releases.from);
    if (release === undefined) await layRelease(shared, laid);
    else {
      await mkdir(each.releasesDirectory);
      await symlink(release.directory, laid);
    }
    await symlink(join("releases", releases.from), each.installation);
    await mkdir(join(each.directory, "log"), { mode: 0o700 });
    await mkdir(each.stateDirectory, { mode: 0o700 });
    await writeFile(each.passFile, passFile(credentials), { mode: 0o600 });
    await own(each.directory, each.releasesDirectory, join(each.directory, "log"), each.stateDirectory, each.passFile);
    if (user !== null) await run(["chown", "-h", `${String(user.uid)}:${String(user.gid)}`, each.installation]);
  };
  const configure = async (each: DemoNode): Promise<void> => {
    const path = join(each.dataDirectory, "postgresql.conf");
    await writeFile(path, serverSettings({ name: each.name, address: each, synchronous, nodes: nodes.map(({ name }) => name), settings }), {
      mode: 0o600,
    });
    await own(path);
  };

  const initialise = async (): Promise<void> => {
    if (release === undefined) await copyRelease(releases.from, shared);
    await writeFile(secretFile, credentials.password, { mode: 0o600 });
    await Promise.all(
      nodes.map(async (each) => {
        await mkdir(each.directory, { mode: 0o755 });
        await furnish(each);
      }),
    );
    log(`initdb of ${first.name}`);
    const initialSecret = join(first.directory, "initial-password");
    await writeFile(initialSecret, credentials.password, { mode: 0o600 });
    await own(initialSecret);
    const initdb = ["initdb", "--no-sync", "--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", `--username=${credentials.user}`];
    await run([join(first.installation, "bin", "initdb"), ...initdb.slice(1), `--pwfile=${initialSecret}`, "-D", first.dataDirectory], {
      user,
      timeoutMs: 120_000,
    });
    await rm(initialSecret);
    const rules = join(first.dataDirectory, "pg_hba.conf");
    await writeFile(rules, accessRules(credentials), { mode: 0o600 });
    await own(rules);
    await configure(first);
    log(`start of ${first.name} on ${first.endpoint}`);
    await startServer(first);
    await baseCopies();
    await Promise.all(standbys.map(startServerOf));
    await streaming();
    await writeFile(
      file,
      clusterFile({ cluster: clusterName, nodes, serverUser: user?.name ?? null, user: credentials.user, passwordFile: secretFile }),
    );
    log(`${standbys.map(({ name }) => name).join(", ")} stream from ${first.name}`);
  };
  const startServerOf = async (each: DemoNode): Promise<void> => startServer(each);

  /** The packages have no pg_basebackup: one backup session, and a copy of the files for each standby. */
  const baseCopies = async (): Promise<void> => {
    const client = new Client(connection(first.name));
    await client.connect();
    try {
      // Synchronous commits would wait for standbys that do not exist yet.
      await client.query("set synchronous_commit = local");
      await client.query(`create role ${credentials.replicationUser} login replication password '${credentials.replicationPassword}'`);
      for (const { name } of standbys) await client.query("select pg_create_physical_replication_slot($1, true)", [name]);
      await client.query("select pg_backup_start('stillwater demo', true)");
      await Promise.all(
        standbys.map(async (standby) => {
          await mkdir(standby.dataDirectory, { mode: 0o700 });
          const leave = ["postmaster.pid", "postmaster.opts", "postgresql.auto.conf", "pg_wal", "pg_replslot", "pg_dynshmem"];
          const exclude = leave.map((path) => `--exclude=./${path}`);
          const archive = `tar -C "$1" ${exclude.join(" ")} -cf - . | tar -C "$2" -xpf -`;
          await run(["sh", "-c", archive, "copy", first.dataDirectory, standby.dataDirectory], { user: null });
          for (const path of ["pg_wal", "pg_wal/archive_status", "pg_wal/summaries", "pg_replslot", "pg_dynshmem"]) {
            await mkdir(join(standby.dataDirectory, path), { mode: 0o700 });
            await own(join(standby.dataDirectory, path));
          }
        }),
      );
      const backup = await client.query<{ labelfile: string }>("select labelfile from pg_backup_stop(false)");
      for (const standby of standbys) {
        const connecting = primaryConnection(standby.name, first, credentials.replicationUser, standby.passFile);
        const files = {
          backup_label: backup.rows[0]?.labelfile ?? "",
          "standby.signal": "",
          "postgresql.auto.conf": standbySettings(connecting, standby.name),
        };
        for (const [path, text] of Object.entries(files)) {
          await writeFile(join(standby.dataDirectory, path), text, { mode: 0o600 });
          await own(join(standby.dataDirectory, path));
        }
        await own(standby.dataDirectory);
        await configure(standby);
      }
    } finally {
      await client.end();
    }
  };

  const up = async (): Promise<readonly DemoNode[]> => {
    const pids = await Promise.all(nodes.map((each) => runningPid(each.dataDirectory)));
    return nodes.filter((_, index) => pids[index] !== null);
  };
  const start = async (): Promise<void> => {
    const running = await up();
    const down = nodes.filter((each) => !running.includes(each));
    const roles = await Promise.all(down.map((each) => exists(join(each.dataDirectory, "standby.signal"))));
    // A standby that finds no primary asks again only after wal_retrieve_retry_interval (5 s).
    for (const standby of [false, true]) await Promise.all(down.filter((_, index) => roles[index] === standby).map(startServerOf));
    await streaming();
  };
  const stop = async (mode: StopMode = "fast"): Promise<void> => {
    const running = await up();
    if (mode === "fast") {
      const roles = await Promise.all(running.map(({ name }) => isStandby(name).catch(() => true)));
      await Promise.all(running.filter((_, index) => roles[index] === false).map((each) => stopServer(each, mode)));
    }
    await Promise.all(nodes.map((each) => stopServer(each, mode)));
  };

  const snapshot = async (): Promise<void> => {
    const wasUp = (await up()).length > 0;
    if (wasUp) await stop();
    await rm(snapshots, { recursive: true, force: true });
    await mkdir(snapshots, { mode: 0o700 });
    await Promise.all(
      nodes.map(async (each) => {
        await run([...copyTree, each.dataDirectory, join(snapshots, each.name)]);
        await removeSpareSegments(join(snapshots, each.name));
      }),
    );
    if (wasUp) await start();
  };
  const restore = async ({ start: again = true }: { readonly start?: boolean } = {}): Promise<void> => {
    await stop("immediate");
    await Promise.all(
      nodes.map(async (each) => {
        await removeSharedMemory(each);
        const others = (await readdir(each.directory)).filter((name) => name !== "data");
        await run(["rm", "-rf", ...others.map((name) => join(each.directory, name))]);
        await mkdir(each.dataDirectory, { recursive: true, mode: 0o700 });
        await own(each.dataDirectory);
        await Promise.all([furnish(each), mirror(join(snapshots, each.name), each.dataDirectory)]);
      }),
    );
    if (again) await start();
  };
  const destroy = async (): Promise<void> => {
    await stop("immediate");
    await Promise.all(nodes.map(removeSharedMemory));
    await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  };

  try {
    await initialise();
  } catch (error) {
    await destroy().catch(() => undefined);
    throw error;
  }
  return {
    name: clusterName,
    directory,
    nodes,
    user: credentials.user,
    password: credentials.password,
    replicationUser: credentials.replicationUser,
    synchronous,
    serverUser: user,
    clusterFile: file,
    releases,
    artefact: () => artefactOf(releases.to, directory),
    node,
    connection,
    start,
    stop,
    startNode: async (name) => startServer(node(name)),
    stopNode: async (name, mode) => stopServer(node(name), mode),
    streaming,
    layNewRelease: async (name) => {
      const newRelease = join(node(name).releasesDirectory, releases.to);
      const newer = join(directory, "shared", releases.to);
      await copyRelease(releases.to, newer);
      await layRelease(newer, newRelease);
      return newRelease;
    },
    snapshot,
    restore,
    destroy,
  };
}
