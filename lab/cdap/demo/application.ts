// The users beside a demo: producers whose records go through the platform's real-time pipelines, and who count what has arrived.
import { setTimeout as after } from "node:timers/promises";
import type { DemoLoad } from "../../../src/model/demo.ts";
import type { Account } from "../apps/streaming/streaming-data.ts";
import { LabClient } from "../processes/ask.ts";
import type { LabFile } from "../processes/lab-file.ts";

const EVERY_MS = 500;
/** What is in flight at the end has to arrive. */
const ARRIVES_MS = 30_000;

/** `lost`: taken from their sources, and in no sink, run or checkpoint any more. `longestGapMs`: without a record that arrived anywhere. */
export function startApplication(lab: LabFile): DemoLoad {
  const client = new LabClient(lab);
  const ending = new AbortController();
  let longestGapMs = 0;
  let failed = 0;
  const accounts = async (): Promise<Readonly<Record<string, Account>> | null> => client.page<Record<string, Account>>("oracle", null);
  const arrived = (found: Readonly<Record<string, Account>>): number => Object.values(found).reduce((sum, { delivered }) => sum + delivered, 0);

  const watch = async (): Promise<void> => {
    let last = Date.now();
    let before = -1;
    while (!ending.signal.aborted) {
      const found = await accounts();
      if (found === null) failed += 1;
      else if (arrived(found) !== before) {
        if (before >= 0) longestGapMs = Math.max(longestGapMs, Date.now() - last);
        before = arrived(found);
        last = Date.now();
      }
      await after(EVERY_MS);
    }
  };
  const watching = watch();
  return {
    async stop() {
      ending.abort();
      await watching;
      try {
        const taken = Object.entries((await accounts()) ?? {}).map(([name, account]) => [name, account.taken] as const);
        if (taken.length === 0) throw new Error("nobody says what has become of the records");
        // A record that is still nowhere is not yet one that is lost, nor one that has arrived.
        await client.until(
          "everything that was taken has arrived, or is lost",
          async () => {
            const now = (await accounts()) ?? {};
            return taken.every(([name, count]) => (now[name]?.delivered ?? 0) + (now[name]?.lost ?? 0) >= count);
          },
          ARRIVES_MS,
        );
        const last = Object.entries((await accounts()) ?? {});
        const sum = (of: keyof Account): number => last.reduce((total, [, account]) => total + account[of], 0);
        return { acknowledged: sum("delivered"), failed, lost: sum("lost"), longestGapMs, told: toldOf(last, longestGapMs) };
      } finally {
        client.close();
      }
    },
  };
}

function toldOf(accounts: readonly (readonly [string, Account])[], longestGapMs: number): string {
  const each = accounts.map(
    ([name, { delivered, lost, duplicates }]) => `${name} ${String(delivered)} arrived, ${String(lost)} lost, ${String(duplicates)} twice`,
  );
  return `The lab's sources and sinks say of the real-time pipelines' records: ${each.join("; ")}. Nothing arrived for ${String(Math.round(longestGapMs / 1_000))} s at most; what was made meanwhile waited at its source.`;
}
