import type { TableInfo } from "../logic/nameserver/metadata.ts";
import type { Answer } from "../logic/sdk/rpc.ts";
import { pidsOf } from "./command-line.ts";
import { age, printed, size, timestamp } from "./printer.ts";

/** What a command of ns_client works with. */
export interface NameserverConnection {
  /** Code -1 and words when nothing answers. */
  readonly call: <T extends Answer>(method: string, request: object) => Promise<T>;
  /** Nameservers in the order of their locks; null: the command was given an endpoint, not ZooKeeper. */
  nameservers(): Promise<readonly { readonly endpoint: string; readonly real: string }[] | null>;
  /** The database in use; empty: none, also when the one asked for does not exist. */
  readonly db: string;
  readonly now: () => number;
}
type Command = (connection: NameserverConnection, words: readonly string[]) => Promise<string>;

const BAD_FORMAT = "Bad format\n";
const words = ({ code, msg }: Answer): string => msg ?? `code ${code}`;

interface ShowTabletAnswer extends Answer {
  readonly tablets?: readonly { readonly endpoint: string; readonly real_endpoint?: string; readonly state: string; readonly age?: number }[];
}
interface OpStatus {
  readonly op_id: number;
  readonly op_type: string;
  readonly name?: string;
  readonly pid?: number;
  readonly status: string;
  readonly start_time?: number;
  readonly end_time?: number;
  readonly task_type?: string;
  readonly for_replica_cluster?: number;
}
const NO_PID = 4_294_967_295;

const showns: Command = async (connection) => {
  const nameservers = (await connection.nameservers()) ?? [];
  const rows = nameservers.map(({ endpoint, real }, i) => [endpoint, real === endpoint ? "-" : real, i === 0 ? "leader" : "standby"]);
  return printed(["endpoint", "real_endpoint", "role"], rows);
};

const showtablet: Command = async ({ call }) => {
  const answer = await call<ShowTabletAnswer>("ShowTablet", {});
  if (answer.code !== 0) return `Fail to show tablets. error msg: ${words(answer)}\n`;
  const rows = (answer.tablets ?? []).map((tablet) => [tablet.endpoint, tablet.real_endpoint ?? "-", tablet.state, age(tablet.age ?? 0)]);
  return printed(["endpoint", "real_endpoint", "state", "age"], rows);
};

const showsdkendpoint: Command = async ({ call }) => {
  const answer = await call<ShowTabletAnswer>("ShowSdkEndpoint", {});
  if (answer.code !== 0) return `Fail to show sdkendpoint. error msg: ${words(answer)}\n`;
  return printed(
    ["endpoint", "real_endpoint"],
    (answer.tablets ?? []).map(({ endpoint, real_endpoint = "-" }) => [endpoint, real_endpoint]),
  );
};

const showdb: Command = async ({ call }) => {
  const answer = await call<Answer & { readonly db?: readonly string[] }>("ShowDatabase", {});
  if (answer.code !== 0) return `failed to show db. error msg: ${words(answer)}\n`;
  return printed(
    ["#", "name"],
    (answer.db ?? []).map((name, i) => [String(i + 1), name]),
  );
};

const showtable: Command = async ({ call, db }, [name]) => {
  const answer = await call<Answer & { readonly table_info?: readonly TableInfo[] }>("ShowTable", { db, ...(name === undefined ? {} : { name }) });
  if (answer.code !== 0) return `failed to showtable. error msg: ${words(answer)}\n`;
  const text = (value: number | undefined): string => (value === undefined ? "-" : String(value));
  const bytes = (value: number | undefined): string => (value === undefined ? "-" : size(value));
  const rows = (answer.table_info ?? []).flatMap((table) =>
    table.table_partition.flatMap(({ pid, partition_meta }) =>
      partition_meta.map((meta) => [
        table.name,
        String(table.tid),
        String(pid),
        meta.endpoint,
        meta.is_leader ? "leader" : "follower",
        meta.is_alive === false ? "no" : "yes",
        text(meta.offset),
        text(meta.record_cnt),
        bytes(meta.record_byte_size),
        bytes(meta.diskused),
      ]),
    ),
  );
  return printed(["name", "tid", "pid", "endpoint", "role", "is_alive", "offset", "record_cnt", "memused", "diskused"], rows);
};

