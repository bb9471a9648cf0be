import type { Surroundings } from "../node.ts";
import type { NameserverFaults } from "./faults.ts";
import type { NameserverFlags } from "./flags.ts";
import type { Catalog } from "./metadata.ts";
import type { Mutex } from "./mutex.ts";
import type { Store } from "./store.ts";
import type { TabletClient } from "./tablet-client.ts";

export interface KnownTablet {
  state: "kHealthy" | "kOffline";
  /** When it came into that state. */
  since: number;
}

/** What the parts of one nameserver process share. */
export interface Context {
  readonly endpoint: string;
  readonly flags: NameserverFlags;
  readonly surroundings: Surroundings;
  readonly faults: NameserverFaults;
  readonly store: Store;
  readonly client: TabletClient;
  readonly catalog: Catalog;
  /** Guards the metadata and the queues of operations, as one lock does in OpenMLDB. */
  readonly lock: Mutex;
  /** Every tablet that was registered since this process began. */
  readonly tablets: Map<string, KnownTablet>;
  /** It leads, and has recovered what its predecessor left. */
  running: boolean;
  autoFailover: boolean;
  /** Last one given. */
  tableIndex: number;
  term: number;
}

export const isHealthy = (context: Context, endpoint: string): boolean => context.tablets.get(endpoint)?.state === "kHealthy";
export const healthyTablets = (context: Context): readonly string[] =>
  [...context.tablets].flatMap(([endpoint, { state }]) => (state === "kHealthy" ? [endpoint] : [])).toSorted();
