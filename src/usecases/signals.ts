import { RunFold } from "../engine/run-fold.ts";
import type { RunRecord, Signal, Store } from "../journal/store.ts";

/**
 * Asks whoever works on the run to stand still. False: an abort was asked for and has not begun yet. The last signal counts, so a pause would overtake
 * it, and the next resume would carry on with a change that was called off. Once the abort has begun, it may be paused like everything else.
 */
export async function askToPause(store: Store, record: RunRecord, asked: { readonly by: string; readonly reason: string }): Promise<boolean> {
  const pause: Signal = { desired: "pause", ...asked };
  if (await store.signalUnlessAbort(record.id, pause)) return true;
  const entries = await store.read(record.id, 0);
  const { aborting } = new RunFold(
    record.plan.turns,
    entries.map((entry) => entry.event),
  );
  if (aborting === null) return false;
  await store.signal(record.id, pause);
  return true;
}
