// What the server says of itself, in one question. Rows go through JSON, so columns that a release does not have are simply absent.
import { ownSettings } from "./connections.ts";
import type { Lsn } from "./lsn.ts";
import type { CatalogueEntry } from "./facts.ts";

export interface SenderRow {
  readonly pid: number;
  readonly application_name: string;
  readonly state: string;
  readonly sync_state: string;
  readonly client_addr: string | null;
}
export interface SlotRow {
  readonly slot_name: string;
  readonly slot_type: string;
  readonly active: boolean;
  readonly active_pid: number | null;
  readonly plugin: string | null;
  readonly database: string | null;
  readonly temporary: boolean;
  readonly wal_status?: string | null;
  readonly invalidation_reason?: string | null;
  readonly conflicting?: boolean | null;
  readonly failover?: boolean;
  readonly synced?: boolean;
  readonly keeps: number | null;
}
export interface ReceiverRow {
  readonly status: string;
  readonly sender_host: string | null;
  readonly sender_port: number | null;
  readonly slot_name: string | null;
  readonly received_tli: number | null;
  readonly conninfo: string | null;
}
/** What changes by itself. */
export interface LiveFacts {
  readonly version: string;
  readonly versionNumber: number;
  readonly recovery: boolean;
  readonly startedAt: number;
  /** When the server last read its configuration files. */
  readonly configuredAt: string;
  readonly dataDirectory: string;
  readonly systemIdentifier: string;
  readonly position: Lsn | null;
  readonly replayed: Lsn | null;
  readonly timeline: number | null;
  readonly receiver: ReceiverRow | null;
  readonly senders: readonly SenderRow[];
  readonly slots: readonly SlotRow[];
  readonly conninfo: string;
  readonly slotName: string;
  readonly superuser: boolean;
  readonly archiver: { readonly failed: string | null; readonly failing: boolean };
  readonly waiting: number;
  readonly prepared: readonly { readonly gid: string; readonly ageS: number }[];
  readonly long: readonly { readonly pid: number; readonly who: string; readonly ageS: number; readonly state: string }[];
  readonly consumers: Readonly<Record<string, string>>;
  readonly managers: readonly string[];
}

export interface SettingFacts {
  readonly settings: Readonly<Record<string, readonly [value: string, source: string]>>;
  readonly pending: readonly string[];
  /** Named by its files, but set by our session for itself: the server's own values are asked for in a plain one. */
  readonly shadowed: readonly string[];
  /** Lines of pg_hba.conf that let a standby connect; null: the file has an error, or may not be read. */
  readonly replicationRules: number | null;
}
export type ServerFacts = LiveFacts & Omit<SettingFacts, "shadowed">;

/** Transactions older than that would be cut off by the switchover where a person might wait for them. Seconds. */
export const longTransactionS = 60;

