// From one server to the definition of its cluster, by SQL alone: no host is known yet.
import type { ClusterDefinition, NodeDefinition } from "../../model/cluster.ts";
import type { Handles } from "../../model/driver.ts";
import { StillwaterError } from "../../model/errors.ts";
import { Connections, type Access } from "./connections.ts";
import { parseConnInfo } from "./conninfo.ts";
import { clusterOptions, endpointOf } from "./options.ts";

interface ServerRow {
  readonly recovery: boolean;
  readonly data: string;
  readonly bin: string | null;
  readonly name: string;
  readonly conninfo: string;
  readonly port: number;
}
const serverSql = `select pg_is_in_recovery() as recovery, current_setting('data_directory') as data,
 (select setting from pg_config where name = 'BINDIR') as bin, current_setting('cluster_name') as name,
 current_setting('primary_conninfo') as conninfo, current_setting('port')::int as port`;

interface StandbyRow {
  readonly name: string;
  readonly address: string | null;
}

class Discovery {
  readonly #access = new Map<string, Access>();
  readonly #sql = new Connections(this.#access);
  readonly #common: Omit<Access, "host" | "port">;
  constructor(common: Omit<Access, "host" | "port">) {
    this.#common = common;
  }
  #at(host: string, port: number): string {
    const key = host.includes(":") ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
    this.#access.set(key, { ...this.#common, host, port });
    return key;
  }
  async ask(host: string, port: number): Promise<ServerRow> {
    return this.#sql.one<ServerRow>(this.#at(host, port), serverSql);
  }
  async standbys(host: string, port: number): Promise<readonly StandbyRow[]> {
    return this.#sql.read<StandbyRow>(
      this.#at(host, port),
      `select application_name as name, host(client_addr) as address from pg_stat_replication
       where application_name not in ('pg_receivewal', 'pg_basebackup') and state in ('streaming', 'catchup')
       and not exists (select 1 from pg_replication_slots where active_pid = pid and slot_type = 'logical') order by 1`,
    );
  }
  /**
   * The server knows its own directory without symbolic links. Exchanging that would leave every start script that uses the link with nothing, so a link
   * to it is looked for where releases are kept: an entry whose bin/postgres is the same file.
   */
  async installation(host: string, port: number, bin: string): Promise<string> {
    const root = bin.replace(/\/bin$/, "");
    const parents = [parentOf(root), parentOf(parentOf(root))].filter((each) => each !== "" && each !== "/");
    const found: string[] = [];
    for (const parent of parents) {
      try {
        const rows = await this.#sql.read<{ path: string }>(this.#at(host, port), linkSql, [parent, root]);
        found.push(...rows.map(({ path }) => path));
      } catch (error) {
        // Not allowed to look there: then the server's own word stands.
        if (!(error instanceof StillwaterError)) throw error;
      }
    }
    return found.length === 1 ? (found[0] ?? root) : root;
  }
  close(): Promise<void> {
    return this.#sql.close();
  }
}
const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));
const linkSql = `select $1 || '/' || name as path from pg_ls_dir($1) name, pg_stat_file($2 || '/bin/postgres') own
 where $1 || '/' || name <> $2 and case when (pg_stat_file($1 || '/' || name, true)).isdir
 then exists (select 1 from pg_stat_file($1 || '/' || name || '/bin/postgres', true) s
  where s.size = own.size and s.modification = own.modification and s.change = own.change) end`;

/**
 * `options`: user, password (a reference), database, tls, cluster, and `nodes` (HOST:PORT,...) for standbys that do not listen where they connect from.
 * Errors SW1001 for a target or option that is wrong, SW6001 when a server does not answer.
 */
