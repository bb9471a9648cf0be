// What is known of settings beyond what the server says of them.

/** They follow the role of a node: no part of the structure, and set by nobody but the switchover. */
const moving = new Set(["primary_conninfo", "primary_slot_name"]);
export const movesWithRole = (name: string): boolean => moving.has(name);

const secretName = /passphrase|password(?!_encryption)|secret|token|conninfo/;
/** Values that never appear in a plan, journal, log or report. */
export const isSecretSetting = (name: string): boolean => secretName.test(name);

/**
 * A standby with less than its primary refuses to replay: raised on the standbys first, lowered on the primary first.
 * Source: PostgreSQL documentation, 26.4.3 "Administrator's Overview" of Hot Standby.
 */
export const standbyLimits: ReadonlySet<string> = new Set([
  "max_connections",
  "max_worker_processes",
  "max_wal_senders",
  "max_prepared_transactions",
  "max_locks_per_transaction",
]);

/** Changing one of these would take the cluster away from under its own description: the cluster file names endpoint and directories. */
const identity = new Set([
  "port",
  "listen_addresses",
  "data_directory",
  "config_file",
  "hba_file",
  "ident_file",
  "external_pid_file",
  "unix_socket_directories",
]);
/** Clients name them in every connection, ours too: whether the server has taken a value cannot be seen. */
const ofEachClient = new Set(["application_name", "client_encoding"]);
/** Why a run may not set it; null: it may. */
export function mayNotSet(name: string): string | null {
  if (ofEachClient.has(name)) return "every client says its own: whether the server has taken the value could not be seen";
  if (movesWithRole(name)) return "it follows the role of a node and is set by the switchover";
  if (name.startsWith("recovery_target") || name === "promote_trigger_file") return "it would end the recovery of a standby";
  if (identity.has(name)) return "the cluster file names endpoint and directories: change both by hand";
  return null;
}
