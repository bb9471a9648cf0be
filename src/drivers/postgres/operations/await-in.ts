import { Unreachable } from "../../../model/errors.ts";
import type { Fence } from "../../../model/fence.ts";

/** How long an act waits for what it began: then the look goes on. */
const actWaitMs = 2_000;

/** Polls a condition inside an act, where every round of the engine would cost more. Returns false at the deadline: the look judges. */
export async function awaitIn(fence: Fence, condition: () => Promise<boolean>, everyMs = 4): Promise<boolean> {
  const end = performance.now() + actWaitMs;
  while (performance.now() < end && !fence.signal.aborted) {
    try {
      if (await condition()) return true;
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  return false;
}
