import { describe, expect, it } from "vitest";
import type { TableInfo } from "./metadata.ts";
import type { OpWork } from "./operation.ts";
import { NoTasks, tasksOf } from "./task-sequences.ts";

const [A, B, C] = ["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"] as const;
const table: TableInfo = {
  name: "t1",
  db: "test",
  tid: 7,
  partition_num: 1,
  replica_num: 2,
  seg_cnt: 8,
  storage_mode: "kMemory",
  compress_type: "kNoCompress",
  table_partition: [
    {
      pid: 0,
      partition_meta: [
        { endpoint: A, is_leader: true, is_alive: false },
        { endpoint: B, is_leader: true },
      ],
      term_offset: [{ term: 1, offset: 0 }],
    },
  ],
};
const types = (work: OpWork, healthy = [A, B, C] as readonly string[]): readonly string[] =>
  tasksOf(work, table, 0, (tablet) => healthy.includes(tablet), 100_000).map((task) => task.work.type.slice(1));
const again = { endpoint: A, offset_delta: 100_000 };

describe("task sequences of operations, facts 2.8", () => {
  const sequences: readonly (readonly [OpWork, readonly string[]])[] = [
    [
      { op_type: "kChangeLeaderOP", tid: 7, follower: [B], candidate_leader: null, selected: null },
      ["SelectLeader", "ChangeLeader", "UpdateLeaderInfo"],
    ],
    [
      { op_type: "kAddReplicaOP", endpoint: C },
      [
        "PauseSnapshot",
        "SendSnapshot",
        "LoadTable",
        "AddReplica",
        "RecoverSnapshot",
        "AddTableInfo",
        "CheckBinlogSyncProgress",
        "UpdatePartitionStatus",
      ],
    ],
    [{ op_type: "kDelReplicaOP", endpoint: A }, ["DelReplica", "DelTableInfo", "DropTable"]],
    [
      { op_type: "kMigrateOP", src_endpoint: A, des_endpoint: C },
      [
        "PauseSnapshot",
        "SendSnapshot",
        "RecoverSnapshot",
        "LoadTable",
        "AddReplica",
        "AddTableInfo",
        "CheckBinlogSyncProgress",
        "DelReplica",
        "UpdateTableInfo",
        "DropTable",
      ],
    ],
    [{ op_type: "kOfflineReplicaOP", endpoint: A }, ["DelReplica", "UpdatePartitionStatus"]],
    [{ op_type: "kRecoverTableOP", is_leader: false, concurrency: 2, ...again }, ["DelReplica", "RecoverTable"]],
    [{ op_type: "kRecoverTableOP", is_leader: true, concurrency: 2, ...again }, ["RecoverTable"]],
    [{ op_type: "kReAddReplicaSimplifyOP", ...again }, ["AddReplica", "CheckBinlogSyncProgress", "UpdatePartitionStatus"]],
    [
      { op_type: "kReAddReplicaWithDropOP", ...again },
      [
        "PauseSnapshot",
        "DropTable",
        "SendSnapshot",
        "LoadTable",
        "AddReplica",
        "RecoverSnapshot",
        "CheckBinlogSyncProgress",
        "UpdatePartitionStatus",
      ],
    ],
    [
      { op_type: "kReAddReplicaNoSendOP", ...again },
      ["PauseSnapshot", "LoadTable", "AddReplica", "RecoverSnapshot", "CheckBinlogSyncProgress", "UpdatePartitionStatus"],
    ],
    [
      { op_type: "kReAddReplicaOP", ...again },
      ["PauseSnapshot", "SendSnapshot", "LoadTable", "AddReplica", "RecoverSnapshot", "CheckBinlogSyncProgress", "UpdatePartitionStatus"],
    ],
    [{ op_type: "kReLoadTableOP", endpoint: A }, ["LoadTable", "UpdatePartitionStatus"]],
    [{ op_type: "kUpdatePartitionStatusOP", endpoint: A, is_leader: true, is_alive: false }, ["UpdatePartitionStatus"]],
  ];
  it.each(sequences)("$op_type", (work, expected) => {
    expect(types(work)).toEqual(expected);
  });

  it("the leader that runs tasks is the alive one of the two that are marked", () => {
    const [pause, drop] = tasksOf({ op_type: "kReAddReplicaWithDropOP", ...again }, table, 0, () => true, 100_000);
    expect(pause?.work).toMatchObject({ type: "kPauseSnapshot", endpoint: B });
    expect(drop?.work).toMatchObject({ type: "kDropTable", endpoint: A });
  });

  it("without a healthy tablet to run them there are none", () => {
    expect(() => types({ op_type: "kAddReplicaOP", endpoint: C }, [A, B])).toThrow(NoTasks);
    expect(() => types({ op_type: "kReAddReplicaSimplifyOP", ...again }, [A, C])).toThrow(NoTasks);
    expect(() => types({ op_type: "kOfflineReplicaOP", endpoint: B })).toThrow(NoTasks);
  });
});
