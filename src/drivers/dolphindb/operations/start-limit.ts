// Starts that ended by themselves: after a few a person is asked, with the node's own log. Counted in this process: whoever resumes the run tries anew.
import { StillwaterError } from "../../../model/errors.ts";
import type { DdNode } from "../cluster.ts";
import { lastLog } from "../processes.ts";

const enough = 3;

export class StartLimit {
  readonly #starts = new Map<string, number>();

  /** Before a start. Error SW2106 when that many have ended already. */
  async count(step: readonly string[], down: readonly DdNode[]): Promise<void> {
    const key = step.join(" ");
    const starts = this.#starts.get(key) ?? 0;
    if (starts < enough) {
      this.#starts.set(key, starts + 1);
      return;
    }
    this.#starts.delete(key);
    throw new StillwaterError("SW2106", `${down.map(({ name }) => name).join(", ")} ended after ${String(starts)} starts: ${await logsOf(down)}`, {
      object: down[0]?.name ?? "",
    });
  }
  succeeded(step: readonly string[]): void {
    this.#starts.delete(step.join(" "));
  }
}

export const logsOf = async (nodes: readonly DdNode[]): Promise<string> =>
  (await Promise.all(nodes.map(async (node) => `${node.name}: ${await lastLog(node)}`))).join("; ");
