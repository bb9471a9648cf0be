// One observation of all nodes, asked in parallel: the host and the server at the same time.
import { Refused, StillwaterError, Unreachable } from "../../model/errors.ts";
import { parseConnInfo } from "./conninfo.ts";
import type { CatalogueEntry, NodeNow, NodeState, NodeStructure, PgFacts, SlotFacts } from "./facts.ts";
import type { HostSnapshot } from "./host-snapshot.ts";
import { compareLsn, lsnDistance } from "./lsn.ts";
import {
  catalogueSql,
  collationSql,
  liveFactsSql,
  settingFactsSql,
  shadowedSql,
  type CatalogueRow,
  type LiveFacts,
  type SenderRow,
  type ServerFacts,
  type SettingFacts,
} from "./server-facts.ts";
import type { PgNode, Servers } from "./servers.ts";
import { nameLike, namedSlot } from "./slots.ts";
import { isSecretSetting, movesWithRole } from "./settings/known.ts";
import { parseVersion } from "./version.ts";

interface Collation {
  readonly object: string;
  readonly recorded: string;
  readonly actual: string;
}
interface Seen {
  readonly node: PgNode;
  readonly host: HostSnapshot;
  readonly server: ServerFacts | null;
  readonly state: NodeState;
  readonly installed: string | null;
  readonly releases: NodeNow["releases"];
  readonly collations: readonly Collation[];
}

/** Reads what never changes in a server's life once. */
export class Inspector {
  readonly #servers: Servers;
  #catalogue: { readonly of: string; readonly entries: Readonly<Record<string, CatalogueEntry>> } | null = null;
  readonly #settings = new Map<string, { readonly of: string; readonly facts: SettingFacts }>();
  readonly #collations = new Map<string, readonly Collation[]>();

  constructor(servers: Servers) {
    this.#servers = servers;
  }

