import { describe, expect, test } from "vitest";
import type { OperationView, PartitionView, ReplicaView } from "./observation.ts";
import { restartedTablets } from "./restarted.ts";

const partition = { db: "test", name: "t1", tid: 7, pid: 2 };
const well: ReplicaView = {
  endpoint: "t2",
  leads: true,
  alive: true,
  healthy: true,
  own: { offset: 4, mode: "leader", normal: true },
  known: 4,
};
const gone: ReplicaView = { endpoint: "t1", leads: false, alive: true, healthy: true, own: "absent", known: 4 };
const view = (...replicas: readonly ReplicaView[]): PartitionView => ({ partition, storage: "kMemory", replicas, term: null, starts: [] });
const active: OperationView = { op_id: 1, op_type: "kReAddReplicaOP", status: "kDoing", db: "test", name: "t1", pid: 2 };

describe("a tablet that came back with nothing loaded", () => {
  test("is named once, whatever it holds", () => {
    expect(restartedTablets({ operations: [] }, [view(well, gone), view(gone, well)])).toEqual(["t1"]);
  });
  test.each([
    ["it is still gone", { ...gone, healthy: false }],
    ["it does not answer", { ...gone, own: "unknown" as const }],
    ["the nameserver knows that the replica is not there", { ...gone, alive: false }],
    ["it has loaded it", { ...gone, own: { offset: 4, mode: "follower" as const, normal: true } }],
  ])("is not meant when %s", (_, replica) => {
    expect(restartedTablets({ operations: [] }, [view(well, replica)])).toEqual([]);
  });
  test("is left to the operation that is at work on the partition", () => {
    expect(restartedTablets({ operations: [active] }, [view(well, gone)])).toEqual([]);
    expect(restartedTablets({ operations: [{ ...active, status: "kDone" }] }, [view(well, gone)])).toEqual(["t1"]);
  });
});
