import { method, type Method } from "../brpc.ts";
import type { PutRequest, ScanReply, ScanRequest } from "../tablet-messages.ts";
import {
  EXCEEDS_MAX_MEMORY,
  IS_FOLLOWER_CLUSTER,
  KEY_NOT_FOUND,
  OK,
  TABLE_DOES_NOT_EXIST,
  TABLE_IS_FOLLOWER,
  TABLE_IS_LOADING,
  type Answer,
} from "./codes.ts";
import type { TabletContext } from "./context.ts";
import { PARTITION } from "./shapes.ts";

interface KeyRequest extends ScanRequest {
  readonly key: string;
}

export function dataMethods(context: TabletContext): Readonly<Record<string, Method>> {
  /** Acknowledged after the local append: no follower is waited for (facts 4.1). */
  const write = ({ tid, pid, key, value, ts }: PutRequest): Answer => {
    if (context.isFollowerCluster) return IS_FOLLOWER_CLUSTER;
    const table = context.table(tid, pid);
    if (table === null) return TABLE_DOES_NOT_EXIST;
    if (!table.leads) return TABLE_IS_FOLLOWER;
    if (table.state === "kTableLoading") return TABLE_IS_LOADING;
    if (value !== null && context.exceedsMaxMemory()) return EXCEEDS_MAX_MEMORY;
    table.put(key, value, ts);
    return OK;
  };
  return {
    // Fences are looked at before the row is: whoever asks for a table that cannot exist learns of them without one.
    Put: method(PARTITION, { ts: "number", key: "string" }, (request: PutRequest) =>
      write({ ...request, key: request.key ?? "", value: request.value ?? null, ts: request.ts ?? context.surroundings.clock.now() }),
    ),
    Delete: method({ ...PARTITION, key: "string" }, { ts: "number" }, (request: KeyRequest) =>
      write({ ...request, value: null, ts: context.surroundings.clock.now() }),
    ),
    Scan: method(PARTITION, {}, ({ tid, pid }: ScanRequest): ScanReply => {
      const table = context.table(tid, pid);
      if (table === null) return TABLE_DOES_NOT_EXIST;
      if (table.state === "kTableLoading") return TABLE_IS_LOADING;
      return { ...OK, rows: table.rows.all().map(({ key, value, logIndex, ts }) => ({ key, value: value ?? "", offset: logIndex, ts })) };
    }),
    Get: method({ ...PARTITION, key: "string" }, {}, ({ tid, pid, key }: KeyRequest) => {
      const table = context.table(tid, pid);
      if (table === null) return TABLE_DOES_NOT_EXIST;
      if (table.state === "kTableLoading") return TABLE_IS_LOADING;
      const row = table.rows.of(key).at(-1);
      return row === undefined ? KEY_NOT_FOUND : { ...OK, value: row.value ?? "", offset: row.logIndex, ts: row.ts };
    }),
    Count: method(PARTITION, { key: "string" }, ({ tid, pid, key }: ScanRequest & { readonly key?: string }) => {
      const table = context.table(tid, pid);
      if (table === null) return TABLE_DOES_NOT_EXIST;
      if (table.state === "kTableLoading") return TABLE_IS_LOADING;
      return { ...OK, count: key === undefined ? table.rows.count : table.rows.of(key).length };
    }),
  };
}