  /** Throws Unreachable when a host, or a server that runs, does not answer. */
  async inspect(): Promise<PgFacts> {
    const seen = await Promise.all(this.#servers.nodes.map((node) => this.#look(node)));
    const speaker = seen.find(({ server }) => server !== null && !server.recovery) ?? seen.find(({ server }) => server !== null);
    const catalogue = speaker?.server ? await this.#readCatalogue(speaker.node.name, speaker.server) : (this.#catalogue?.entries ?? {});
    return toFacts(seen, catalogue, {
      ...(this.#servers.traffic === null ? {} : { holdsTraffic: true }),
      ...(this.#servers.options.replicationUser === undefined ? {} : { namesReplicationUser: true }),
    });
  }

  async #look(node: PgNode): Promise<Seen> {
    const [host, server] = await Promise.all([this.#servers.snapshot(node.name), this.#ask(node.name)]);
    const state = stateOf(node, host, server);
    const [installed, ...versions] = await Promise.all([
      host.installed === null ? null : this.#servers.versionOf(node, host.installed),
      ...host.releases.map((release) => this.#servers.versionOf(node, release)),
    ]);
    const releases = host.releases.flatMap(({ root }, index) => {
      const version = versions[index];
      return version == null ? [] : [{ version, root }];
    });
    const facts = server instanceof StillwaterError ? null : server;
    return { node, host, server: facts, state, installed, releases, collations: facts === null ? [] : await this.#readCollations(node.name, facts) };
  }

  /** An error that says who does not answer is judged together with what the host sees. */
  async #ask(name: string): Promise<ServerFacts | Unreachable> {
    try {
      const live = (await this.#servers.sql.one<{ facts: LiveFacts }>(name, liveFactsSql, [], { name: "facts" })).facts;
      return { ...live, ...(await this.#readSettings(name, live)) };
    } catch (error) {
      if (error instanceof Unreachable) return error;
      throw error;
    }
  }

  /** Settings change when the server reads its files, and at no other time. */
  async #readSettings(name: string, live: LiveFacts): Promise<SettingFacts> {
    const of = `${String(live.startedAt)} ${live.configuredAt}`;
    const known = this.#settings.get(name);
    if (known?.of === of) return known.facts;
    const seen = (await this.#servers.sql.one<{ facts: SettingFacts }>(name, settingFactsSql)).facts;
    const facts = seen.shadowed.length === 0 ? seen : { ...seen, settings: { ...seen.settings, ...(await this.#readShadowed(name, seen.shadowed)) } };
    this.#settings.set(name, { of, facts });
    return facts;
  }
  async #readShadowed(name: string, shadowed: readonly string[]): Promise<SettingFacts["settings"]> {
    const { settings } = await this.#servers.sql.one<Pick<SettingFacts, "settings">>(name, shadowedSql, [shadowed], { plain: true });
    return settings;
  }
  async #readCatalogue(name: string, server: ServerFacts): Promise<Readonly<Record<string, CatalogueEntry>>> {
    const of = `${name} ${String(server.startedAt)}`;
    if (this.#catalogue?.of === of) return this.#catalogue.entries;
    const rows = await this.#servers.sql.read<CatalogueRow>(name, catalogueSql);
    const entries = Object.fromEntries(rows.map((row) => [row.name, isSecretSetting(row.name) ? withoutDefault(row.entry) : row.entry]));
    this.#catalogue = { of, entries };
    return entries;
  }
  async #readCollations(name: string, server: ServerFacts): Promise<readonly Collation[]> {
    const of = `${name} ${String(server.startedAt)}`;
    const known = this.#collations.get(of);
    if (known) return known;
    const sql = collationSql(server.versionNumber);
    const found = sql === null ? [] : await this.#servers.sql.read<Collation>(name, sql);
    this.#collations.set(of, found);
    return found;
  }
}

const withoutDefault = ([context, type, unit, min, max, allowed]: CatalogueEntry): CatalogueEntry => [context, type, unit, min, max, allowed, null];

function stateOf(node: PgNode, host: HostSnapshot, server: ServerFacts | Unreachable): NodeState {
  if (!(server instanceof StillwaterError)) {
    if (host.control !== null && host.control.systemIdentifier !== server.systemIdentifier)
      throw new StillwaterError("SW1102", `${node.endpoint} is another server than ${node.dataDirectory}: the system identifiers differ`, {
        object: node.name,
        why: [`endpoint ${server.systemIdentifier}`, `data directory ${host.control.systemIdentifier}`],
      });
    if (host.process === null)
      throw new Unreachable(`${node.name} answers on ${node.endpoint}, but no process works in ${node.dataDirectory} on ${node.host.name}`, {
        object: node.name,
        remedy: "Check host and dataDirectory in the cluster file; if the server stopped this moment, it is looked at again.",
      });
    return "serving";
  }
  if (host.process === null) return host.control?.state === "shut down" || host.control?.state === "shut down in recovery" ? "down" : "crashed";
  if (host.process.phase === "stopping") return "stopping";
  if (host.process.phase === "starting" || server instanceof Refused) return "starting";
  throw server;
}

const versionText = (text: string): string => parseVersion(text)?.text ?? text;

function toFacts(seen: readonly Seen[], catalogue: Readonly<Record<string, CatalogueEntry>>, told: Omit<PgFacts["structure"], "nodes">): PgFacts {
  const primary = seen.find(({ server }) => server !== null && !server.recovery) ?? null;
  const structure: Record<string, NodeStructure> = {};
  const now: Record<string, NodeNow> = {};
  for (const each of seen) {
    const { node, host, server } = each;
    const settings = Object.entries(server?.settings ?? {});
    structure[node.name] = {
      host: node.host.name,
      installed: each.installed,
      installation: node.installation,
      dataDirectory: node.dataDirectory,
      systemIdentifier: host.control?.systemIdentifier ?? null,
      settings: Object.fromEntries(
        settings.filter(([name]) => !movesWithRole(name) && !isSecretSetting(name)).map(([name, [value]]) => [name, value]),
      ),
    };
    now[node.name] = nodeNow(each, primary, seen);
  }
  return { structure: { nodes: structure, ...told }, now: { nodes: now, catalogue } };
}

function nodeNow(each: Seen, primary: Seen | null, all: readonly Seen[]): NodeNow {
  const { host, server } = each;
  const standby = server?.recovery === true;
  const name = applicationNameOf(each);
  const sender = standby && primary?.server ? senderOf(each, primary.server, name) : null;
  const streaming = server?.receiver?.status === "streaming" && sender?.state === "streaming";
  const delayed = (server?.settings["recovery_min_apply_delay"]?.[0] ?? "0") !== "0";
  const has = delayed ? server?.position : server?.replayed;
  const behind = standby && primary?.server?.position != null && has != null ? lsnDistance(primary.server.position, has) : null;
  const target = server === null ? null : parseConnInfo(server.conninfo);
  return {
    state: each.state,
    up: each.state === "serving",
    role: server === null ? null : server.recovery ? "standby" : "primary",
    running: server === null ? null : versionText(server.version),
    startedAt: server?.startedAt ?? null,
    pid: host.process?.pid ?? null,
    timeline: server?.timeline ?? host.control?.timeline ?? null,
    position: server === null ? (host.control?.checkpointEnd ?? null) : (server.position ?? server.replayed),
    replayed: server?.replayed ?? null,
    follows:
      target === null || !standby
        ? null
        : {
            host: target.get("host") ?? target.get("hostaddr") ?? "",
            port: Number(target.get("port") ?? 5432),
            slot: server?.slotName === "" ? null : (server?.slotName ?? null),
            applicationName: target.get("application_name") ?? null,
          },
    slotName: namedSlot(host.autoConf),
    streaming,
    lagBytes: behind === null ? null : Math.max(0, behind),
    applicationName: sender?.application_name ?? nameToBe(each, all) ?? name,
    slots: slotsOf(server),
    syncNames: server?.settings["synchronous_standby_names"]?.[0] ?? "",
    pendingRestart: server?.pending ?? [],
    standbySignal: host.standbySignal,
    dataChecksums: host.control?.dataChecksums ?? false,
    walLogHints: host.control?.walLogHints ?? false,
    superuser: server?.superuser ?? false,
    ownsData: host.ownsData,
    archiver:
      server === null
        ? null
        : {
            mode: server.settings["archive_mode"]?.[0] ?? "off",
            failing: server.archiver.failing,
            lastFailed: server.archiver.failed,
            waiting: server.waiting,
          },
    prepared: server?.prepared ?? [],
    long: server?.long ?? [],
    collations: each.collations,
    otherSenders: server === null ? [] : strangers(server, all),
    replicationRules: server?.replicationRules ?? null,
    delayed,
    managers: [...host.otherManager, ...(server?.managers ?? [])],
    serverIdentifier: server?.systemIdentifier ?? null,
    releases: each.releases,
    linkTarget: host.linkTarget,
    settingSources: Object.fromEntries(
      Object.entries(server?.settings ?? {}).flatMap(([setting, [, source]]) => (source === "command line" ? [[setting, source]] : [])),
    ),
  };
}

/** How this node calls itself to its primary. */
function applicationNameOf({ server }: Seen): string | null {
  if (server === null) return null;
  const running = server.receiver?.conninfo ? parseConnInfo(server.receiver.conninfo) : null;
  const told = parseConnInfo(server.conninfo);
  const cluster = server.settings["cluster_name"]?.[0];
  return running?.get("application_name") ?? told?.get("application_name") ?? (cluster ? cluster : "walreceiver");
}

/** A primary that never was a standby will connect as another node does; null: it says by itself how, or there is nobody to copy. */
function nameToBe({ node, server }: Seen, all: readonly Seen[]): string | null {
  if (server === null || server.recovery || server.conninfo !== "") return null;
  for (const other of all) {
    const told = other.server?.recovery === true ? parseConnInfo(other.server.conninfo) : null;
    if (told?.get("user") === undefined) continue;
    const named = told.get("application_name");
    return named === undefined ? null : nameLike(node.name, other.node.name, named);
  }
  return null;
}

/** The walsender that serves this standby: by slot, else by name, else (same name several times) the first that streams. */
function senderOf({ server }: Seen, primary: ServerFacts, name: string | null): SenderRow | null {
  const slot = server?.receiver?.slot_name;
  const active = slot ? primary.slots.find((each) => each.slot_name === slot)?.active_pid : null;
  if (active != null) return primary.senders.find(({ pid }) => pid === active) ?? null;
  const named = primary.senders.filter((sender) => sender.application_name === name);
  return named.find(({ state }) => state === "streaming") ?? named[0] ?? null;
}

function strangers(primary: ServerFacts, all: readonly Seen[]): readonly string[] {
  // Whatever a standby sends goes to somebody outside: a node of this cluster that follows it is reported as not streaming from the primary.
  const followers = primary.recovery ? [] : all.filter(({ server }) => server?.recovery === true);
  const known = new Set(followers.map((each) => senderOf(each, primary, applicationNameOf(each))?.pid));
  return primary.senders
    .filter(({ pid }) => !known.has(pid))
    .map(({ application_name: name, client_addr: from }) => (from === null ? name : `${name} from ${from}`));
}

function slotsOf(server: ServerFacts | null): readonly SlotFacts[] {
  return (server?.slots ?? []).map((slot) => ({
    name: slot.slot_name,
    kind: slot.slot_type === "logical" ? "logical" : "physical",
    active: slot.active,
    consumer: slot.active_pid === null ? null : (server?.consumers[String(slot.active_pid)] ?? null),
    plugin: slot.plugin,
    database: slot.database,
    failover: slot.failover ?? false,
    synced: slot.synced ?? false,
    temporary: slot.temporary,
    keepsBytes: slot.keeps,
    walStatus: slot.wal_status ?? null,
    invalidated: slot.invalidation_reason ?? (slot.conflicting === true ? "conflict" : null),
  }));
}

/** Streaming standbys, the most caught-up first. */
export function byPosition(facts: PgFacts, nodes: readonly string[]): readonly string[] {
  return nodes.toSorted((a, b) => compareLsn(facts.now.nodes[b]?.position ?? null, facts.now.nodes[a]?.position ?? null));
}
