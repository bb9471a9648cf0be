import type { Database } from "../database.ts";
import type { Instance } from "../entities.ts";

/** Instances by node and business date: asked by the thousand in every round. */
export class Dag {
  readonly #database: Database;
  readonly #byNode = new Map<string, Instance[]>();

  constructor(database: Database) {
    this.#database = database;
    // Only the instances of nodes that others wait for, or that wait for others.
    const linked = new Set(Object.values(database.data.nodes).flatMap(({ id, upstream }) => (upstream.length === 0 ? [] : [id, ...upstream])));
    for (const instance of Object.values(database.data.instances)) {
      if (!linked.has(instance.nodeId)) continue;
      const of = this.#byNode.get(instance.nodeId);
      if (of === undefined) this.#byNode.set(instance.nodeId, [instance]);
      else of.push(instance);
    }
  }

  /** What it waits for: of each upstream node the instance of the same business date that is due last, but not after it; the first one if all are. */
  upstream(instance: Instance): readonly Instance[] {
    return this.#database.node(instance.nodeId).upstream.flatMap((nodeId) => {
      const same = (this.#byNode.get(nodeId) ?? [])
        .filter(({ bizDate }) => bizDate === instance.bizDate)
        .toSorted((left, right) => left.dueTime - right.dueTime);
      return same.findLast(({ dueTime }) => dueTime <= instance.dueTime) ?? same[0] ?? [];
    });
  }
  downstream(instance: Instance): readonly Instance[] {
    const nodes = Object.values(this.#database.data.nodes).filter(({ upstream }) => upstream.includes(instance.nodeId));
    return nodes.flatMap(({ id }) => (this.#byNode.get(id) ?? []).filter((each) => this.upstream(each).some((up) => up.id === instance.id)));
  }
}
