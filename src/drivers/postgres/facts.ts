// What one observation holds. `structure` makes a plan stale when it changes; `now` never does.
import { namesOf, namesWhere, withEntry } from "../../model/dictionary.ts";
import type { Facts } from "../../model/facts.ts";
import type { Lsn } from "./lsn.ts";

export type NodeStructure = {
  /** Name in the cluster file. */
  readonly host: string;
  /** Version of `<installation>/bin/postgres`; null: there is none. */
  readonly installed: string | null;
  readonly installation: string;
  readonly dataDirectory: string;
  readonly systemIdentifier: string | null;
  /** Values that differ from the server's defaults; those that move with the roles, and secret ones, left out. */
  readonly settings: { readonly [name: string]: string };
};

export type NodeState =
  | "serving"
  /** Stopped in order: the control file says so. */
  | "down"
  /** No process, and the control file says that it did not stop in order. */
  | "crashed"
  /** A process that does not serve yet, or not any more. */
  | "starting"
  | "stopping";

export type SlotFacts = {
  readonly name: string;
  readonly kind: "physical" | "logical";
  readonly active: boolean;
  /** Of a logical slot: who consumes it, as far as it is seen. */
  readonly consumer: string | null;
  readonly plugin: string | null;
  readonly database: string | null;
  /** 17 and later: kept on the standbys too. */
  readonly failover: boolean;
  readonly synced: boolean;
  readonly temporary: boolean;
  /** Bytes of the log that it keeps; null: nothing reserved. */
  readonly keepsBytes: number | null;
  readonly walStatus: string | null;
  /** 17 and later (16 of conflicts only): why the server gave it up; null: it did not. */
  readonly invalidated: string | null;
};

export type NodeNow = {
  readonly state: NodeState;
  /** Accepts connections. */
  readonly up: boolean;
  /** Null while it does not serve. */
  readonly role: "primary" | "standby" | null;
  readonly running: string | null;
  /** Unix seconds. */
  readonly startedAt: number | null;
  readonly pid: number | null;
  readonly timeline: number | null;
  /** End of the log: written by a primary, received by a standby; of a stopped node, of its control file. */
  readonly position: Lsn | null;
  readonly replayed: Lsn | null;
  /** What it is told to follow: no secrets. Null: not a standby, or one whose connection string cannot be read. */
  readonly follows: { readonly host: string; readonly port: number; readonly slot: string | null; readonly applicationName: string | null } | null;
  /** Of its postgresql.auto.conf, whatever its role: the slot that it comes back with when it is started as a standby. Null: none is named there. */
  readonly slotName: string | null;
  /** A standby that the primary and itself see streaming. */
  readonly streaming: boolean;
  /** Bytes behind the primary in replaying; null for a primary. */
  readonly lagBytes: number | null;
  /** How its connection to the primary is called there. */
  readonly applicationName: string | null;
  readonly slots: readonly SlotFacts[];
  readonly syncNames: string;
  readonly pendingRestart: readonly string[];
  readonly standbySignal: boolean;
  readonly dataChecksums: boolean;
  readonly walLogHints: boolean;
  readonly superuser: boolean;
  /** Commands on its host run as the owner of its data directory. */
  readonly ownsData: boolean;
  readonly archiver: {
    readonly mode: string;
    readonly failing: boolean;
    readonly lastFailed: string | null;
    readonly waiting: number;
  } | null;
  readonly prepared: readonly { readonly gid: string; readonly ageS: number }[];
  readonly long: readonly { readonly pid: number; readonly who: string; readonly ageS: number; readonly state: string }[];
  readonly collations: readonly { readonly object: string; readonly recorded: string; readonly actual: string }[];
  /** Walsenders that are no node of this cluster: a logical consumer, pg_receivewal, a cascading or unknown standby. */
  readonly otherSenders: readonly string[];
  /** What says that another manager owns the cluster. */
  readonly managers: readonly string[];
  readonly serverIdentifier: string | null;
  /** Releases found on the host: directory by version, the installation itself left out. */
  readonly releases: readonly { readonly version: string; readonly root: string }[];
  readonly linkTarget: string | null;
  /** Lines of its pg_hba.conf that let a standby connect; null: not known. */
  readonly replicationRules: number | null;
  /** recovery_min_apply_delay: it replays late on purpose. */
  readonly delayed: boolean;
  readonly settingSources: { readonly [name: string]: string };
};

/** [context, type, unit, least, greatest, allowed, default] of a setting, as `pg_settings` has them. */
export type CatalogueEntry = readonly [
  context: string,
  vartype: string,
  unit: string | null,
  min: string | null,
  max: string | null,
  allowed: readonly string[] | null,
  boot: string | null,
];

export type PgFacts = Facts<
  {
    readonly nodes: { readonly [node: string]: NodeStructure };
    /** The operator has commands that hold his traffic back during a switchover; absent: none. */
    readonly holdsTraffic?: true;
    /** The cluster file says as whom a standby connects; absent: only the standbys' own connections say it. */
    readonly namesReplicationUser?: true;
  },
  { readonly nodes: { readonly [node: string]: NodeNow }; readonly catalogue: { readonly [name: string]: CatalogueEntry } }
>;

/** A standby that could be promoted at once. One that replays late on purpose would first have to replay its delay, and nobody would serve meanwhile. */
export const canTakeOver = ({ up, streaming, delayed }: NodeNow): boolean => up && streaming && !delayed;

export const nodeNames = (facts: PgFacts): readonly string[] => namesOf(facts.structure.nodes);

export function nowOf(facts: PgFacts, node: string): NodeNow {
  const found = facts.now.nodes[node];
  if (found === undefined) throw new RangeError(`the facts do not know ${node}`);
  return found;
}
export function structureOf(facts: PgFacts, node: string): NodeStructure {
  const found = facts.structure.nodes[node];
  if (found === undefined) throw new RangeError(`the facts do not know ${node}`);
  return found;
}

/** The facts with one node changed: what `predict` returns. */
export const withNow = (facts: PgFacts, node: string, change: Partial<NodeNow>): PgFacts => ({
  ...facts,
  now: { ...facts.now, nodes: withEntry(facts.now.nodes, node, { ...nowOf(facts, node), ...change }) },
});

export const primaries = (facts: PgFacts): readonly string[] => namesWhere(facts.now.nodes, ({ up, role }) => up && role === "primary");
export const standbys = (facts: PgFacts): readonly string[] => namesWhere(facts.now.nodes, ({ up, role }) => up && role === "standby");
