import { z } from "zod";
import { StillwaterError } from "../model/errors.ts";
import type { JournalEntry } from "../model/event.ts";
import { canonicalJson } from "../model/json.ts";
import { formatVersion } from "./event-schema.ts";
import { readEvent, readPlan } from "./record.ts";
import type { RunRecord, Store } from "./store.ts";

/** A run outside its store: what a support bundle holds. */
export interface ExportedRun {
  readonly store: string;
  readonly run: RunRecord;
  readonly entries: readonly JournalEntry[];
}

/**
 * A run as JSON lines: what it is, its plan, its journal, and how many entries there are, so that a file that was cut off is seen.
 * Ends with a newline. SW1004: no such run.
 */
export async function exportRun(store: Store, id: number): Promise<string> {
  const run = await store.run(id);
  if (run === null) throw new StillwaterError("SW1004", `There is no run ${id}`, { object: `run ${id}` });
  const entries = await store.read(id, 0);
  const lines = [
    { stillwater: "run", version: formatVersion, store: store.id, run: run.id, cluster: run.cluster, createdAt: run.createdAt },
    { plan: run.plan },
    ...entries,
    { entries: entries.length },
  ];
  return `${lines.map((line) => canonicalJson(line)).join("\n")}\n`;
}

const head = z.looseObject({
  stillwater: z.literal("run"),
  version: z.int(),
  store: z.string(),
  run: z.int(),
  cluster: z.string(),
  createdAt: z.number(),
});
const entryLine = z.strictObject({ n: z.int(), epoch: z.int(), at: z.number(), event: z.unknown() });

/** Reads what any release has exported. SW4003 for a text that is cut off, damaged or of a newer release. */
export function readExport(text: string): ExportedRun {
  const lines = text.trimEnd().split("\n");
  const [first, plan, ...rest] = lines.map((line, index): unknown => {
    try {
      return JSON.parse(line);
    } catch (error) {
      throw notAnExport(`line ${index + 1} is not JSON`, error);
    }
  });
  const header = head.safeParse(first);
  if (!header.success) throw notAnExport("it does not begin as one");
  const { version, store, run, cluster, createdAt } = header.data;
  const planText = z.strictObject({ plan: z.unknown() }).safeParse(plan);
  const end = z.strictObject({ entries: z.int() }).safeParse(rest.pop());
  if (!planText.success || !end.success) throw notAnExport("it is cut off");
  if (end.data.entries !== rest.length) throw notAnExport(`it has ${rest.length} of ${end.data.entries} entries`);
  return {
    store,
    run: { id: run, cluster, plan: readPlan(run, version, JSON.stringify(planText.data.plan)), createdAt },
    entries: rest.map((line, index) => {
      const entry = entryLine.safeParse(line);
      if (!entry.success || entry.data.n !== index + 1) throw notAnExport(`entry ${index + 1} is missing`);
      return { ...entry.data, event: readEvent(run, entry.data.n, version, JSON.stringify(entry.data.event)) };
    }),
  };
}

function notAnExport(why: string, cause?: unknown): StillwaterError {
  return new StillwaterError("SW4003", "The file is not a whole exported run", { why: [why], cause });
}
