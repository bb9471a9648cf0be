// Starts of nodes that did not last: after a few a person is asked, with the node's own log. A node that answered and ended again has not started either, so
// only one that is ready is forgotten. Counted in this process: whoever resumes the run tries anew.
import { StillwaterError } from "../../../model/errors.ts";
import type { DdNode } from "../cluster.ts";
import { lastLog } from "../processes.ts";

const enough = 3;

export class StartLimit {
  readonly #starts = new Map<string, number>();

  /** Before a start. Error SW2106 when one of them has ended as often already. */
  async count(down: readonly DdNode[]): Promise<void> {
    const given = down.filter(({ name }) => (this.#starts.get(name) ?? 0) >= enough);
    if (given.length === 0) {
      for (const { name } of down) this.#starts.set(name, (this.#starts.get(name) ?? 0) + 1);
      return;
    }
    this.ready(given.map(({ name }) => name));
    throw new StillwaterError("SW2106", `${given.map(({ name }) => name).join(", ")} ended after ${String(enough)} starts: ${await logsOf(given)}`, {
      object: given[0]?.name ?? "",
    });
  }
  ready(names: readonly string[]): void {
    for (const name of names) this.#starts.delete(name);
  }
}

export const logsOf = async (nodes: readonly DdNode[]): Promise<string> =>
  (await Promise.all(nodes.map(async (node) => `${node.name}: ${await lastLog(node)}`))).join("; ");
