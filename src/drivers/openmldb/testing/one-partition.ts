// A cluster of one partition as its servers tell it, for tests of a single look.
import { Unreachable } from "../../../model/errors.ts";
import type { OmCluster } from "../cluster.ts";
import type { Rpc, TableStatus } from "../rpc.ts";

export interface ReplicaSaid {
  readonly endpoint: string;
  readonly leads: boolean;
  readonly alive?: boolean;
  readonly registered?: boolean;
  /** As the nameserver last heard. Default: its own offset. */
  readonly known?: number;
  /** `silent`: its tablet does not answer. `nothing`: it has loaded nothing. */
  readonly own: "silent" | "nothing" | { readonly offset: number; readonly mode: TableStatus["mode"]; readonly state?: TableStatus["state"] };
}

/** `db.t/0`, tid 6. `began`: the first offset of the present leader. */
export function onePartition(replicas: readonly ReplicaSaid[], { began = 1, autoFailover = false } = {}): OmCluster {
  const at = (endpoint: string): ReplicaSaid => {
    const found = replicas.find((each) => each.endpoint === endpoint);
    if (found === undefined) throw new RangeError(endpoint);
    return found;
  };
  const rpc: Pick<Rpc, "tablet"> & { readonly nameserver: Pick<Rpc["nameserver"], "showOpStatus" | "showTablet" | "showTables" | "autoFailover"> } = {
    nameserver: {
      autoFailover: async () => autoFailover,
      showOpStatus: async () => [],
      showTablet: async () => replicas.map(({ endpoint, registered = true }) => ({ endpoint, state: registered ? "kHealthy" : "kOffline", age: 1 })),
      showTables: async () => [
        {
          db: "db",
          name: "t",
          tid: 6,
          replica_num: replicas.length,
          storage_mode: "kMemory",
          table_partition: [
            {
              pid: 0,
              partition_meta: replicas.map(({ endpoint, leads, alive = true, own, known }) => ({
                endpoint,
                is_leader: leads,
                is_alive: alive,
                offset: known ?? (typeof own === "string" ? 0 : own.offset),
                record_cnt: 0,
                record_byte_size: 0,
              })),
              term_offset: [{ term: 3, offset: began }],
            },
          ],
        },
      ],
    },
    tablet: (endpoint) =>
      ({
        tableStatus: async () => {
          const { own } = at(endpoint);
          if (own === "silent") throw new Unreachable(`${endpoint} did not answer`);
          if (own === "nothing") return [];
          const { offset, mode, state = "kTableNormal" } = own;
          return [{ tid: 6, pid: 0, name: "t", record_cnt: 0, storage_mode: "kMemory", offset, mode, state }];
        },
      }) as unknown as ReturnType<Rpc["tablet"]>,
  };
  return { rpc, now: () => 0 } as unknown as OmCluster;
}
