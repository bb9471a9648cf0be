// The smallest cluster in which something can go wrong, and a run on it that is brought to its end.
import { expect } from "vitest";
import { goalOf, type MemoryRun, type MemoryRunOptions } from "./memory-run.ts";

export const small: MemoryRunOptions = { partitions: 3, flags: { nameserver: { system_table_replica_num: "1" } } };
export const restart = (options: Readonly<Record<string, string>> = {}) =>
  goalOf({ restart: true, only: ["tablet1"], options: { "single-replica": "allow-unavailable", ...options } });

/** Processes one after another until the run ends; whatever kills one of them does so once. */
export async function toTheEnd(run: MemoryRun, atMost = 6): Promise<void> {
  for (let life = 0; life < atMost; life++) {
    const outcome = await run.process();
    if (outcome === "killed") {
      run.journaled = run.journaling = () => undefined;
      continue;
    }
    expect(outcome).toEqual({ is: run.signal.desired === "abort" ? "aborted" : "succeeded" });
    return;
  }
  throw new Error("it does not end");
}
