// What a server does by its version: the two generations that the vendor's page mixes (CD-1). Data with sources; an unknown version gets no answer.
import { isKnown } from "./upgrades.ts";
import { isAtLeast, parseVersion } from "./version.ts";

export interface Behaviours {
  /** Each call of an upgrade makes a new version of the application; before, the one there is overwritten and cannot be had back (facts 0.6, 3.1). */
  readonly newVersionByUpgrade: boolean;
  /** Applications can be upgraded by `POST /upgrade` at all (6.2). */
  readonly upgradeCall: boolean;
  /** The upgrade of a real-time pipeline whose state mode is STATE_STORE is answered with 200 (facts 0.7, 4.2). */
  readonly upgradesStateStore: boolean;
  /** The launcher turns the write-ahead log on by itself where it has checkpoints (facts 4.2.4). */
  readonly autoWal: boolean;
  /** Plug-ins of post-run actions move with an upgrade (CDAP-20567). */
  readonly upgradesPostActions: boolean;
  /** What it does with `?graceful` on the stop of a run (facts 2). */
  readonly graceful: "ignored" | "perhaps";
  /** Replication jobs: upgraded like batch pipelines (facts 4.3). */
  readonly replicationAsBatch: boolean;
  /** GET /v3/export/apps (facts 6). */
  readonly exports: boolean;
}

/** Null: a version that nobody here has read. */
export function behavioursOf(version: string | null): Behaviours | null {
  if (version === null || !isKnown(version)) return null;
  const from = (least: string): boolean => isAtLeast(version, least);
  return {
    newVersionByUpgrade: from("6.9.0"),
    upgradeCall: from("6.2.0"),
    upgradesStateStore: from("6.9.0"),
    autoWal: from("6.7.0") || isDevelopment(version),
    upgradesPostActions: from("6.8.3"),
    graceful: isDevelopment(version) ? "perhaps" : "ignored",
    replicationAsBatch: from("6.7.0"),
    exports: from("6.1.0"),
  };
}
/** Builds of 6.7 before its release honoured `graceful`; the parameter was taken out of both before they were released (facts 2). */
const isDevelopment = (version: string): boolean => {
  const found = parseVersion(version);
  return found !== null && found.qualifier !== null && found.numbers[0] === 6 && (found.numbers[1] === 7 || found.numbers[1] === 8);
};

/** What holds for this server, in words for a plan: one line each. */
export function generationWords(version: string | null): readonly string[] {
  const known = behavioursOf(version);
  if (version === null || known === null) return [`CDAP ${version ?? "of unknown version"}: what its calls do is not known here`];
  return [
    known.newVersionByUpgrade
      ? `an upgrade makes a new version of the application, the old one is kept (from 6.9)`
      : `an upgrade overwrites the application in place (before 6.9): only a backup has the old one`,
    known.graceful === "ignored"
      ? "`graceful` is ignored: the server's own budget decides (facts 2)"
      : "`graceful` may be honoured by this development build",
    known.upgradesStateStore
      ? "real-time pipelines are upgraded by the API only where their source keeps its state in CDAP (from 6.9)"
      : "real-time pipelines are not upgraded by the API (501)",
  ];
}