export async function discover(target: string, options: Readonly<Record<string, string>>, handles: Handles): Promise<ClusterDefinition> {
  const start = endpointOf(target);
  if (start === null) throw new StillwaterError("SW1001", `${target} is not HOST:PORT`, { object: target });
  const { cluster: clusterName, nodes: listed, ...rest } = options;
  const parsed = clusterOptions.safeParse({ user: "postgres", ...rest });
  if (!parsed.success)
    throw new StillwaterError("SW1001", `the options are wrong: ${parsed.error.issues[0]?.message ?? ""}`, {
      why: parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`),
      remedy: "Options: user, password, database, tls, replicationUser, replicationPassword, cluster, nodes.",
    });
  const { user, password, database, tls } = parsed.data;
  const discovery = new Discovery({ user, database, tls, password: password === undefined ? null : async () => handles.secret(password) });
  try {
    const first = await discovery.ask(start.host, start.port);
    const primaryAt = first.recovery ? primaryOf(first, target) : start;
    const primary = first.recovery ? await discovery.ask(primaryAt.host, primaryAt.port) : first;
    if (primary.recovery)
      throw new StillwaterError("SW6001", `${primaryAt.host}:${String(primaryAt.port)} is a standby too: cascading replication is not supported`, {
        object: target,
      });
    const extra = (listed ?? "")
      .split(",")
      .filter((each) => each.trim() !== "")
      .map((each) => endpointOf(each.trim()));
    const found: { readonly at: { readonly host: string; readonly port: number }; readonly row: ServerRow; readonly name: string | null }[] = [
      { at: primaryAt, row: primary, name: null },
    ];
    const missing: string[] = [];
    for (const standby of await discovery.standbys(primaryAt.host, primaryAt.port)) {
      const candidates = [
        ...(standby.address === null ? [] : [{ host: standby.address, port: primary.port }]),
        ...extra.filter((each) => each !== null),
      ];
      const hit = await firstStandby(
        discovery,
        candidates,
        primaryAt,
        found.map(({ at }) => `${at.host}:${String(at.port)}`),
      );
      if (hit === null) missing.push(`${standby.name} from ${standby.address ?? "a socket"}`);
      else found.push({ ...hit, name: standby.name });
    }
    if (missing.length > 0)
      throw new StillwaterError("SW6001", `standbys were seen, but not where they listen: ${missing.join(", ")}`, {
        object: target,
        remedy: "Name every standby: --option nodes=HOST:PORT,HOST:PORT",
      });
    const placed = await Promise.all(
      found.map(async (each) => ({ ...each, installation: await discovery.installation(each.at.host, each.at.port, each.row.bin ?? "/usr/bin") })),
    );
    return definitionOf(clusterName ?? defaultName(found), placed, parsed.data);
  } finally {
    await discovery.close();
  }
}

function primaryOf(row: ServerRow, target: string): { readonly host: string; readonly port: number } {
  const info = parseConnInfo(row.conninfo);
  const host = info?.get("host")?.split(",")[0] ?? info?.get("hostaddr");
  if (host === undefined)
    throw new StillwaterError("SW6001", `${target} is a standby, and does not say whose`, {
      object: target,
      remedy: "Give the primary's HOST:PORT.",
    });
  return { host, port: Number(info?.get("port")?.split(",")[0] ?? 5432) };
}

/** The first of these places at which a standby of that primary answers, and that is not taken. */
async function firstStandby(
  discovery: Discovery,
  places: readonly { readonly host: string; readonly port: number }[],
  primary: { readonly host: string; readonly port: number },
  taken: readonly string[],
): Promise<{ readonly at: { readonly host: string; readonly port: number }; readonly row: ServerRow } | null> {
  for (const at of places) {
    if (taken.includes(`${at.host}:${String(at.port)}`)) continue;
    try {
      const row = await discovery.ask(at.host, at.port);
      const info = parseConnInfo(row.conninfo);
      if (row.recovery && Number(info?.get("port") ?? 5432) === primary.port) return { at, row };
    } catch (error) {
      // Nobody, or somebody else, listens there: the next place is tried, and a standby that is nowhere is reported.
      if (!(error instanceof StillwaterError)) throw error;
    }
  }
  return null;
}

const defaultName = (found: readonly { readonly row: ServerRow }[]): string => {
  const names = new Set(found.map(({ row }) => row.name));
  const [only] = names;
  return names.size === 1 && only ? only : "postgres";
};

function definitionOf(
  cluster: string,
  found: readonly {
    readonly at: { readonly host: string; readonly port: number };
    readonly row: ServerRow;
    readonly name: string | null;
    readonly installation: string;
  }[],
  options: Readonly<Record<string, unknown>>,
): ClusterDefinition {
  const loopback = /^(127\.|::1$|localhost$)/;
  const names = new Set<string>();
  const nodes = found.map(({ at, row, name, installation }, index): NodeDefinition => {
    const wanted =
      [row.name, name ?? "", `pg${String(index + 1)}`].find(
        (each) => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(each) && each !== "walreceiver" && !names.has(each),
      ) ?? `node${String(index + 1)}`;
    names.add(wanted);
    return {
      name: wanted,
      host: loopback.test(at.host) ? `local-${wanted}` : at.host,
      endpoint: at.host.includes(":") ? `[${at.host}]:${String(at.port)}` : `${at.host}:${String(at.port)}`,
      service: null,
      options: { dataDirectory: row.data, installation },
    };
  });
  const hosts = [...new Set(nodes.map(({ host }) => host))].map((name) => {
    const local = name.startsWith("local-");
    return {
      name,
      transport: local ? ("local" as const) : ("openssh" as const),
      address: local ? null : name,
      user: null,
      stateDirectory: `/var/lib/stillwater/${name}`,
      domain: null,
    };
  });
  return {
    version: 1,
    cluster,
    system: "postgres",
    hosts,
    nodes,
    policy: { maxUnavailable: 1 },
    hooks: { pauseTraffic: null, resumeTraffic: null, alert: null },
    continuity: { enabled: true, route: null, rate: 200, minAcks: 20, verifyAfterS: 10 },
    options: Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  };
}