const showopstatus: Command = async ({ call, db, now }, [name, pid]) => {
  if (pid !== undefined && !/^\d+$/.test(pid)) return BAD_FORMAT;
  const request = { ...(db === "" ? {} : { db }), ...(name === undefined ? {} : { name }), ...(pid === undefined ? {} : { pid: Number(pid) }) };
  const answer = await call<Answer & { readonly op_status?: readonly OpStatus[] }>("ShowOPStatus", request);
  if (answer.code !== 0) return `Fail to show tablets. error msg: ${words(answer)}\n`;
  const columns = ["op_id", "op_type", "name", "pid", "status", "start_time", "execute_time", "end_time", "cur_task", "for_replica_cluster"];
  return printed(
    columns,
    (answer.op_status ?? []).map((op) => opRow(op, now())),
  );
};
function opRow(op: OpStatus, nowMs: number): readonly string[] {
  const { start_time: start = 0, end_time: end = 0, pid = NO_PID } = op;
  const times =
    start === 0 ? ["-", "-", "-"] : [timestamp(start), `${(end === 0 ? Math.floor(nowMs / 1_000) : end) - start}s`, end === 0 ? "-" : timestamp(end)];
  const at = pid === NO_PID ? "-" : String(pid);
  return [String(op.op_id), op.op_type, op.name ?? "-", at, op.status, ...times, op.task_type ?? "-", op.for_replica_cluster === 1 ? "yes" : "no"];
}

const confget: Command = async ({ call }, [key]) => {
  const answer = await call<Answer & { readonly conf?: Readonly<Record<string, string>> }>("ConfGet", {});
  if (answer.code !== 0) return `failed to get conf. error msg: ${words(answer)}\n`;
  const rows = Object.entries(answer.conf ?? {}).filter(([name]) => key === undefined || name === key);
  return printed(["key", "value"], rows);
};

const confset: Command = async ({ call }, [key, value]) => {
  if (key === undefined || value === undefined) return BAD_FORMAT;
  const answer = await call("ConfSet", { conf: { key, value } });
  return answer.code === 0 ? `set ${key} ok\n` : `failed to set ${key}. error msg: ${words(answer)}\n`;
};

/** A command that sends one request and says how it went. Null: its words do not fit. */
const effect =
  (method: string, request: (db: string, given: readonly string[]) => object | null, ok: string, failed: string): Command =>
  async ({ call, db }, given) => {
    const body = request(db, given);
    if (body === null) return BAD_FORMAT;
    const answer = await call(method, body);
    return answer.code === 0 ? `${ok}\n` : `${failed}${words(answer)}\n`;
  };

const number = (text: string | undefined): number | null => (text !== undefined && /^\d+$/.test(text) ? Number(text) : null);
const group = (text: string | undefined): { readonly pid: number; readonly pid_group?: readonly number[] } | null => {
  const pids = text === undefined ? null : pidsOf(text);
  const [pid] = pids ?? [];
  if (pids === null || pid === undefined) return null;
  return pids.length === 1 ? { pid } : { pid, pid_group: pids };
};
const replica = (db: string, [name, pids, endpoint]: readonly string[]): object | null => {
  const pid = group(pids);
  return name === undefined || pid === null || endpoint === undefined ? null : { name, ...pid, endpoint, db };
};
const partition = (db: string, [name, pid]: readonly string[]): { readonly name: string; readonly pid: number; readonly db: string } | null => {
  const at = number(pid);
  return name === undefined || at === null ? null : { name, pid: at, db };
};

