// An application beside a demo: one writer with a list of data nodes that sends a row again, elsewhere, until it is acknowledged (DD-12).
import { setTimeout as after } from "node:timers/promises";
import { LabClient } from "../processes/ask.ts";
import { nodesOf, type LabFile } from "../processes/lab-file.ts";

export interface ApplicationFigures {
  readonly acknowledged: number;
  /** Sends that were answered with an error, or not at all. */
  readonly failed: number;
  /** Acknowledged rows that are not in the table. */
  readonly lost: number;
  /** Milliseconds between two acknowledgements. */
  readonly longestGapMs: number;
}
export interface Application {
  /** Ends the writer, and reads every row back. */
  stop(): Promise<ApplicationFigures>;
}

const DATABASE = "dfs://shop";
const TABLE = "orders";
const PARTITIONS = 12;
/** Rows of the lab itself are below. */
const FIRST_ID = 1_000_000;
const EVERY_MS = 40;
/** The vendor's API waits that long between two rounds over its sites; times the scale of the lab. */
const ROUND_MS = 1_000;

export function startApplication(lab: LabFile): Application {
  const client = new LabClient(lab);
  const sites = nodesOf(lab, "datanode").map(({ endpoint }) => endpoint);
  const acknowledged = new Set<number>();
  let failed = 0;
  let longestGapMs = 0;
  const ending = new AbortController();

  const write = async (): Promise<void> => {
    let last = Date.now();
    let site = 0;
    for (let id = FIRST_ID; !ending.signal.aborted; id += 1) {
      for (;;) {
        const row = { part: ["int", [id % PARTITIONS]], id: ["long", [id]], sum: ["double", [id / 4]] } as const;
        const answer = await client.call(sites[site % sites.length] ?? "", `tableInsert{loadTable("${DATABASE}", "${TABLE}")}`, [row]);
        if (answer.kind === "value" && Number(answer.value) === 1) break;
        failed += 1;
        site += 1;
        if (ending.signal.aborted) return;
        await after(ROUND_MS * lab.scale);
      }
      acknowledged.add(id);
      const now = Date.now();
      longestGapMs = Math.max(longestGapMs, now - last);
      last = now;
      await after(EVERY_MS);
    }
  };
  const writing = write();
  return {
    async stop() {
      ending.abort();
      await writing;
      try {
        const stored = new Set(await idsOf(client, sites));
        const lost = [...acknowledged].filter((id) => !stored.has(id)).length;
        return { acknowledged: acknowledged.size, failed, lost, longestGapMs };
      } finally {
        client.close();
      }
    },
  };
}

/** Error with the last answer when no data node gives the rows: that nobody could count is not that nothing is lost. */
async function idsOf(client: LabClient, sites: readonly string[]): Promise<readonly number[]> {
  let said = "";
  for (const site of sites) {
    const answer = await client.script(site, `select id from loadTable("${DATABASE}", "${TABLE}") where id >= ${String(FIRST_ID)}`);
    if (answer.kind === "rows") return answer.rows.map(({ id }) => Number(id));
    said = `${site}: ${answer.kind === "error" ? answer.message : answer.kind}`;
  }
  throw new Error(`the application's rows cannot be read back: ${said}`);
}
