// Facts of a cluster that was never started, for tests of what is pure.
import type { CatalogueEntry, NodeNow, PgFacts, SlotFacts } from "../facts.ts";

export interface NodeFixture extends Partial<NodeNow> {
  readonly installed?: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly host?: string;
  readonly installation?: string;
}

const catalogue: Readonly<Record<string, CatalogueEntry>> = {
  max_connections: ["postmaster", "integer", null, "1", "262143", null, "100"],
  work_mem: ["user", "integer", "kB", "64", "2147483647", null, "4096"],
  shared_buffers: ["postmaster", "integer", "8kB", "16", "1073741823", null, "16384"],
  log_min_duration_statement: ["superuser", "integer", "ms", "-1", "2147483647", null, "-1"],
  wal_level: ["postmaster", "enum", null, null, null, ["minimal", "replica", "logical"], "replica"],
  archive_command: ["sighup", "string", null, null, null, null, ""],
  synchronous_standby_names: ["sighup", "string", null, null, null, null, ""],
  application_name: ["user", "string", null, null, null, null, ""],
  autovacuum: ["sighup", "bool", null, null, null, null, "on"],
  checkpoint_completion_target: ["sighup", "real", null, "0", "1", null, "0.9"],
  server_version: ["internal", "string", null, null, null, null, "17.0"],
  primary_conninfo: ["sighup", "string", null, null, null, null, null],
};

export const slotOf = (name: string, more: Partial<SlotFacts> = {}): SlotFacts => ({
  name,
  kind: "physical",
  active: true,
  consumer: null,
  plugin: null,
  database: null,
  failover: false,
  synced: false,
  temporary: false,
  keepsBytes: 0,
  walStatus: "reserved",
  invalidated: null,
  ...more,
});

/** pg1 is the primary and the others stream from it, unless a fixture says otherwise. */
export function factsOf(nodes: Readonly<Record<string, NodeFixture>>): PgFacts {
  const structure: Record<string, PgFacts["structure"]["nodes"][string]> = {};
  const now: Record<string, NodeNow> = {};
  for (const [index, [name, fixture]] of Object.entries(nodes).entries()) {
    const { installed = "17.0", settings = {}, host = `host of ${name}`, installation = `/pg/${name}/pgsql`, ...more } = fixture;
    structure[name] = { host, installed, installation, dataDirectory: `/pg/${name}/data`, systemIdentifier: "7", settings };
    const primary = index === 0;
    now[name] = {
      state: "serving",
      up: true,
      role: primary ? "primary" : "standby",
      running: installed,
      startedAt: 1,
      pid: 1,
      timeline: 1,
      position: "0/1000",
      replayed: primary ? null : "0/1000",
      follows: primary ? null : { host: "pg1", port: 5432, slot: name, applicationName: name },
      slotName: primary ? null : name,
      streaming: !primary,
      lagBytes: primary ? null : 0,
      applicationName: name,
      slots: primary
        ? Object.keys(nodes)
            .slice(1)
            .map((each) => slotOf(each))
        : [],
      syncNames: "",
      pendingRestart: [],
      standbySignal: !primary,
      dataChecksums: true,
      walLogHints: false,
      superuser: true,
      ownsData: true,
      archiver: { mode: "off", failing: false, lastFailed: null, waiting: 0 },
      prepared: [],
      long: [],
      collations: [],
      otherSenders: [],
      managers: [],
      serverIdentifier: "7",
      releases: [],
      linkTarget: `/pg/${name}/releases/${installed}`,
      replicationRules: 1,
      delayed: false,
      settingSources: {},
      ...more,
    };
  }
  return { structure: { nodes: structure }, now: { nodes: now, catalogue } };
}