const NAMESERVER_COMMANDS: Readonly<Record<string, Command>> = {
  showns,
  showtablet,
  showsdkendpoint,
  showdb,
  showtable,
  showopstatus,
  confget,
  confset,
  addreplica: effect("AddReplicaNS", replica, "AddReplica ok", "Fail to addreplica. error msg:"),
  delreplica: effect("DelReplicaNS", replica, "DelReplica ok", "Fail to delreplica. error msg:"),
  migrate: effect(
    "Migrate",
    (db, [src_endpoint, name, pids, des_endpoint]) => {
      const pid = pids === undefined ? null : pidsOf(pids);
      return name === undefined || pid === null || des_endpoint === undefined ? null : { src_endpoint, name, pid, des_endpoint, db };
    },
    "partition migrate ok",
    "failed to migrate partition. error msg: ",
  ),
  changeleader: effect(
    "ChangeLeader",
    (db, given) => {
      const at = partition(db, given);
      const [, , candidate_leader] = given;
      return at === null ? null : { ...at, ...(candidate_leader === undefined ? {} : { candidate_leader }) };
    },
    "change leader ok. If there are writing operations while changing a leader, it may cause data loss.",
    "failed to change leader. error msg: ",
  ),
  recovertable: effect(
    "RecoverTable",
    (db, given) => {
      const at = partition(db, given);
      const [, , endpoint] = given;
      return at === null || endpoint === undefined ? null : { ...at, endpoint };
    },
    "recover table ok",
    "Fail to recover table. error msg:",
  ),
  updatetablealive: effect(
    "UpdateTableAliveStatus",
    (db, [name, pid, endpoint, alive]) => {
      if (name === undefined || endpoint === undefined || (alive !== "yes" && alive !== "no")) return null;
      const at = number(pid);
      if (at === null && pid !== "*") return null;
      return { name, endpoint, is_alive: alive === "yes", db, ...(at === null ? {} : { pid: at }) };
    },
    "update ok",
    "Fail to update table alive. error msg: ",
  ),
  offlineendpoint: effect(
    "OfflineEndpoint",
    (_, [endpoint, concurrency]) => {
      const most = number(concurrency);
      return endpoint === undefined ? null : { endpoint, ...(most === null ? {} : { concurrency: most }) };
    },
    "offline endpoint ok",
    "failed to offline endpoint. error msg: ",
  ),
  recoverendpoint: effect(
    "RecoverEndpoint",
    (_, [endpoint, restore, concurrency]) => {
      const most = number(concurrency);
      if (endpoint === undefined || (restore !== undefined && restore !== "true" && restore !== "false")) return null;
      return { endpoint, ...(restore === undefined ? {} : { need_restore: restore === "true" }), ...(most === null ? {} : { concurrency: most }) };
    },
    "recover endpoint ok",
    "failed to recover endpoint. error msg: ",
  ),
  cancelop: effect(
    "CancelOP",
    (_, [id]) => {
      const op_id = number(id);
      return op_id === null ? null : { op_id };
    },
    "Cancel op ok",
    "Fail to cancel op. error msg: ",
  ),
  deleteop: effect(
    "DeleteOP",
    (db, [which]) => {
      const op_id = number(which);
      if (op_id !== null) return { op_id };
      const status = { done: "kDone", failed: "kFailed", canceled: "kCanceled" }[which ?? ""];
      return status === undefined ? null : { status, ...(db === "" ? {} : { db }) };
    },
    "Delete op ok",
    "Fail to delete op. error msg: ",
  ),
  makesnapshot: effect("MakeSnapshotNS", partition, "MakeSnapshot ok", "Fail to makesnapshot. error msg:"),
};

/** What one command of ns_client prints. */
export async function nameserverCommand(connection: NameserverConnection, given: readonly string[]): Promise<string> {
  const [name = "", ...rest] = given;
  const command = Object.hasOwn(NAMESERVER_COMMANDS, name) ? NAMESERVER_COMMANDS[name] : undefined;
  return command === undefined ? "unsupported cmd\n" : await command(connection, rest);
}