export const liveFactsSql = `
with r as (select pg_is_in_recovery() as recovery),
p as (select case when recovery then pg_last_wal_receive_lsn() else pg_current_wal_lsn() end as position from r)
select json_build_object(
 'version', current_setting('server_version'),
 'versionNumber', current_setting('server_version_num')::int,
 'recovery', recovery,
 'startedAt', extract(epoch from pg_postmaster_start_time())::float8,
 'configuredAt', pg_conf_load_time()::text,
 'dataDirectory', current_setting('data_directory'),
 'systemIdentifier', (select system_identifier::text from pg_control_system()),
 'position', position,
 'replayed', case when recovery then pg_last_wal_replay_lsn() end,
 'timeline', case when recovery then (select received_tli from pg_stat_wal_receiver)
   else ('x' || substr(pg_walfile_name(position), 1, 8))::bit(32)::int end,
 'receiver', (select to_json(w) from pg_stat_wal_receiver w where w.pid is not null),
 'senders', (select coalesce(json_agg(s), '[]') from (select pid, application_name, state, sync_state, client_addr::text from pg_stat_replication) s),
 'slots', (select coalesce(json_agg(to_jsonb(s) || jsonb_build_object('keeps', pg_wal_lsn_diff(position, s.restart_lsn)::float8)), '[]') from pg_replication_slots s),
 'conninfo', current_setting('primary_conninfo'),
 'slotName', current_setting('primary_slot_name'),
 'superuser', (select rolsuper from pg_roles where rolname = current_user),
 'archiver', (select json_build_object('failed', last_failed_wal, 'failing',
   last_failed_time is not null and (last_archived_time is null or last_failed_time > last_archived_time)) from pg_stat_archiver),
 'waiting', case when current_setting('archive_mode') = 'off' then 0
   else (select count(*) from pg_ls_archive_statusdir() where name like '%.ready') end,
 'prepared', (select coalesce(json_agg(json_build_object('gid', gid, 'ageS', extract(epoch from now() - prepared)::int)), '[]') from pg_prepared_xacts),
 'long', (select coalesce(json_agg(json_build_object('pid', pid, 'who', coalesce(usename, '') || '@' || coalesce(datname, '') || ' ' || application_name,
   'ageS', extract(epoch from now() - xact_start)::int, 'state', state)), '[]')
   from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() and xact_start < now() - interval '${String(longTransactionS)} s'),
 'consumers', (select coalesce(json_object_agg(pid, application_name || coalesce(' from ' || client_addr, '')), '{}') from pg_stat_activity
   where pid in (select active_pid from pg_replication_slots where slot_type = 'logical')),
 'managers', (select coalesce(json_agg(what), '[]') from (
   select 'schema ' || nspname as what from pg_namespace where nspname in ('repmgr', 'pgautofailover')
   union all select 'shared_preload_libraries ' || lib from current_setting('shared_preload_libraries') lib where lib ~ '(repmgr|pgautofailover)'
   union all select 'connection of ' || application_name from pg_stat_activity where application_name ~* '^patroni') m)
) as facts from r, p`;

const valuesOfSettings = "coalesce(json_object_agg(name, json_build_array(setting, source)), '{}')";
export const settingFactsSql = `select json_build_object(
 'settings', (select ${valuesOfSettings} from pg_settings
   where source not in ('default', 'override', 'client', 'session') or name in ('synchronous_standby_names', 'wal_log_hints')),
 'pending', (select coalesce(json_agg(name), '[]') from pg_settings where pending_restart),
 'shadowed', (select coalesce(json_agg(distinct s.name), '[]') from pg_settings s join pg_file_settings f on lower(f.name) = lower(s.name)
   where s.source = 'client' and s.name in (${[...ownSettings].map((name) => `'${name}'`).join(", ")})),
 'replicationRules', (select case when count(error) > 0 then null else count(*) filter (where 'replication' = any(database) and auth_method <> 'reject') end
   from pg_hba_file_rules)) as facts`;

/** In a plain session. */
export const shadowedSql = `select ${valuesOfSettings} as settings from pg_settings where name = any($1) and source not in ('default', 'override')`;

export const collationSql = (versionNumber: number): string | null =>
  versionNumber >= 150_000
    ? `select 'database ' || datname as object, datcollversion as recorded, pg_database_collation_actual_version(oid) as actual from pg_database
       where datallowconn and datcollversion is distinct from pg_database_collation_actual_version(oid)`
    : versionNumber >= 100_000
      ? `select 'collation ' || collname as object, collversion as recorded, pg_collation_actual_version(oid) as actual from pg_collation
       where collversion is not null and collversion is distinct from pg_collation_actual_version(oid)`
      : null;

export const catalogueSql = `select name, json_build_array(context, vartype, unit, min_val, max_val, enumvals, boot_val) as entry from pg_settings
 where name not like '%.%' or context <> 'internal'`;
export interface CatalogueRow {
  readonly name: string;
  readonly entry: CatalogueEntry;
}
