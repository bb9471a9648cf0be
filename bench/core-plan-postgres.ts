// A thousand nodes of PostgreSQL as its own driver plans them: one primary and its standbys, from one minor release to another. Nothing is started.
import { PostgresDriver } from "../src/drivers/postgres/driver.ts";
import { factsOf } from "../src/drivers/postgres/testing/facts-fixture.ts";
import type { ClusterDefinition } from "../src/model/cluster.ts";
import type { SystemDriver } from "../src/model/driver.ts";
import type { Facts } from "../src/model/facts.ts";
import type { Goal } from "../src/model/goal.ts";
import type { Host } from "../src/model/host.ts";

const version = "17.10";
const artefact = { path: `/releases/postgresql-${version}.tar.gz`, sha256: "0".repeat(64), bytes: 1, version };
const goal: Goal = { version, artefact, settings: {}, restart: false, mode: "auto", only: null, options: {} };

export function postgresNodes(names: readonly string[]): { readonly driver: SystemDriver; readonly facts: Facts; readonly goal: Goal } {
  const room = String(names.length * 2);
  const settings = { max_wal_senders: room, max_replication_slots: room };
  const definition: ClusterDefinition = {
    version: 1,
    cluster: "bench",
    system: "postgres",
    hosts: [],
    nodes: names.map((name) => ({
      name,
      host: name,
      endpoint: `${name}:5432`,
      service: null,
      options: { dataDirectory: `/pg/${name}/data`, installation: `/pg/${name}/pgsql` },
    })),
    policy: { maxUnavailable: 1 },
    hooks: { pauseTraffic: null, resumeTraffic: null, alert: null },
    continuity: { enabled: false, route: null, rate: 1, minAcks: 1, verifyAfterS: 0 },
    options: { user: "stillwater" },
  };
  const driver = new PostgresDriver(definition, {
    host: (name) => ({ name }) as Host,
    secret: (reference) => Promise.resolve(reference),
    now: () => 0,
  });
  return { driver, facts: factsOf(Object.fromEntries(names.map((name) => [name, { settings }]))), goal };
}
