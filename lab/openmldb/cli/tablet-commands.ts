import type { Answer } from "../logic/sdk/rpc.ts";
import { printed, size } from "./printer.ts";

/** Code -1 and words when nothing answers. */
export type TabletCall = <T extends Answer>(method: string, request: object) => Promise<T>;

interface Status {
  readonly tid: number;
  readonly pid: number;
  readonly offset?: number;
  readonly mode?: string;
  readonly state?: string;
  readonly is_expire?: boolean;
  readonly time_offset?: number;
  readonly record_byte_size?: number;
  readonly record_idx_byte_size?: number;
  readonly compress_type?: string;
  readonly skiplist_height?: number;
}
const words = ({ code, msg }: Answer): string => msg ?? `code ${code}`;
const number = (text: string | undefined): number | null => (text !== undefined && /^\d+$/.test(text) ? Number(text) : null);

const statusRow = (status: Status): readonly string[] => [
  String(status.tid),
  String(status.pid),
  String(status.offset ?? 0),
  status.mode ?? "kTableLeader",
  status.state ?? "kTableUndefined",
  status.is_expire === true ? "true" : "false",
  "0min",
  `${status.time_offset ?? 0}s`,
  size((status.record_byte_size ?? 0) + (status.record_idx_byte_size ?? 0)),
  status.compress_type ?? "kNoCompress",
  String(status.skiplist_height ?? 0),
];

async function gettablestatus(call: TabletCall, given: readonly string[]): Promise<string> {
  const [tid, pid] = [number(given[0]), number(given[1])];
  if (given.length !== 0 && (tid === null || pid === null)) return "Bad format\n";
  const answer = await call<Answer & { readonly all_table_status?: readonly Status[] }>("GetTableStatus", tid === null ? {} : { tid, pid });
  if (answer.code !== 0) return `gettablestatus failed, error msg: ${words(answer)}\n`;
  // Of one table that is not there the unset message is printed.
  const found = answer.all_table_status ?? [];
  const rows = tid !== null && found.length === 0 ? [{ tid: 0, pid: 0 }] : found;
  const columns = ["tid", "pid", "offset", "mode", "state", "enable_expire", "ttl", "ttl_offset", "memused", "compress_type", "skiplist_height"];
  return printed(columns, rows.map(statusRow));
}

interface FollowerAnswer extends Answer {
  readonly offset?: number;
  readonly follower_info?: readonly { readonly endpoint: string; readonly offset?: number }[];
}
async function getfollower(call: TabletCall, given: readonly string[]): Promise<string> {
  const [tid, pid] = [number(given[0]), number(given[1])];
  if (tid === null || pid === null) return "Bad format\n";
  const answer = await call<FollowerAnswer>("GetTableFollower", { tid, pid });
  if (answer.code !== 0) return `get failed, error msg: ${words(answer)}\n`;
  const rows = (answer.follower_info ?? []).map(({ endpoint, offset = 0 }, i) => [
    String(i),
    String(tid),
    String(pid),
    String(answer.offset ?? 0),
    endpoint,
    String(offset),
  ]);
  return printed(["#", "tid", "pid", "leader_offset", "follower", "offset"], rows);
}

/** Of releases up to 0.8.5, whose tool loads tables with it: NAME TID PID TTL SEGMENTS. */
async function loadtable(call: TabletCall, [name, tid, pid, ttl, segments]: readonly string[]): Promise<string> {
  const [table, at] = [number(tid), number(pid)];
  if (name === undefined || table === null || at === null) return "Bad format\n";
  const answer = await call("LoadTable", { table_meta: { name, tid: table, pid: at, ttl: number(ttl) ?? 0, seg_cnt: number(segments) ?? 8 } });
  return answer.code === 0 ? "LoadTable ok\n" : `Fail to LoadTable. error msg: ${words(answer)}\n`;
}

/** What one command of the tablet's client prints. */
export async function tabletCommand(call: TabletCall, [name, ...given]: readonly string[]): Promise<string> {
  switch (name ?? "") {
    case "gettablestatus":
      return await gettablestatus(call, given);
    case "getfollower":
      return await getfollower(call, given);
    case "loadtable":
      return await loadtable(call, given);
    default:
      return "unsupported cmd\n";
  }
}
