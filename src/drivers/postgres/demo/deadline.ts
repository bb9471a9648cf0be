import { setTimeout as pause } from "node:timers/promises";
import { Unreachable } from "../../../model/errors.ts";

/** Asks until `condition` answers with something other than null. Error SW3003 at the deadline, with what the condition said last. */
export async function until<T>(what: string, timeoutMs: number, condition: () => Promise<T | null> | T | null, everyMs = 5): Promise<T> {
  const end = performance.now() + timeoutMs;
  let last: unknown = null;
  for (;;) {
    try {
      const answer = await condition();
      if (answer !== null) return answer;
    } catch (cause) {
      last = cause;
    }
    if (performance.now() > end) {
      throw new Unreachable(`${what}: not so after ${String(timeoutMs / 1000)} s`, {
        code: "SW3003",
        why: last instanceof Error ? [last.message] : [],
        ...(last === null ? {} : { cause: last }),
      });
    }
    await pause(everyMs);
  }
}
