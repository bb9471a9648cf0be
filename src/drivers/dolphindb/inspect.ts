// One observation of the whole cluster.
import { Unreachable } from "../../model/errors.ts";
import type { DdFacts } from "./facts.ts";
import type { OpenedCluster } from "./open-cluster.ts";

export class Inspector {
  readonly #cluster: OpenedCluster;
  constructor(cluster: OpenedCluster) {
    this.#cluster = cluster;
  }
  /** Throws Unreachable when the cluster cannot be seen. */
  inspect(): Promise<DdFacts> {
    return Promise.reject(new Unreachable("the cluster cannot be observed yet", { object: this.#cluster.cluster }));
  }
}
