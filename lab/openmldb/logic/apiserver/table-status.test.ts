import { describe, expect, it } from "vitest";
import type { TableInfo } from "../nameserver/metadata.ts";
import { like, shown, TABLE_STATUS_COLUMNS, tableStatusRow, type TabletReports } from "./table-status.ts";

const [A, B] = ["10.0.0.2:10921", "10.0.0.3:10921"];
const table = (metas: TableInfo["table_partition"][number]["partition_meta"], replicas = 2): TableInfo => ({
  name: "t1",
  db: "test",
  tid: 6,
  partition_num: 1,
  replica_num: replicas,
  seg_cnt: 8,
  storage_mode: "kMemory",
  compress_type: "kNoCompress",
  table_partition: [{ pid: 0, partition_meta: metas, term_offset: [] }],
});
const healthy = table([
  { endpoint: A, is_leader: true, record_cnt: 5, record_byte_size: 498, diskused: 9_128 },
  { endpoint: B, is_leader: false, record_cnt: 5 },
]);
const reports = (modes: Record<string, string>, followers: readonly string[] | string): TabletReports => ({
  status: (endpoint, tid, pid) => {
    const [mode, state = "kTableNormal"] = modes[endpoint]?.split(" ") ?? [];
    return mode === undefined ? null : { tid, pid, mode, state };
  },
  followers: () => followers,
});
const WELL = reports({ [A]: "kTableLeader", [B]: "kTableFollower" }, [B]);
const warnings = (of: TableInfo, said: TabletReports): string[] => (tableStatusRow(of, said).at(-1) ?? "").split("\n");

describe("show table status", () => {
  it("one row, in the order of its columns", () => {
    expect(tableStatusRow(healthy, WELL)).toEqual(["6", "t1", "test", "memory", "5", "498", "9128", "1", "0", "2", "NULL", "NULL", "NULL", ""]);
    expect(TABLE_STATUS_COLUMNS).toHaveLength(14);
  });

  it("a replica that its tablet has not, or has not loaded", () => {
    expect(warnings(healthy, reports({ [A]: "kTableLeader" }, [B]))).toEqual([`[pid=0][follower][${B}]: state is kNotFound`]);
    const loading = reports({ [A]: "kTableLeader", [B]: "kTableFollower kTableLoading" }, [B]);
    expect(warnings(healthy, loading)).toEqual([`[pid=0][follower][${B}]: state is kTableLoading`]);
  });

  it("the old leader after a change: dead by the metadata, leader by itself", () => {
    const moved = table([
      { endpoint: A, is_leader: true, is_alive: false },
      { endpoint: B, is_leader: true, record_cnt: 7 },
    ]);
    const row = tableStatusRow(moved, reports({ [A]: "kTableLeader", [B]: "kTableLeader" }, []));
    expect(row[4]).toBe("7");
    expect(row[8]).toBe("1");
    expect(row.at(-1)?.split("\n")).toEqual([
      `[pid=0][follower][${A}]: leader/follower mode inconsistent`,
      `[pid=0][follower][${A}]: not connected to leader`,
      `[pid=0][leader][${B}]: real replica number 1 does not match the configured replicanum 2`,
    ]);
  });

  it("a leader that is fenced by its role, and one that cannot be asked", () => {
    const fenced = reports({ [A]: "kTableFollower", [B]: "kTableFollower" }, "table is follower");
    expect(warnings(healthy, fenced)).toEqual([
      `[pid=0][leader][${A}]: leader/follower mode inconsistent`,
      `[pid=0][leader][${A}]: fail to get from tablet: table is follower`,
    ]);
  });

  it("one replica needs no follower", () => {
    expect(warnings(table([{ endpoint: A, is_leader: true }], 1), reports({ [A]: "kTableLeader" }, []))).toEqual([""]);
  });

  it("LIKE means the database; without it, the one in use, or all that are not hidden", () => {
    const hidden: TableInfo = { ...healthy, db: "__INTERNAL_DB" };
    expect([shown(hidden, "test", "%"), shown(hidden, "", null), shown(healthy, "", null)]).toEqual([true, false, true]);
    expect([shown(healthy, "test", null), shown(healthy, "other", null), shown(healthy, "other", "te_t")]).toEqual([true, false, true]);
    expect([like("a.c", "abc"), like("A%", "abc"), like("_b_", "abc"), like("%", "")]).toEqual([false, true, true, true]);
  });
});
