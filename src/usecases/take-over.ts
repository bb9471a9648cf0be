import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { StillwaterError } from "../model/errors.ts";
import { openRun } from "./apply.ts";
import { readRecords } from "./host-claims.ts";
import { grip } from "./worker.ts";
import type { Workspace } from "./workspace.ts";

export interface TakenOver {
  readonly cluster: string;
  /** Whom the hosts named as their holder before, one line each; empty: nobody held them. */
  readonly from: readonly string[];
  readonly epoch: number;
  readonly by: string;
  readonly reason: string;
}

/**
 * Takes a cluster from a Stillwater with another journal that is gone for good: every host gets a higher epoch, so that whatever the old one still
 * sends is refused; then the cluster is free. Errors SW1006 (no reason), SW2001 (a living process with this journal), SW3001.
 */
export async function takeOver(workspace: Workspace, request: { readonly reason: string }): Promise<TakenOver> {
  const { reason } = request;
  if (reason.trim() === "") throw new StillwaterError("SW1006", "A take-over needs a reason.", {});
  const { cluster, hosts } = await workspace.definition();
  const records = await readRecords(await Promise.all(hosts.map((host) => workspace.claimableHost(host.name))));
  const from = records.flatMap((record, index) =>
    record === null || record.holder === "" ? [] : [`${hosts[index]?.name ?? ""}: ${record.holder}, ${record.verb}`],
  );
  const held = await grip(workspace, "claim", true);
  try {
    const taken: TakenOver = { cluster, from, epoch: held.claim.epoch, by: workspace.who, reason };
    // Where there is no run to write it into, it is still kept who did it and why.
    await mkdir(workspace.stateDirectory, { recursive: true, mode: 0o700 });
    await appendFile(
      join(workspace.stateDirectory, "take-overs.jsonl"),
      `${JSON.stringify({ at: new Date(workspace.now()).toISOString(), ...taken })}\n`,
      { mode: 0o600 },
    );
    const open = await openRun(held.store, cluster);
    if (open !== null) {
      const what = `taken over by ${workspace.who}: ${reason}${from.length === 0 ? "" : ` (before: ${from.join("; ")})`}`;
      await held.store.append(held.claim, open.id, [{ is: "alarm", what, step: null }]);
    }
    return taken;
  } finally {
    await held.release();
  }
}
