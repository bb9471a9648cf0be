// An application beside a lab: it writes through the APIServers, keeps a log of what was acknowledged, and reads everything back.
import { join } from "node:path";
import { RealClock } from "../../kit/real-clock.ts";
import { RealDisk } from "../../kit/real-disk.ts";
import { RealNetwork } from "../../kit/real-network.ts";
import { readLog } from "../load/acknowledgement-log.ts";
import { loadFigures, type LoadFigures } from "../load/figures.ts";
import { readBack } from "../load/read-back.ts";
import { LoadWriter, type LoadOptions } from "../load/writer.ts";
import { nodesOf } from "./ask.ts";
import { readLabFile, type LabFile } from "./lab-file.ts";

export interface LabLoadOptions {
  /** Default: the first table of the lab. */
  readonly table?: { readonly db: string; readonly name: string };
  /** Rows a second. */
  readonly perSecond?: number;
}
export interface LabLoadResult {
  readonly figures: LoadFigures;
  /** Acknowledged rows that are not there any more. */
  readonly lost: number;
  readonly corrupted: number;
  readonly duplicated: number;
}
export interface RunningLoad {
  readonly table: { readonly db: string; readonly name: string };
  /** No row is sent any more; everything is read back. Throws CannotRead when no APIServer answers. */
  stop(): Promise<LabLoadResult>;
}

/** Error when the lab has no APIServer or none answers. */
export async function startLoad(directory: string, options: LabLoadOptions = {}): Promise<RunningLoad> {
  const lab = readLabFile(directory);
  const table = options.table ?? firstTable(lab);
  const apiservers = nodesOf(lab, "apiserver").map(({ endpoint }) => endpoint);
  if (apiservers.length === 0) throw new Error("the lab has no APIServer to write through; bring it up with --apiservers 1 or more");
  const network = new RealNetwork();
  const disk = new RealDisk();
  const series = `${String(process.pid)}-${Date.now().toString(36)}`;
  const log = join(directory, "load", `${table.db}.${table.name}-${series}.jsonl`);
  const writing: LoadOptions = {
    network,
    disk,
    clock: new RealClock(),
    from: "lab-load",
    apiservers,
    db: table.db,
    table: table.name,
    perSecond: options.perSecond ?? 100,
    log,
    series,
  };
  const writer = new LoadWriter(writing);
  await writer.start();
  return {
    table,
    stop: async () => {
      await writer.stop();
      try {
        const rows = readLog(disk, log);
        const { missing, corrupted, duplicated } = await readBack(writing, rows);
        return { figures: loadFigures(rows), lost: missing.length, corrupted: corrupted.length, duplicated: duplicated.length };
      } finally {
        network.close();
      }
    },
  };
}

function firstTable({ tables }: LabFile): { readonly db: string; readonly name: string } {
  const [first] = tables;
  if (first === undefined) throw new Error("the lab has no table");
  return first;
}

export function loadLines(table: RunningLoad["table"], { figures, lost, corrupted, duplicated }: LabLoadResult): readonly string[] {
  const { sent, acknowledged, refused, unknown, latencyMs, longestGapMs, words } = figures;
  const gap = Math.max(0, ...Object.values(longestGapMs));
  return [
    `lab load on ${table.db}.${table.name}: ${String(sent)} rows sent, ${String(acknowledged)} acknowledged, ${String(refused)} refused, ${String(unknown)} unknown`,
    `  lost ${String(lost)} of ${String(acknowledged)} acknowledged, corrupted ${String(corrupted)}, duplicated ${String(duplicated)}`,
    `  longest time without an acknowledgement of one partition ${String(Math.round(gap))} ms${latencyMs === null ? "" : `; p99 ${String(Math.round(latencyMs.p99))} ms, maximum ${String(Math.round(latencyMs.max))} ms`}`,
    ...Object.entries(words)
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, 5)
      .map(([what, count]) => `  ${String(count)} times: ${what}`),
  ];
}
